"""Pools: their events. Pure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from apps.storage.domain.disks import disk_address
from apps.storage.domain.vdevs import VdevWish
from calypso.kernel.events import Event, Kind, event


def pool_address(name: str) -> str:
    return f"storage.pool.{name}"


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
