"""Snapshots, carried out on the simulated box: what they do there and what stands on record afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Bookmark, DiffEntry, Snapshot
from calypso.kernel import box, commands, shell, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.dependents import used_by
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Operation
from calypso.kernel.plans import Plan
from tests.support.lab_box import Box
from tests.support.rest import events_after, finish
from tests.support.snapshots import know_dataset, make_datasets, see, take

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))


def asked(command: str, **given: Any) -> commands.Command:
    return commands.registered()[f"storage.{command}"].model_validate(given)


def planned(command: str, **given: Any) -> Plan:
    return commands.preview(asked(command, **given), SARI)


def carried_out(command: str, confirm: str | None = None, **given: Any) -> Operation:
    operation = commands.dispatch(asked(command, **given), SARI, confirm=confirm)
    finish(operation.pk)
    operation.refresh_from_db()
    return operation


def done(command: str, confirm: str | None = None, **given: Any) -> Operation:
    operation = carried_out(command, confirm, **given)
    assert operation.state == "succeeded", operation.error
    return operation


def refused(command: str, **given: Any) -> CalypsoError:
    with pytest.raises(CalypsoError) as caught:
        planned(command, **given)
    return caught.value


def on_the_box(box: Box) -> list[str]:
    return box.ok("zfs", "list", "-H", "-t", "snapshot", "-o", "name").split()


def known() -> list[str]:
    names = dict(Dataset.objects.values_list("id", "name"))
    return [f"{names[row.dataset]}@{row.name}" for row in Snapshot.objects.order_by("created_txg", "id")]


@pytest.fixture
def tree(tank: Box) -> Box:
    make_datasets(tank, "tank/a", "tank/a/b", "tank/c")
    return tank


def test_of_many_datasets_at_one_moment(tree: Box) -> None:
    before = store.position()
    operation = done("CreateSnapshots", datasets=["tank/a", "tank/c"], name="now")
    assert [step["argv"] for step in operation.steps] == [["zfs", "snapshot", "--", "tank/a@now", "tank/c@now"]]
    [told] = events_after(before, "storage.Snapshots")
    assert (told.type, told.actor, told.data["schedule"]) == ("storage.SnapshotsCreated.v1", "user:sari", "")
    rows = list(Snapshot.objects.all())
    assert len({row.created_txg for row in rows}) == 1 and all(row.guid for row in rows)
    assert sorted(known()) == sorted(on_the_box(tree)) == ["tank/a@now", "tank/c@now"]


def test_recursive_ones_are_recorded_each(tree: Box) -> None:
    operation = done("CreateSnapshots", datasets=["tank/a", "tank/a/b"], name="now", recursive=True)
    assert operation.steps[0]["argv"] == ["zfs", "snapshot", "-r", "--", "tank/a@now"]
    assert sorted(known()) == ["tank/a/b@now", "tank/a@now"] == sorted(on_the_box(tree))


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"datasets": ["tank/x"], "name": "s"}, "no_such_dataset", "datasets"),
        ({"datasets": ["tank/a"], "name": "old"}, "snapshot_exists", "name"),
        ({"datasets": ["tank"], "name": "old", "recursive": True}, "snapshot_exists", "name"),
        ({"datasets": ["tank/a"], "name": "a@b"}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": "a,b"}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": "a%b"}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": "a/b"}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": " a"}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": ".."}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": "x" * 250}, "bad_snapshot_name", "name"),
        ({"datasets": ["tank/a"], "name": "ü"}, "bad_snapshot_name", "name"),
    ],
)
def test_what_can_not_be_made_is_named(tree: Box, given: dict[str, Any], code: str, field: str) -> None:
    take(tree, "tank/a@old")
    error = refused("CreateSnapshots", **given)
    assert (error.code, error.field) == (code, field)


def test_the_tool_s_own_refusal_is_named_and_nothing_is_recorded(tree: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody made it by hand since the last look."""
    monkeypatch.setattr(box, "observe", lambda _: None)
    tree.ok("zfs", "snapshot", "tank/a@now")
    operation = carried_out("CreateSnapshots", datasets=["tank/c", "tank/a"], name="now")
    assert (operation.state, operation.error["code"]) == ("failed", "dataset_exists")
    assert on_the_box(tree) == ["tank/a@now"], "all or none"


