"""Pools: their events. Pure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from apps.storage.domain.disks import disk_address
from apps.storage.domain.drift import Difference
from apps.storage.domain.vdevs import VdevWish
from calypso.kernel.events import Event, Kind, event, upcast


def pool_address(name: str) -> str:
    return f"storage.pool.{name}"


class PoolEvent(Event):
    pool: UUID
    name: str

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name),)


@event("storage.PoolCreated.v2", Kind.CONFIGURATION)
class PoolCreated(PoolEvent):
    vdevs: tuple[VdevWish, ...]
    properties: dict[str, str]
    filesystem_properties: dict[str, str]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(d) for v in self.vdevs for d in v.disks))


@upcast("storage.PoolCreated.v1", "storage.PoolCreated.v2")
def _before_draid(data: dict[str, Any]) -> dict[str, Any]:
    vdevs = [{**vdev, "group_data": None, "distributed_spares": 0} for vdev in data["vdevs"]]
    return {**data, "vdevs": vdevs}


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


class Removal(BaseModel):
    """The evacuation of a top-level vdev; ``state``: in_progress, finished, canceled. Times in Unix seconds."""

    model_config = ConfigDict(frozen=True)
    state: str
    started_at: int | None
    ended_at: int | None


class PoolSeen(PoolEvent):
    """A pool in full, as the box shows it.

    ``layout`` is {role: [vdev tree]}, ``disks`` the ids of its members, ``properties`` those that can be set, with ""
    for none. ``upgradable``: features that this version of ZFS has are not enabled in it.
    """

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
    properties: dict[str, str] = {}
    upgradable: bool = False
    checkpoint: bool = False
    removal: Removal | None = None


@event("storage.PoolDiscovered.v2", Kind.OBSERVATION)
class PoolDiscovered(PoolSeen):
    """A pool that Calypso did not make: created or imported behind its back."""


@event("storage.PoolChanged.v3", Kind.OBSERVATION)
class PoolChanged(PoolSeen):
    """``fields`` names what differs from before.

    ``drift``: all that it differs in from the configuration in force; None where that was not looked at.
    """

    fields: tuple[str, ...]
    drift: tuple[Difference, ...] | None = None


@event("storage.PoolDegraded.v2", Kind.OBSERVATION)
class PoolDegraded(PoolSeen):
    """Its state became worse than ONLINE, or worse still."""

    before: str


@event("storage.PoolRecovered.v2", Kind.OBSERVATION)
class PoolRecovered(PoolSeen):
    """Its state is ONLINE again."""

    before: str


@upcast("storage.PoolDiscovered.v1", PoolDiscovered.TYPE)
@upcast("storage.PoolChanged.v1", PoolChanged.TYPE)
@upcast("storage.PoolDegraded.v1", PoolDegraded.TYPE)
@upcast("storage.PoolRecovered.v1", PoolRecovered.TYPE)
def _before_properties(data: dict[str, Any]) -> dict[str, Any]:
    """The next scan tells what was not looked at then."""
    return {**data, "properties": {}, "upgradable": False, "checkpoint": False, "removal": None}


@upcast("storage.PoolChanged.v2", PoolChanged.TYPE)
def _drift_told_beside(data: dict[str, Any]) -> dict[str, Any]:
    """Drift was an event of its own then."""
    return {**data, "drift": None}


@event("storage.PoolVanished.v1", Kind.OBSERVATION)
class PoolVanished(PoolEvent):
    """It is gone and Calypso did not destroy it: destroyed or exported behind its back, or all its disks are away."""
