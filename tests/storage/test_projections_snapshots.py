"""For each command on snapshots: the read model after its own events is what a fresh look at the box gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.storage import snapshot_reading
from apps.storage.models.datasets import Dataset
from apps.storage.models.schedules import Schedule
from apps.storage.models.snapshots import Bookmark, Snapshot
from calypso.kernel import box, commands
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.models import Operation
from tests.support.lab_box import Box
from tests.support.rest import finish
from tests.support.snapshots import dataset, make_datasets, see, take

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))
JOB = {"kind": "snapshots", "dataset": "tank/a", "naming": "hourly-%Y-%m-%d_%H-%M", "retention": {"last": 1}}


def rows() -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """What the read model says of snapshots and bookmarks."""
    names = dict(Dataset.objects.values_list("id", "name"))
    snapshots = {
        f"{names[s.dataset]}@{s.name}": (s.guid, s.created_txg, s.defer_destroy, s.holds)
        for s in Snapshot.objects.all()
    }
    return snapshots, {(f"{names[b.dataset]}#{b.name}", b.guid) for b in Bookmark.objects.all()}


def looked_at(on: Box) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """The same by a fresh look at the box."""
    names = on.ok("zfs", "list", "-H", "-t", "snapshot", "-o", "name").split()
    held = snapshot_reading.holds(names) if names else {}
    seen = snapshot_reading.snapshots(names)
    snapshots = {n: (s.guid, s.created_txg, s.defer_destroy, held.get(n, [])) for n, s in seen.items()}
    marks = [mark for of in Dataset.objects.all() for mark in snapshot_reading.bookmarks(of.name).values()]
    return snapshots, {(mark.name, mark.guid) for mark in marks}


def carried_out(command: str, monkeypatch: pytest.MonkeyPatch, confirm: str | None, **given: Any) -> Operation:
    """The command at its end, without the scan that would come after it and hide what its events lack."""
    asked = commands.registered()[command].model_validate(given)
    operation = commands.dispatch(asked, SARI, confirm=confirm)
    with monkeypatch.context() as patch:
        patch.setattr(box, "observe", lambda _: None)
        finish(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "succeeded", operation.error
    return operation


def held(on: Box) -> None:
    on.ok("zfs", "hold", "legal", "tank/a@2")
    see("tank/a@2")


def bookmarked(on: Box) -> None:
    operation = commands.dispatch(
        commands.registered()["storage.CreateBookmark"].model_validate({"snapshot": "tank/a@2", "name": "sent"}), SARI
    )
    finish(operation.pk)


CASES: dict[str, tuple[str, str | None, Callable[[Box], None] | None, dict[str, Any]]] = {
    "create": ("storage.CreateSnapshots", None, None, {"datasets": ["tank"], "name": "new", "recursive": True}),
    "rename": ("storage.RenameSnapshot", None, None, {"snapshot": "tank/a@1", "name": "one", "recursive": True}),
    "hold": ("storage.HoldSnapshots", None, None, {"snapshots": ["tank/a@1"], "tag": "x", "recursive": True}),
    "release": ("storage.ReleaseSnapshots", None, held, {"snapshots": ["tank/a@2"], "tag": "legal"}),
    "bookmark": ("storage.CreateBookmark", None, None, {"snapshot": "tank/a@1", "name": "sent"}),
    "forget": ("storage.DestroyBookmark", "tank/a#sent", bookmarked, {"bookmark": "tank/a#sent"}),
    "compare": ("storage.DiffSnapshots", None, None, {"snapshot": "tank/a@1", "to": "tank/a@2"}),
    "destroy": ("storage.DestroySnapshots", "2 snapshots", None, {"names": ["tank/a@1", "tank/a@2"]}),
    "destroy a tree": (
        "storage.DestroySnapshots", "2 snapshots", None,
        {"choice": {"dataset": "tank/a", "recursive": True, "matching": "1"}},
    ),
    "defer": (
        "storage.DestroySnapshots", "2 snapshots", held, {"names": ["tank/a@1", "tank/a@2"], "protected": "defer"}
    ),
    "roll back": ("storage.RollbackDataset", "tank/a", bookmarked, {"snapshot": "tank/a@1", "losing": "newer"}),
    "clone": ("storage.CloneSnapshot", None, None, {"snapshot": "tank/a@1", "name": "tank/copy"}),
}  # fmt: skip


@pytest.fixture
def fs(tank: Box) -> Box:
    make_datasets(tank, "tank/a", "tank/a/b")
    take(tank, "tank/a@1", "tank/a/b@1", "tank/a@2")
    assert rows() == looked_at(tank)
    return tank


@pytest.mark.parametrize("case", CASES)
def test_the_read_model_is_as_the_box(fs: Box, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    command, confirm, before, given = CASES[case]
    if before is not None:
        before(fs)
    carried_out(command, monkeypatch, confirm, **given)
    assert rows() == looked_at(fs)


def test_a_promoted_clone_takes_its_snapshots_along(fs: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_out("storage.CloneSnapshot", monkeypatch, None, snapshot="tank/a@1", name="tank/copy")
    carried_out("storage.PromoteClone", monkeypatch, None, dataset=str(dataset("tank/copy").id))
    assert rows() == looked_at(fs)
    assert "tank/copy@1" in rows()[0]


def test_schedules(fs: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"name": "hourly", "job": JOB}
    carried_out("storage.CreateSchedule", monkeypatch, None, **given)
    carried_out("storage.ChangeSchedule", monkeypatch, None, **given, when={"cron": "5 * * * *"})
    assert Schedule.objects.get().when["cron"] == "5 * * * *"
    for minute in (5, 6):
        due = f"2026-11-24T10:0{minute}:00Z"
        run = carried_out("storage.RunSchedule", monkeypatch, None, name="hourly", due=due)
    assert rows() == looked_at(fs)
    made = Snapshot.objects.filter(schedule="hourly").order_by("created_txg")
    assert [s.name for s in made] == ["hourly-2026-11-24_10-05", "hourly-2026-11-24_10-06"]
    carried_out("storage.ExpireSnapshots", monkeypatch, None, name="hourly", run=str(run.pk), at="2026-11-24T11:00:00Z")
    assert rows() == looked_at(fs)
    assert [s.name for s in made.all()] == ["hourly-2026-11-24_10-06"]
    carried_out("storage.DeleteSchedule", monkeypatch, None, name="hourly")
    assert not Schedule.objects.exists() and rows() == looked_at(fs)
