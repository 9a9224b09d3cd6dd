"""What plans need to know of the box: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

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
class PoolFacts:
    """What a plan needs to know of a pool. ``allocated`` in bytes; ``datasets`` are names."""

    id: UUID
    name: str
    state: str
    disks: tuple[str, ...]
    allocated: int = 0
    datasets: tuple[str, ...] = ()
