"""Datasets: file systems and volumes, their state as the box shows it, and their events. Pure."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from calypso.kernel.events import Event, Kind, event

DatasetType = Literal["filesystem", "volume"]
Source = Literal["local", "received", "temporary", "none", "inherited", "default"]
QuotaKind = Literal["user", "group", "project"]
MOST_NAMES = 1000  # in one batched event


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def dataset_address(name: str) -> str:
    return f"storage.dataset.{name}"


def root_dataset(pool: UUID) -> UUID:
    """The id of a pool's own root dataset, which comes with the pool."""
    return uuid5(pool, "root dataset")


def pool_of(name: str) -> str:
    """The name of the pool that a dataset, snapshot or bookmark lives in."""
    return name.partition("/")[0].partition("@")[0].partition("#")[0]


def parent_of(name: str) -> str:
    """The name of the dataset that this one is in; "" for a pool's root."""
    return name.rpartition("/")[0]


class PropertyValue(_Value):
    """A property as ``zfs get -p`` prints it: sizes in bytes, without unit."""

    value: str
    source: Source


class DatasetState(_Value):
    """All that the box shows of a dataset but what changes all the time: a scan compares and records this.

    ``properties`` has what is set on the dataset itself (source local, received or temporary), and of those fixed at
    its creation volblocksize, and what differs from the default (source none). What it inherits or has by default is
    not here: it is found by its parents (domain/inheritance.py), so that one change of a parent is one change.
    mountpoint: a path, ``legacy``, ``none``, or "" for a volume. encryption: ``off`` or a cipher. created_at: Unix
    seconds. origin: the snapshot that it is a clone of, or "". key_status: "", ``available`` or ``unavailable``.
    """

    name: str
    type: DatasetType
    guid: str
    origin: str
    created_at: int
    mountpoint: str
    mounted: bool
    encryption: str
    encryption_root: str
    key_status: str
    key_format: str
    key_location: str
    volsize: int | None
    properties: dict[str, PropertyValue]


class DatasetEvent(Event):
    """Of one dataset, by the name that it has after the event."""

    dataset: UUID
    pool: UUID
    name: str

    def keys(self) -> tuple[str, ...]:
        return (dataset_address(self.name),)


class Key(_Value):
    """How a dataset's key is given. ``secret`` is the reference of a key that Calypso keeps, or ""."""

    encryption: str
    format: str
    location: str
    secret: str = ""
    fingerprint: str = ""


@event("storage.DatasetCreated.v1", Kind.CONFIGURATION)
class DatasetCreated(DatasetEvent):
    """As it was asked for; the next scan tells what the box made of it. ``key``: of a new encryption root."""

    type: DatasetType
    volsize: int | None
    properties: dict[str, str]
    encryption: str
    encryption_root: str
    key: Key | None


@event("storage.DatasetPropertiesSet.v1", Kind.CONFIGURATION)
class DatasetPropertiesSet(DatasetEvent):
    """``values`` are now set on it, ``inherited`` are no longer; ``volsize`` in bytes where that was set."""

    values: dict[str, str]
    inherited: tuple[str, ...]
    volsize: int | None


@event("storage.DatasetRenamed.v1", Kind.CONFIGURATION)
class DatasetRenamed(DatasetEvent):
    """It and all below it have new names."""

    before: str

    def keys(self) -> tuple[str, ...]:
        return (dataset_address(self.name), dataset_address(self.before))


@event("storage.DatasetPromoted.v1", Kind.CONFIGURATION)
class DatasetPromoted(DatasetEvent):
    """It is no clone any more: ``former`` is its clone now, and ``snapshots`` (names behind the @) came over from it.

    ``snapshot`` is the one of them that both share.
    """

    former: str
    former_dataset: UUID
    snapshot: str
    snapshots: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (dataset_address(self.name), dataset_address(self.former))


class DatasetName(_Value):
    dataset: UUID
    name: str


@event("storage.DatasetDestroyed.v1", Kind.CONFIGURATION)
class DatasetDestroyed(DatasetEvent):
    """``datasets`` are gone, with all their snapshots: ``name``, what was below it, clones (≤ MOST_NAMES an event)."""

    datasets: tuple[DatasetName, ...]

    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([dataset_address(self.name), *(dataset_address(d.name) for d in self.datasets)]))


class Quota(_Value):
    """What a user, group or project may use: bytes and number of files and folders; None for no limit."""

    kind: QuotaKind
    who: str
    space: int | None
    objects: int | None


@event("storage.QuotasSet.v1", Kind.CONFIGURATION)
class QuotasSet(DatasetEvent):
    """All quotas in force by configuration."""

    quotas: tuple[Quota, ...]


@event("storage.KeyChanged.v1", Kind.CONFIGURATION)
class KeyChanged(DatasetEvent):
    """``key`` None: it takes its parent's, whose encryption root is ``encryption_root``."""

    encryption_root: str
    key: Key | None


@event("storage.KeyExported.v1", Kind.SECURITY)
class KeyExported(DatasetEvent):
    """Somebody was shown a key that Calypso keeps: ``key`` is its reference."""

    key: str
    fingerprint: str


@event("storage.KeyLoaded.v1", Kind.OBSERVATION)
class KeyLoaded(DatasetEvent):
    """The key of this encryption root is there."""


@event("storage.KeyUnloaded.v1", Kind.OBSERVATION)
class KeyUnloaded(DatasetEvent):
    """The key of this encryption root is gone from memory."""


@event("storage.DatasetMounted.v1", Kind.OBSERVATION)
class DatasetMounted(DatasetEvent):
    pass


@event("storage.DatasetUnmounted.v1", Kind.OBSERVATION)
class DatasetUnmounted(DatasetEvent):
    """``datasets``: it, and what was mounted below it."""

    datasets: tuple[UUID, ...]
