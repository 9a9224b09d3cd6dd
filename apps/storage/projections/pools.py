"""The read model of pools."""

from __future__ import annotations

from typing import Any

from apps.storage.domain.pools import (
    PoolChanged,
    PoolCreated,
    PoolDegraded,
    PoolDestroyed,
    PoolDiscovered,
    PoolEvent,
    PoolRecovered,
    PoolSeen,
    PoolVanished,
    ScrubPaused,
    ScrubStarted,
    ScrubStopped,
)
from apps.storage.models.pools import Pool
from apps.storage.projections.base import projection
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Row, Tables


@projection.on(PoolCreated)
def pool_created(tables: Tables, e: Recorded[PoolCreated]) -> None:
    """zpool says success only of a pool that is ONLINE; guid, size and layout come with the first look at it."""
    disks = [disk for vdev in e.event.vdevs for disk in vdev.disks]
    tables.put(Pool, _new(e, "calypso") | {"state": "ONLINE", "disks": disks})


@projection.on(PoolDiscovered)
def pool_discovered(tables: Tables, e: Recorded[PoolDiscovered]) -> None:
    tables.put(Pool, _new(e, "outside") | _seen(e.event))


@projection.on(PoolChanged, PoolDegraded, PoolRecovered)
def pool_seen(tables: Tables, e: Recorded[PoolSeen]) -> None:
    _change(tables, e, **_seen(e.event))


@projection.on(PoolDestroyed, PoolVanished)
def pool_gone(tables: Tables, e: Recorded[PoolEvent]) -> None:
    tables.delete(Pool, e.event.pool)


@projection.on(ScrubStarted, ScrubPaused, ScrubStopped)
def scrub_asked(tables: Tables, e: Recorded[PoolEvent]) -> None:
    """The scan itself is told by the box; only the version moves."""
    _change(tables, e)


def _new(e: Recorded[Any], created_by: str) -> Row:
    return {
        "id": e.event.pool,
        "name": e.event.name,
        "guid": "",
        "state": "UNKNOWN",
        "state_since": e.recorded_at,
        "status": "",
        "action": "",
        "errors": "",
        "read_only": False,
        "size": 0,
        "layout": {},
        "disks": [],
        "scan": None,
        "created_by": created_by,
        "created_at": e.recorded_at,
        "version": e.version,
        "position": e.position,
    }


def _seen(fact: PoolSeen) -> Row:
    return {
        "guid": fact.guid,
        "state": fact.state,
        "status": fact.status,
        "action": fact.action,
        "errors": fact.errors,
        "read_only": fact.read_only,
        "size": fact.size,
        "layout": fact.layout,
        "disks": list(fact.disks),
        "scan": fact.scan and fact.scan.model_dump(),
    }


def _change(tables: Tables, e: Recorded[Any], **changes: Any) -> None:
    row = tables.get(Pool, e.event.pool)
    if row is None:
        return
    since = row["state_since"] if changes.get("state", row["state"]) == row["state"] else e.recorded_at
    tables.put(Pool, {**row, **changes, "state_since": since, "version": e.version, "position": e.position})
