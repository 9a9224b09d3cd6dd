"""Snapshots and bookmarks: their names, their state as the box shows it, and their events. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from calypso.kernel.errors import Invalid
from calypso.kernel.events import Event, Kind, event

MOST_ITEMS = 1000  # in one batched event
MOST_KEYS = 50  # datasets that an event is filed under one by one; beyond that under their pool alone
LONGEST = 255  # pool/dataset@snapshot together: ZFS_MAX_DATASET_NAME_LEN without its NUL
_ALLOWED = re.compile(r"[A-Za-z0-9_.: -]")
_HINT = "Use letters, digits and - _ . : without a blank at an end, for example “before-upgrade”."

T = TypeVar("T")


def snapshot_stream(pool: UUID) -> UUID:
    """The stream of all events about snapshots and bookmarks in a pool."""
    return uuid5(pool, "snapshots")


def snapshot_id(dataset: UUID, name: str) -> str:
    return f"{dataset}@{name}"


def bookmark_id(dataset: UUID, name: str) -> str:
    return f"{dataset}#{name}"


def snapshot_address(full_name: str) -> str:
    return f"storage.snapshot.{full_name}"


def check_part(name: str, field: str, *, what: str = "snapshot", of: str = "") -> None:
    """Raises Invalid unless ZFS takes what stands behind the @ or # (zfs_namecheck.c). ``of``: before it."""
    bad = next((letter for letter in name if not _ALLOWED.match(letter)), None)
    rules = (
        (not name, f"A {what} needs a name"),
        (bad is not None, f"The {what}'s name holds {bad!r}, which ZFS does not take"),
        (name in (".", ".."), f"A {what} can't be named “{name}”"),
        (name != name.strip(), f"The {what}'s name must not begin or end with a blank"),
        (len(of) + 1 + len(name) > LONGEST, f"The {what}'s full name is longer than {LONGEST} characters"),
    )
    if problem := next((words for broken, words in rules if broken), ""):
        raise Invalid(f"{problem}.", field=field, code="bad_snapshot_name", hint=_HINT)


def split_name(full_name: str, field: str, *, sign: str = "@") -> tuple[str, str]:
    """``tank/a@b`` as (``tank/a``, ``b``). Raises Invalid unless it is one name of that form."""
    dataset, found, name = full_name.partition(sign)
    if not found or not dataset:
        raise Invalid(
            f"“{full_name}” is not of the form dataset{sign}name.",
            field=field,
            code="bad_snapshot_name",
            hint=f"Give the full name, for example “tank/data{sign}monday”.",
        )
    check_part(name, field, what="snapshot" if sign == "@" else "bookmark", of=dataset)
    return dataset, name


