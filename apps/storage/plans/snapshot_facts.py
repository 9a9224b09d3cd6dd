"""What plans on snapshots need to know: plain data, and the checks that all of them make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.storage.domain.snapshots import DatasetRef, SnapshotName
from calypso.kernel.errors import Conflict, Invalid

NAMED = 5  # names that an error lists before it says how many more there are
HANGING = ("SUSPENDED", "UNAVAIL", "FAULTED", "MISSING")


@dataclass(frozen=True)
class Place:
    """A dataset, as far as its snapshots are concerned."""

    id: UUID
    name: str
    pool: UUID
    pool_name: str
    type: str = "filesystem"

    @property
    def ref(self) -> DatasetRef:
        return DatasetRef(dataset=self.id, name=self.name)


@dataclass(frozen=True)
class SnapshotFacts:
    """A snapshot; ``used``: bytes that it alone has, where a scan has seen it. ``clones``: full names."""

    of: Place
    name: str
    guid: str
    created_at: datetime
    created_txg: int
    holds: tuple[str, ...] = ()
    clones: tuple[str, ...] = ()
    defer_destroy: bool = False
    schedule: str = ""
    used: int | None = None

    @property
    def full_name(self) -> str:
        return f"{self.of.name}@{self.name}"

    @property
    def item(self) -> SnapshotName:
        return SnapshotName(dataset=self.of.id, dataset_name=self.of.name, name=self.name)

    @property
    def stays_because(self) -> str:
        """Why ZFS would not destroy it, or ""."""
        if self.holds:
            return f"held by {', '.join(self.holds)}"
        return f"the origin of {', '.join(self.clones)}" if self.clones else ""


@dataclass(frozen=True)
class BookmarkFacts:
    of: Place
    name: str
    guid: str
    created_txg: int

    @property
    def full_name(self) -> str:
        return f"{self.of.name}#{self.name}"

    @property
    def item(self) -> SnapshotName:
        return SnapshotName(dataset=self.of.id, dataset_name=self.of.name, name=self.name)


def check_pool(name: str, state: str, read_only: bool) -> None:
    """Raises Conflict for a pool on which the tool would hang, or that takes no change."""
    if state in HANGING:
        raise Conflict(
            f"Pool “{name}” is {state}: nothing can be done with its snapshots.",
            code="pool_suspended",
            hint="Bring its disks back and clear the pool first.",
        )
    if read_only:
        raise Conflict(
            f"Pool “{name}” is imported read-only.",
            code="pool_read_only",
            hint="Export the pool and import it without readonly.",
        )


def one_pool(places: Iterable[Place], field: str) -> Place:
    """One of the places, which must be in one pool. Raises Invalid."""
    found = {place.pool_name: place for place in places}
    if len(found) > 1:
        raise Invalid(
            f"These are in several pools: {', '.join(sorted(found))}.",
            field=field,
            code="different_pools",
            hint="ZFS does this at once only within one pool: ask once a pool.",
        )
    return next(iter(found.values()))


def listed(names: Iterable[str]) -> str:
    """Some names for a sentence: “a, b, c and 7 more”."""
    known = list(names)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more


def total(sizes: Iterable[int | None]) -> int | None:
    """The sum, None where nothing is known."""
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None
