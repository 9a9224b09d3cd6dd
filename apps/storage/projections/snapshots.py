"""The read models of snapshots and bookmarks."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from apps.storage.domain.datasets import DatasetDestroyed, DatasetPromoted
from apps.storage.domain.pools import PoolDestroyed, PoolEvent
from apps.storage.domain.snapshots import (
    BookmarkCreated,
    BookmarkDestroyed,
    BookmarksFound,
    BookmarksGone,
    BookmarkState,
    NamesEvent,
    SnapshotHeld,
    SnapshotReleased,
    SnapshotRenamed,
    SnapshotsCreated,
    SnapshotsDestroyed,
    SnapshotsFound,
    SnapshotsGone,
    SnapshotState,
    bookmark_id,
    snapshot_id,
)
from apps.storage.domain.transfer import PoolExported
from apps.storage.models.snapshots import Bookmark, Snapshot
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("snapshots", 1, lambda: [Snapshot, Bookmark])


@projection.on(SnapshotsCreated)
def created(tables: Tables, e: Recorded[SnapshotsCreated]) -> None:
    for item in e.event.items:
        tables.put(Snapshot, _row(e.event.pool, item, e.event.schedule, e.position))


@projection.on(SnapshotsFound)
def found(tables: Tables, e: Recorded[SnapshotsFound]) -> None:
    """A snapshot of another guid under a known name is another one: no schedule of ours made it."""
    keys = [item.id for item in e.event.items]
    tables.load(Snapshot, keys)
    for key, item in zip(keys, e.event.items, strict=True):
        before = tables.get(Snapshot, key)
        same = before is not None and before["guid"] == item.guid
        tables.put(Snapshot, _row(e.event.pool, item, before["schedule"] if before and same else "", e.position))


@projection.on(SnapshotsGone)
def gone(tables: Tables, e: Recorded[NamesEvent]) -> None:
    for item in e.event.items:
        tables.delete(Snapshot, snapshot_id(item.dataset, item.name))


@projection.on(SnapshotsDestroyed)
def destroyed(tables: Tables, e: Recorded[SnapshotsDestroyed]) -> None:
    for of in e.event.of:
        for name in e.event.snapshots:
            tables.delete(Snapshot, snapshot_id(of.dataset, name))
        for name in e.event.deferred:
            _change(tables, snapshot_id(of.dataset, name), e.position, defer_destroy=True)


@projection.on(SnapshotRenamed)
def renamed(tables: Tables, e: Recorded[SnapshotRenamed]) -> None:
    for dataset in (e.event.dataset, *e.event.also):
        row = tables.get(Snapshot, snapshot_id(dataset, e.event.before))
        if row is not None:
            tables.delete(Snapshot, row["id"])
            key = snapshot_id(dataset, e.event.snapshot)
            tables.put(Snapshot, {**row, "id": key, "name": e.event.snapshot, "position": e.position})


@projection.on(SnapshotHeld)
def held(tables: Tables, e: Recorded[SnapshotHeld]) -> None:
    _set_holds(tables, e, add={e.event.tag}, remove=set())


@projection.on(SnapshotReleased)
def released(tables: Tables, e: Recorded[SnapshotReleased]) -> None:
    _set_holds(tables, e, add=set(), remove={e.event.tag})
    for item in e.event.destroyed:
        tables.delete(Snapshot, snapshot_id(item.dataset, item.name))


@projection.on(BookmarkCreated)
def bookmark_created(tables: Tables, e: Recorded[BookmarkCreated]) -> None:
    tables.put(Bookmark, _bookmark(e.event.pool, e.event.bookmark, e.position))


@projection.on(BookmarksFound)
def bookmarks_found(tables: Tables, e: Recorded[BookmarksFound]) -> None:
    for item in e.event.items:
        tables.put(Bookmark, _bookmark(e.event.pool, item, e.position))


@projection.on(BookmarkDestroyed, BookmarksGone)
def bookmarks_gone(tables: Tables, e: Recorded[NamesEvent]) -> None:
    for item in e.event.items:
        tables.delete(Bookmark, bookmark_id(item.dataset, item.name))


@projection.on(PoolDestroyed, PoolExported)
def pool_gone(tables: Tables, e: Recorded[PoolEvent]) -> None:
    forget(tables, "pool", e.event.pool)


@projection.on(DatasetDestroyed)
def dataset_gone(tables: Tables, e: Recorded[DatasetDestroyed]) -> None:
    for gone_one in e.event.datasets:
        forget(tables, "dataset", gone_one.dataset)


@projection.on(DatasetPromoted)
def promoted(tables: Tables, e: Recorded[DatasetPromoted]) -> None:
    """Snapshots came over from what is its clone now."""
    for name in e.event.snapshots:
        row = tables.get(Snapshot, snapshot_id(e.event.former_dataset, name))
        if row is not None:
            tables.delete(Snapshot, row["id"])
            moved = {"id": snapshot_id(e.event.dataset, name), "dataset": e.event.dataset, "position": e.position}
            tables.put(Snapshot, row | moved)


def forget(tables: Tables, column: str, value: UUID) -> None:
    """Removes all snapshots and bookmarks of a dataset or a pool."""
    for model in (Snapshot, Bookmark):
        for row in tables.find(model, column, value):
            tables.delete(model, row["id"])


def _set_holds(
    tables: Tables, e: Recorded[SnapshotHeld] | Recorded[SnapshotReleased], add: set[str], remove: set[str]
) -> None:
    for item in e.event.items:
        row = tables.get(Snapshot, snapshot_id(item.dataset, item.name))
        if row is not None:
            holds = sorted((set(row["holds"]) | add) - remove)
            tables.put(Snapshot, {**row, "holds": holds, "position": e.position})


def _change(tables: Tables, key: str, position: int, **changes: object) -> None:
    row = tables.get(Snapshot, key)
    if row is not None:
        tables.put(Snapshot, {**row, **changes, "position": position})


def _row(pool: UUID, item: SnapshotState, schedule: str, position: int) -> Row:
    return {
        "id": item.id,
        "dataset": item.dataset,
        "pool": pool,
        "name": item.name,
        "guid": item.guid,
        "created_at": datetime.fromtimestamp(item.created_at, UTC),
        "created_txg": item.created_txg,
        "holds": list(item.holds),
        "defer_destroy": item.defer_destroy,
        "schedule": schedule,
        "position": position,
    }


def _bookmark(pool: UUID, item: BookmarkState, position: int) -> Row:
    return {
        "id": bookmark_id(item.dataset, item.name),
        "dataset": item.dataset,
        "pool": pool,
        "name": item.name,
        "guid": item.guid,
        "created_at": datetime.fromtimestamp(item.created_at, UTC),
        "created_txg": item.created_txg,
        "position": position,
    }