def chunks(items: Sequence[T], most: int = MOST_ITEMS) -> list[tuple[T, ...]]:
    """The items in order, at most so many together."""
    return [tuple(items[at : at + most]) for at in range(0, len(items), most)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SnapshotState(_Value):
    """A snapshot in full, as the box shows it. ``dataset_name`` as it was then; ``created_at`` in Unix seconds.

    ``holds``: tags, sorted. defer_destroy: it goes with its last hold and clone.
    """

    dataset: UUID
    dataset_name: str
    name: str
    guid: str
    created_at: int
    created_txg: int
    holds: tuple[str, ...] = ()
    defer_destroy: bool = False

    @property
    def id(self) -> str:
        return snapshot_id(self.dataset, self.name)

    @property
    def full_name(self) -> str:
        return f"{self.dataset_name}@{self.name}"


class SnapshotName(_Value):
    """One snapshot or bookmark by the dataset it is of."""

    dataset: UUID
    dataset_name: str
    name: str


class BookmarkState(SnapshotName):
    """A bookmark in full; ``guid`` is that of the snapshot it was made of."""

    guid: str
    created_at: int
    created_txg: int


class SnapshotEvent(Event):
    """``pool`` and ``name`` are those of the pool."""

    pool: UUID
    name: str

    def datasets(self) -> Iterable[str]:
        """The full names of the datasets it speaks of."""
        return ()

    def keys(self) -> tuple[str, ...]:
        named = dict.fromkeys(f"storage.dataset.{name}" for name in self.datasets())
        return (f"storage.pool.{self.name}", *(named if len(named) <= MOST_KEYS else ()))


class SnapshotsEvent(SnapshotEvent):
    items: tuple[SnapshotState, ...]

    def datasets(self) -> Iterable[str]:
        return [item.dataset_name for item in self.items]


class NamesEvent(SnapshotEvent):
    items: tuple[SnapshotName, ...]

    def datasets(self) -> Iterable[str]:
        return [item.dataset_name for item in self.items]


@event("storage.SnapshotsCreated.v1", Kind.CONFIGURATION)
class SnapshotsCreated(SnapshotsEvent):
    """Made together by one operation. ``schedule``: the name of the schedule that did, or ""."""

    schedule: str


@event("storage.SnapshotsFound.v1", Kind.OBSERVATION)
class SnapshotsFound(SnapshotsEvent):
    """Snapshots that are new to Calypso, or differ from what it knew (holds, deferred destruction, another guid)."""


@event("storage.SnapshotsGone.v1", Kind.OBSERVATION)
class SnapshotsGone(NamesEvent):
    """They are gone and Calypso did not destroy them."""


class DatasetRef(_Value):
    """A dataset, by its id and its name as it was then."""

    dataset: UUID
    name: str


@event("storage.SnapshotsDestroyed.v1", Kind.CONFIGURATION)
class SnapshotsDestroyed(SnapshotEvent):
    """Each of ``snapshots`` is gone from each dataset of ``of``; ``deferred`` go with their last hold or clone."""

    of: tuple[DatasetRef, ...]
    snapshots: tuple[str, ...]
    deferred: tuple[str, ...] = ()

    def datasets(self) -> Iterable[str]:
        return [dataset.name for dataset in self.of]


class OneSnapshotEvent(SnapshotEvent):
    """Of ``dataset``@``snapshot``."""

    dataset: UUID
    dataset_name: str
    snapshot: str

    def datasets(self) -> Iterable[str]:
        return (self.dataset_name,)

    def keys(self) -> tuple[str, ...]:
        return (*super().keys(), snapshot_address(f"{self.dataset_name}@{self.snapshot}"))


@event("storage.SnapshotRenamed.v1", Kind.CONFIGURATION)
class SnapshotRenamed(OneSnapshotEvent):
    """``snapshot`` is its new name; ``also``: the datasets below whose snapshots of the old name went with it."""

    before: str
    also: tuple[UUID, ...]


@event("storage.SnapshotRolledBack.v1", Kind.CONFIGURATION)
class SnapshotRolledBack(OneSnapshotEvent):
    """The dataset is as it was then. What was newer and went with it is told by the events beside this one."""


@event("storage.SnapshotCloned.v1", Kind.CONFIGURATION)
class SnapshotCloned(OneSnapshotEvent):
    """``clone`` is the new dataset, ``properties`` what was asked for it."""

    clone: UUID
    clone_name: str
    properties: dict[str, str]

    def keys(self) -> tuple[str, ...]:
        return (*super().keys(), f"storage.dataset.{self.clone_name}")


@event("storage.SnapshotHeld.v1", Kind.CONFIGURATION)
class SnapshotHeld(NamesEvent):
    """Each of ``items`` has the hold ``tag`` now."""

    tag: str


@event("storage.SnapshotReleased.v1", Kind.CONFIGURATION)
class SnapshotReleased(NamesEvent):
    """None of ``items`` has the hold ``tag`` any more; ``destroyed``: those that were only waiting for it."""

    tag: str
    destroyed: tuple[SnapshotName, ...] = ()


@event("storage.BookmarkCreated.v1", Kind.CONFIGURATION)
class BookmarkCreated(OneSnapshotEvent):
    """A bookmark of a snapshot."""

    bookmark: BookmarkState


@event("storage.BookmarkDestroyed.v1", Kind.CONFIGURATION)
class BookmarkDestroyed(NamesEvent):
    pass


@event("storage.BookmarksFound.v1", Kind.OBSERVATION)
class BookmarksFound(SnapshotEvent):
    """Bookmarks that are new to Calypso."""

    items: tuple[BookmarkState, ...]

    def datasets(self) -> Iterable[str]:
        return [item.dataset_name for item in self.items]


@event("storage.BookmarksGone.v1", Kind.OBSERVATION)
class BookmarksGone(NamesEvent):
    """They are gone and Calypso did not destroy them."""
