"""The read models of disks, pools and ZFS itself."""

from __future__ import annotations

from typing import Any

from apps.storage.domain import (
    DiskAttached,
    DiskChanged,
    DiskDetached,
    DiskState,
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
    ZfsHealthChanged,
)
from apps.storage.models import Disk, Pool, ZfsState
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("storage", 1, lambda: [Disk, Pool, ZfsState])


@projection.on(DiskAttached, DiskChanged)
def disk_seen(tables: Tables, e: Recorded[DiskState]) -> None:
    fact = e.event
    before = tables.get(Disk, fact.disk)
    tables.put(
        Disk,
        {
            "id": fact.disk,
            "name": fact.name,
            "path": fact.path,
            "serial": fact.serial,
            "wwn": fact.wwn,
            "model": fact.model,
            "size": fact.size,
            "rotational": fact.rotational,
            "transport": fact.transport,
            "removable": fact.removable,
            "read_only": fact.read_only,
            "simulated": fact.simulated,
            "uses": [{"kind": u.kind, "name": u.name} for u in fact.uses],
            "slot": fact.slot,
            "broken": fact.broken,
            "system": fact.system,
            "attached_at": before["attached_at"] if before else e.recorded_at,
            "version": e.version,
            "position": e.position,
        },
    )


@projection.on(DiskDetached)
def disk_detached(tables: Tables, e: Recorded[DiskDetached]) -> None:
    tables.delete(Disk, e.event.disk)


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


@projection.on(ZfsHealthChanged)
def zfs_health(tables: Tables, e: Recorded[ZfsHealthChanged]) -> None:
    fact = e.event
    tables.put(
        ZfsState,
        {
            "name": "zfs",
            "ok": fact.ok,
            "zfs_version": fact.version,
            "code": fact.code,
            "message": fact.message,
            "detail": fact.detail,
            "since": e.recorded_at,
        },
    )


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
