"""Disks and pools: their events, and what a layout of vdevs is worth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from calypso.kernel.events import Event, Kind, event

VdevType = Literal["stripe", "mirror", "raidz1", "raidz2", "raidz3"]
Role = Literal["data", "log", "cache", "spare"]
DiskId = Annotated[str, StringConstraints(min_length=1, max_length=255)]

PARITY: dict[str, int] = {"raidz1": 1, "raidz2": 2, "raidz3": 3}
SPA_MIN_DEVICE = 64 * 1024 * 1024  # bytes; SPA_MINDEVSIZE of OpenZFS
SIZE_FUZZ = 16 * 1024 * 1024  # bytes; ZPOOL_FUZZ of zpool_vdev.c: sizes closer than this count as equal


def disk_stream(disk: str) -> UUID:
    """The stream of a disk, by its stable id."""
    return uuid5(NAMESPACE_URL, f"calypso:disk:{disk}")


ZFS_STREAM = uuid5(NAMESPACE_URL, "calypso:zfs")


def pool_address(name: str) -> str:
    return f"storage.pool.{name}"


def disk_address(disk: str) -> str:
    return f"storage.disk.{disk}"


class VdevWish(BaseModel):
    """A top-level vdev as it is asked for: disks by id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: VdevType
    disks: tuple[DiskId, ...] = Field(min_length=1, max_length=255)
    role: Role = "data"

    @property
    def survives(self) -> int:
        """How many of its disks may fail without loss of data."""
        return len(self.disks) - 1 if self.type == "mirror" else PARITY.get(self.type, 0)

    @property
    def fewest(self) -> int:
        """The fewest disks that such a vdev has."""
        return 2 if self.type == "mirror" else PARITY.get(self.type, 0) + 1


def survives(vdevs: Sequence[VdevWish]) -> int:
    """How many disks of a pool may fail, wherever they are, without loss of data."""
    return min((v.survives for v in vdevs if v.role == "data"), default=0)


def worth(vdevs: Sequence[VdevWish]) -> str:
    """The redundancy in words."""
    count = survives(vdevs)
    if count == 0:
        return "no redundancy: the loss of any one disk loses the pool"
    return f"survives the loss of any {count} disk{'s' if count > 1 else ''}"


class Use(BaseModel):
    model_config = ConfigDict(frozen=True)
    kind: str
    name: str


class DiskEvent(Event):
    disk: str

    def keys(self) -> tuple[str, ...]:
        return (disk_address(self.disk),)


class DiskState(DiskEvent):
    """A disk in full. ``size`` in bytes."""

    name: str
    path: str
    serial: str
    wwn: str
    model: str
    size: int
    rotational: bool | None
    transport: str
    removable: bool
    read_only: bool
    simulated: bool
    uses: tuple[Use, ...]
    slot: str
    broken: bool
    system: bool


@event("storage.DiskAttached.v1", Kind.OBSERVATION)
class DiskAttached(DiskState):
    pass


@event("storage.DiskChanged.v1", Kind.OBSERVATION)
class DiskChanged(DiskState):
    """``fields`` names what differs from before."""

    fields: tuple[str, ...]


@event("storage.DiskDetached.v1", Kind.OBSERVATION)
class DiskDetached(DiskEvent):
    name: str
    serial: str


class PoolEvent(Event):
    pool: UUID
    name: str

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name),)


@event("storage.PoolCreated.v1", Kind.CONFIGURATION)
class PoolCreated(PoolEvent):
    vdevs: tuple[VdevWish, ...]
    properties: dict[str, str]
    filesystem_properties: dict[str, str]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(d) for v in self.vdevs for d in v.disks))


@event("storage.PoolDestroyed.v1", Kind.CONFIGURATION)
class PoolDestroyed(PoolEvent):
    disks: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(d) for d in self.disks))


@event("storage.ScrubStarted.v1", Kind.OBSERVATION)
class ScrubStarted(PoolEvent):
    pass


@event("storage.ScrubPaused.v1", Kind.OBSERVATION)
class ScrubPaused(PoolEvent):
    pass


@event("storage.ScrubStopped.v1", Kind.OBSERVATION)
class ScrubStopped(PoolEvent):
    pass


class Scan(BaseModel):
    """The latest scrub or resilver; times in Unix seconds."""

    model_config = ConfigDict(frozen=True)
    function: str
    state: str
    started_at: int | None
    ended_at: int | None
    errors: int | None


class PoolSeen(PoolEvent):
    """A pool in full, as the box shows it. ``layout`` is {role: [vdev tree]}, ``disks`` the ids of its members."""

    guid: str
    state: str
    status: str
    action: str
    errors: str
    read_only: bool
    size: int
    layout: dict[str, list[dict[str, Any]]]
    disks: tuple[str, ...]
    scan: Scan | None


@event("storage.PoolDiscovered.v1", Kind.OBSERVATION)
class PoolDiscovered(PoolSeen):
    """A pool that Calypso did not make: created or imported behind its back."""


@event("storage.PoolChanged.v1", Kind.OBSERVATION)
class PoolChanged(PoolSeen):
    """``fields`` names what differs from before."""

    fields: tuple[str, ...]


@event("storage.PoolDegraded.v1", Kind.OBSERVATION)
class PoolDegraded(PoolSeen):
    """Its state became worse than ONLINE, or worse still."""

    before: str


@event("storage.PoolRecovered.v1", Kind.OBSERVATION)
class PoolRecovered(PoolSeen):
    """Its state is ONLINE again."""

    before: str


@event("storage.PoolVanished.v1", Kind.OBSERVATION)
class PoolVanished(PoolEvent):
    """It is gone and Calypso did not destroy it: destroyed or exported behind its back, or all its disks are away."""


@event("storage.ZfsHealthChanged.v1", Kind.OBSERVATION)
class ZfsHealthChanged(Event):
    """Whether ZFS answers. ``code`` and the words of the error when it does not."""

    ok: bool
    version: str
    code: str = ""
    message: str = ""
    detail: str = ""

    def keys(self) -> tuple[str, ...]:
        return ("storage.zfs",)
