"""What plans need to know of datasets: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from apps.storage.domain.datasets import DatasetType
from calypso.kernel.plans import Dependent


@dataclass(frozen=True)
class SnapshotFacts:
    """A snapshot: its full name, its transaction group (the order of snapshots), the tags that hold it."""

    name: str
    txg: int
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetFacts:
    """A dataset. ``own`` are the values set on it itself; ``values`` those in effect; sizes in bytes, None: unknown.

    ``key``: the reference of its key that Calypso keeps, or "".
    """

    id: UUID
    pool: UUID
    name: str
    type: DatasetType
    guid: str = ""
    origin: str = ""
    mountpoint: str = ""
    mounted: bool = False
    encryption: str = "off"
    encryption_root: str = ""
    key_status: str = ""
    key_format: str = ""
    key: str = ""
    volsize: int | None = None
    own: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    used: int | None = None
    referenced: int | None = None
    available: int | None = None

    @property
    def is_root(self) -> bool:
        """Whether it is its pool's own."""
        return "/" not in self.name

    @property
    def is_encryption_root(self) -> bool:
        return self.encryption_root == self.name != ""


@dataclass(frozen=True)
class PoolState:
    """Whether a pool can be written to."""

    id: UUID
    name: str
    state: str
    read_only: bool


@dataclass(frozen=True)
class Surroundings:
    """A dataset with what is below it, its snapshots and theirs, clones of them elsewhere, and what uses it all."""

    pool: PoolState
    it: DatasetFacts
    below: tuple[DatasetFacts, ...] = ()
    snapshots: tuple[SnapshotFacts, ...] = ()
    clones: tuple[DatasetFacts, ...] = ()
    users: tuple[Dependent, ...] = ()