def test_one_that_was_stopped_is_taken_back(tree: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    run = shell.run

    def late(argv: Any, **more: Any) -> shell.Result:
        result = run(argv, **more)
        if argv[:2] == ("zfs", "snapshot"):
            raise shell.ToolTimeout("late")
        return result

    monkeypatch.setattr(shell, "run", late)
    operation = carried_out("CreateSnapshots", datasets=["tank/a"], name="now", recursive=True)
    assert (operation.state, operation.steps[0]["state"]) == ("failed", "undone")
    assert on_the_box(tree) == [] == known()


# --- names, holds, bookmarks ------------------------------------------------------------------------------------------


def test_rename_with_those_below(tree: Box) -> None:
    done("CreateSnapshots", datasets=["tank/a"], name="old", recursive=True)
    done("RenameSnapshot", snapshot="tank/a@old", name="new", recursive=True)
    assert sorted(known()) == ["tank/a/b@new", "tank/a@new"] == sorted(on_the_box(tree))
    take(tree, "tank/a/b@other")
    assert refused("RenameSnapshot", snapshot="tank/a@new", name="other", recursive=True).code == "snapshot_exists"
    assert refused("RenameSnapshot", snapshot="tank/a@new", name="new").code == "same_name"
    assert refused("RenameSnapshot", snapshot="tank/a@gone", name="x").code == "no_such_snapshot"


def test_hold_and_release(tree: Box) -> None:
    done("CreateSnapshots", datasets=["tank/a"], name="s", recursive=True)
    done("HoldSnapshots", snapshots=["tank/a@s"], tag="legal", recursive=True)
    assert {tuple(row.holds) for row in Snapshot.objects.all()} == {("legal",)}
    assert "legal" in tree.ok("zfs", "holds", "-H", "tank/a/b@s")
    assert refused("HoldSnapshots", snapshots=["tank/a/b@s"], tag="legal").code == "hold_exists"
    assert refused("HoldSnapshots", snapshots=["tank/a/b@s"], tag=".x").field == "tag"
    done("ReleaseSnapshots", snapshots=["tank/a@s"], tag="legal", recursive=True)
    assert {tuple(row.holds) for row in Snapshot.objects.all()} == {()}
    assert refused("ReleaseSnapshots", snapshots=["tank/a@s"], tag="legal").code == "no_such_hold"


def test_the_last_hold_of_a_deferred_one_is_its_end_and_asks(tree: Box) -> None:
    done("CreateSnapshots", datasets=["tank/a"], name="s")
    done("HoldSnapshots", snapshots=["tank/a@s"], tag="legal")
    done("DestroySnapshots", names=["tank/a@s"], protected="defer", confirm="tank/a@s")
    assert Snapshot.objects.get().defer_destroy and on_the_box(tree) == ["tank/a@s"]
    plan = planned("ReleaseSnapshots", snapshots=["tank/a@s"], tag="legal")
    assert plan.destroys and plan.destroys.names == ("tank/a@s",) and plan.confirm == "tank/a@s"
    with pytest.raises(commands.ConfirmationNeeded):
        commands.dispatch(asked("ReleaseSnapshots", snapshots=["tank/a@s"], tag="legal"), SARI)
    done("ReleaseSnapshots", snapshots=["tank/a@s"], tag="legal", confirm="tank/a@s")
    assert known() == [] == on_the_box(tree)


def test_bookmarks(tree: Box) -> None:
    done("CreateSnapshots", datasets=["tank/a"], name="s")
    done("CreateBookmark", snapshot="tank/a@s", name="sent")
    assert Bookmark.objects.get().guid == Snapshot.objects.get().guid
    assert refused("CreateBookmark", snapshot="tank/a@s", name="sent").code == "bookmark_exists"
    assert refused("DestroyBookmark", bookmark="tank/a#none").code == "no_such_bookmark"
    done("DestroyBookmark", bookmark="tank/a#sent", confirm="tank/a#sent")
    assert not Bookmark.objects.exists()
    assert tree.ok("zfs", "list", "-H", "-t", "bookmark", "-o", "name").strip() == ""


# --- going back -------------------------------------------------------------------------------------------------------


def test_a_rollback_lists_exactly_what_it_destroys(tree: Box) -> None:
    take(tree, "tank/a@1", "tank/a@2", "tank/a@3")
    done("CreateBookmark", snapshot="tank/a@2", name="sent")
    error = refused("RollbackDataset", snapshot="tank/a@1")
    assert error.code == "newer_snapshots" and "tank/a@2, tank/a@3, tank/a#sent" in error.message
    plan = planned("RollbackDataset", snapshot="tank/a@1", losing="newer")
    assert plan.destroys and plan.destroys.names == ("tank/a@2", "tank/a@3", "tank/a#sent")
    assert (plan.confirm, getattr(plan.steps[0], "argv", ())) == ("tank/a", ("zfs", "rollback", "-r", "--", "tank/a@1"))
    done("RollbackDataset", snapshot="tank/a@1", losing="newer", confirm="tank/a")
    assert known() == ["tank/a@1"] == on_the_box(tree)
    assert not Bookmark.objects.exists()


def test_clones_go_only_when_that_was_said(tree: Box) -> None:
    take(tree, "tank/a@1", "tank/a@2")
    tree.ok("zfs", "clone", "tank/a@2", "tank/clone")
    know_dataset("tank/clone")
    Dataset.objects.filter(name="tank/clone").update(origin="tank/a@2")
    take(tree, "tank/clone@x")
    error = refused("RollbackDataset", snapshot="tank/a@1", losing="newer")
    assert error.code == "clones_in_the_way" and "tank/clone" in error.message
    plan = planned("RollbackDataset", snapshot="tank/a@1", losing="clones")
    assert plan.destroys and plan.destroys.names == ("tank/a@2", "tank/clone@x", "tank/clone")
    done("RollbackDataset", snapshot="tank/a@1", losing="clones", confirm="tank/a")
    assert known() == ["tank/a@1"] == on_the_box(tree)
    assert Dataset.objects.named("tank/clone") is None


def test_newer_ones_that_are_held_are_in_the_way(tree: Box) -> None:
    take(tree, "tank/a@1", "tank/a@2")
    done("HoldSnapshots", snapshots=["tank/a@2"], tag="legal")
    assert refused("RollbackDataset", snapshot="tank/a@1", losing="newer").code == "snapshot_in_use"


def test_the_latest_needs_nothing_destroyed(tree: Box) -> None:
    take(tree, "tank/a@1")
    plan = planned("RollbackDataset", snapshot="tank/a@1")
    assert getattr(plan.steps[0], "argv", ()) == ("zfs", "rollback", "--", "tank/a@1")
    assert plan.confirm == "tank/a" and "is lost" in plan.warnings[0]
    done("RollbackDataset", snapshot="tank/a@1", confirm="tank/a")


# --- cloning ----------------------------------------------------------------------------------------------------------


def test_a_clone_with_properties_of_its_own(tree: Box) -> None:
    take(tree, "tank/a@1")
    done("CloneSnapshot", snapshot="tank/a@1", name="tank/c/copy", properties={"compression": "zstd"})
    row = Dataset.objects.get(name="tank/c/copy")
    assert (row.origin, row.type, row.properties["compression"]["value"]) == ("tank/a@1", "filesystem", "zstd")
    assert tree.ok("zfs", "get", "-H", "-o", "value", "origin,compression", "tank/c/copy").split() == [
        "tank/a@1",
        "zstd",
    ]
    assert refused("DestroySnapshots", names=["tank/a@1"]).code == "snapshot_in_use"
    assert [d.name for d in used_by("storage.snapshot.tank/a@1")] == ["tank/c/copy"]
    assert "tank/c/copy" in [d.name for d in used_by("storage.dataset.tank/a") if d.kind == "clone"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": "tank/c"}, "dataset_exists", "name"),
        ({"name": "other/x"}, "different_pools", "name"),
        ({"name": "tank/no/x"}, "no_parent", "name"),
        ({"name": "tank/x@y"}, "bad_name", "name"),
        ({"name": "tank/x", "properties": {"compression": "best"}}, "bad_value", "properties.compression"),
    ],
)
def test_clones_that_can_not_be(tree: Box, given: dict[str, Any], code: str, field: str) -> None:
    take(tree, "tank/a@1")
    error = refused("CloneSnapshot", snapshot="tank/a@1", **given)
    assert (error.code, error.field) == (code, field)


# --- comparing --------------------------------------------------------------------------------------------------------


def test_a_comparison_is_kept_and_no_file_is_named_in_an_event(tree: Box) -> None:
    take(tree, "tank/a@1")
    tree.ok("zfs", "snapshot", "tank/a@2")
    see("tank/a@2")
    before = store.position()
    operation = done("DiffSnapshots", snapshot="tank/a@1", to="tank/a@2")
    told = str([event.data for event in events_after(before)])
    assert all(entry.path not in told for entry in DiffEntry.objects.all())
    assert refused("DiffSnapshots", snapshot="tank/a@2", to="tank/a@1").code == "not_an_earlier_snapshot"
    assert operation.steps[0]["state"] == "done"
