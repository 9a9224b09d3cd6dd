"""Sample calls of snapshots, bookmarks and schedules."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from apps.storage.domain.schedules import ScheduleCreated, SnapshotJob, When
from apps.storage.domain.snapshots import BookmarksFound, BookmarkState
from apps.storage.models.snapshots import SnapshotDiff
from calypso.kernel import commands, store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.api.routes.scene import (
    ADMINISTER,
    OPERATE,
    READ,
    Route,
    Scene,
)
from tests.support.snapshots import dataset, see, take

HOURLY = {"job": {"kind": "snapshots", "dataset": "tank", "naming": "hourly-%Y-%m-%d_%H-%M"}}


def snapshot(scene: Scene) -> str:
    take(scene.box, "tank@monday")
    return "tank@monday"


def held_snapshot(scene: Scene) -> str:
    scene.box.ok("zfs", "snapshot", "tank@monday")
    scene.box.ok("zfs", "hold", "legal", "tank@monday")
    see("tank@monday")
    return "tank@monday"


def bookmark(scene: Scene) -> str:
    of = dataset("tank")
    state = BookmarkState(
        dataset=of.id, dataset_name="tank", name="sent", guid="1", created_at=1_795_412_412, created_txg=9
    )
    with store.writing():
        found = BookmarksFound(pool=of.pool, name="tank", items=(state,))
        append([Change(uuid4(), found)], Metadata())
    return "tank%23sent"


def diffed(scene: Scene) -> str:
    """An operation that compared snapshots."""
    operation = uuid4()
    compared = {"older": "tank@a", "newer": "tank@b", "entries": 0, "truncated": False, "made_at": timezone.now()}
    SnapshotDiff.objects.create(id=commands.mint(operation, "diff"), **compared)
    return str(operation)


def schedule(scene: Scene) -> str:
    made = ScheduleCreated(
        schedule=uuid4(),
        name="hourly",
        target=dataset("tank").id,
        enabled=True,
        when=When(),
        job=SnapshotJob.model_validate(HOURLY["job"]),
    )
    with store.writing():
        append([Change(made.schedule, made)], Metadata())
    return "hourly"


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/storage/snapshots"): Route(READ),
    ("GET", "/storage/snapshots/count"): Route(READ),
    ("GET", "/storage/snapshots/diffs/{operation_id}"): Route(
        READ, path=lambda s: f"/storage/snapshots/diffs/{diffed(s)}"
    ),
    ("POST", "/storage/snapshots"): Route(
        OPERATE, body=lambda _: {"datasets": ["tank"], "name": "now"}, records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/snapshots/destroy"): Route(
        ADMINISTER,
        body=lambda s: {"names": [snapshot(s)], "confirm": "tank@monday"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/rollback"): Route(
        ADMINISTER,
        body=lambda s: {"snapshot": snapshot(s), "confirm": "tank"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/clone"): Route(
        ADMINISTER,
        body=lambda s: {"snapshot": snapshot(s), "name": "tank/clone"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/hold"): Route(
        ADMINISTER,
        body=lambda s: {"snapshots": [snapshot(s)], "tag": "legal"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/release"): Route(
        ADMINISTER,
        body=lambda s: {"snapshots": [held_snapshot(s)], "tag": "legal"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/rename"): Route(
        ADMINISTER,
        body=lambda s: {"snapshot": snapshot(s), "name": "tuesday"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/diff"): Route(
        OPERATE, body=lambda s: {"snapshot": snapshot(s)}, records="operations.OperationRequested.v1"
    ),
    ("GET", "/storage/bookmarks"): Route(READ),
    ("POST", "/storage/bookmarks"): Route(
        ADMINISTER, body=lambda s: {"snapshot": snapshot(s), "name": "sent"}, records="operations.OperationRequested.v1"
    ),
    ("DELETE", "/storage/bookmarks"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/bookmarks?name={bookmark(s)}&confirm=tank%23sent",
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/schedules"): Route(READ),
    ("POST", "/storage/schedules"): Route(
        ADMINISTER, body=lambda _: {"name": "hourly", **HOURLY}, records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/schedules/preview"): Route(READ, body=lambda _: {"name": "hourly", **HOURLY}),
    ("GET", "/storage/schedules/{name}"): Route(READ, path=lambda s: f"/storage/schedules/{schedule(s)}"),
    ("PUT", "/storage/schedules/{name}"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/schedules/{schedule(s)}",
        body=lambda _: HOURLY,
        records="operations.OperationRequested.v1",
    ),
    ("DELETE", "/storage/schedules/{name}"): Route(
        ADMINISTER, path=lambda s: f"/storage/schedules/{schedule(s)}", records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/schedules/{name}/run"): Route(
        OPERATE,
        path=lambda s: f"/storage/schedules/{schedule(s)}/run",
        body=lambda _: {"reason": "before the move"},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/schedules/{name}/runs"): Route(READ, path=lambda s: f"/storage/schedules/{schedule(s)}/runs"),
}
