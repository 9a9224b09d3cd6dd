"""What plans need to know of the box: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from calypso.kernel.plans import Dependent

# What `-f` may override: traces of former use. Anything else on a disk is in use now.
OVERRIDABLE = frozenset({"partition_table", "filesystem", "zfs_member"})


@dataclass(frozen=True)
class DiskFacts:
    """What a plan needs to know of a disk. ``uses`` are (kind, name); ``size`` in bytes."""

    id: str
    path: str
    serial: str
    size: int
    simulated: bool
    system: bool
    broken: bool
    read_only: bool
    uses: tuple[tuple[str, str], ...] = ()
    pool: str = ""


@dataclass(frozen=True)
class VdevFacts:
    """A vdev or disk of a pool as the box shows it; ``disk``: the id of the disk that it is, "" where that is away."""

    name: str
    type: str
    state: str
    guid: str = ""
    path: str = ""
    disk: str = ""
    errors: int = 0
    children: tuple[VdevFacts, ...] = ()

    def leaves(self) -> tuple[VdevFacts, ...]:
        if not self.children:
            return (self,)
        return tuple(leaf for child in self.children for leaf in child.leaves())


@dataclass(frozen=True)
class Top:
    """A top-level vdev in its role."""

    role: str
    vdev: VdevFacts


@dataclass(frozen=True)
class PoolFacts:
    """What a plan needs to know of a pool. ``allocated`` and ``free`` in bytes; ``datasets`` are names.
    ``snapshots`` counts them; ``keys`` refers to those that Calypso keeps for its datasets.

    ``properties`` as the box shows them. ``stops``: what uses the pool. ``version``: of ZFS.
    """

    id: UUID
    name: str
    state: str
    disks: tuple[str, ...]
    allocated: int = 0
    datasets: tuple[str, ...] = ()
    snapshots: int = 0
    keys: tuple[str, ...] = ()
    guid: str = ""
    read_only: bool = False
    tops: tuple[Top, ...] = ()
    free: int = 0
    properties: Mapping[str, str] = field(default_factory=dict)
    upgradable: bool = False
    checkpoint: bool = False
    removing: bool = False
    stops: tuple[Dependent, ...] = ()
    version: tuple[int, ...] = ()

    def leaves(self) -> tuple[VdevFacts, ...]:
        return tuple(leaf for top in self.tops for leaf in top.vdev.leaves())
