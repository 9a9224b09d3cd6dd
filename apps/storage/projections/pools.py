"""The read model of pools."""

from __future__ import annotations

from typing import Any

from apps.storage.domain.drift import seen_again
from apps.storage.domain.members import (
    DiskAttachedToVdev,
    DiskBroughtOnline,
    DiskDetachedFromVdev,
    DiskReplaced,
    DiskTakenOffline,
    VdevRemovalCancelled,
    VdevRemoved,
    VdevsAdded,
)
from apps.storage.domain.pools import (
    PoolChanged,
    PoolCreated,
    PoolDegraded,
    PoolDestroyed,
    PoolDiscovered,
    PoolEvent,
    PoolRecovered,
    PoolSeen,
    ScrubPaused,
    ScrubStarted,
    ScrubStopped,
)
from apps.storage.domain.transfer import PoolExported, PoolImported
from apps.storage.domain.upkeep import (
    CheckpointDiscarded,
    CheckpointMade,
    InitializeCancelled,
    InitializeStarted,
    InitializeSuspended,
    PoolCleared,
    PoolExpanded,
    PoolPropertiesSet,
    PoolUpgraded,
    TrimCancelled,
    TrimStarted,
    TrimSuspended,
)
from apps.storage.domain.wishes import pool_in_force
from apps.storage.models.pools import Pool
from apps.storage.projections.base import projection
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Row, Tables


@projection.on(PoolCreated)
def pool_created(tables: Tables, e: Recorded[PoolCreated]) -> None:
    """zpool says success only of a pool that is ONLINE; guid, size and layout come with the first look at it."""
    disks = [disk for vdev in e.event.vdevs for disk in vdev.disks]
    tables.put(Pool, _new(e, "calypso") | {"state": "ONLINE", "disks": disks, "wanted": e.event.properties})


@projection.on(PoolDiscovered)
def pool_discovered(tables: Tables, e: Recorded[PoolDiscovered]) -> None:
    tables.put(Pool, _new(e, "outside") | _seen(e.event))


@projection.on(PoolChanged, PoolDegraded, PoolRecovered)
def pool_seen(tables: Tables, e: Recorded[PoolSeen]) -> None:
    """The first look at one that Calypso made or imported tells its properties, which are in force then."""
    if (row := tables.get(Pool, e.event.pool)) is not None:
        wanted = pool_in_force(row["wanted"], e.event.properties, first=not row["guid"] or not row["properties"])
        found = e.event.drift if isinstance(e.event, PoolChanged) else None
        drift = seen_again(row["drift"], found, e.recorded_at.isoformat())
        _change(tables, e, name=e.event.name, wanted=wanted, drift=drift, **_seen(e.event))


@projection.on(PoolImported)
def pool_imported(tables: Tables, e: Recorded[PoolImported]) -> None:
    """What it is like is told with the first look at it. One that was missing is what it was before."""
    fact = e.event
    facts = {"guid": fact.guid, "name": fact.name, "read_only": fact.read_only, "disks": list(fact.disks)}
    if tables.get(Pool, fact.pool) is None:
        tables.put(Pool, _new(e, "outside") | facts)
    else:
        _change(tables, e, state="UNKNOWN", **facts)


@projection.on(PoolPropertiesSet)
def properties_set(tables: Tables, e: Recorded[PoolPropertiesSet]) -> None:
    row = tables.get(Pool, e.event.pool)
    if row is not None:
        changed = e.event.properties
        _change(tables, e, wanted={**row["wanted"], **changed}, properties={**row["properties"], **changed})


@projection.on(PoolDestroyed, PoolExported)
def pool_gone(tables: Tables, e: Recorded[PoolEvent]) -> None:
    tables.delete(Pool, e.event.pool)


@projection.on(
    ScrubStarted,
    ScrubPaused,
    ScrubStopped,
    TrimStarted,
    TrimSuspended,
    TrimCancelled,
    InitializeStarted,
    InitializeSuspended,
    InitializeCancelled,
    PoolCleared,
    PoolExpanded,
    PoolUpgraded,
    CheckpointMade,
    CheckpointDiscarded,
    VdevsAdded,
    DiskAttachedToVdev,
    DiskDetachedFromVdev,
    DiskReplaced,
    VdevRemoved,
    VdevRemovalCancelled,
    DiskTakenOffline,
    DiskBroughtOnline,
)
def done_to_pool(tables: Tables, e: Recorded[PoolEvent]) -> None:
    """What the pool is like then is told by the box, in the same breath (observe/outcomes.py); the version moves."""
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
        "properties": {},
        "wanted": {},
        "drift": [],
        "upgradable": False,
        "checkpoint": False,
        "removal": None,
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
        "properties": fact.properties,
        "upgradable": fact.upgradable,
        "checkpoint": fact.checkpoint,
        "removal": fact.removal and fact.removal.model_dump(),
    }


def _change(tables: Tables, e: Recorded[Any], **changes: Any) -> None:
    row = tables.get(Pool, e.event.pool)
    if row is None:
        return
    since = row["state_since"] if changes.get("state", row["state"]) == row["state"] else e.recorded_at
    tables.put(Pool, {**row, **changes, "state_since": since, "version": e.version, "position": e.position})
