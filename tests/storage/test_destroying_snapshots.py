"""Destroying snapshots by thousands: batches, what can't go, what is on record when it stops half-way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from apps.storage.domain.snapshots import SnapshotsFound, SnapshotState, chunks, snapshot_stream
from apps.storage.models.snapshots import Snapshot
from apps.storage.observe.scan import observe
from apps.storage.plans import destroying
from apps.storage.plans.snapshot_facts import Place, SnapshotFacts
from calypso.kernel import box, commands, shell, store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.commands import cancel
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.plans import Run
from calypso.kernel.projections import append
from calypso.lab.filling import fill
from calypso.lab.state import change
from tests.storage.test_snapshots import SARI, asked, carried_out, done, known, on_the_box, planned, refused
from tests.support.lab_box import Box
from tests.support.rest import events_after
from tests.support.snapshots import dataset, know_dataset, make_datasets, see, take

pytestmark = pytest.mark.django_db

POOL = UUID(int=1)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def place(name: str) -> Place:
    return Place(uuid5(POOL, name), name, POOL, name.partition("/")[0])


def facts(name: str, txg: int = 0, **more: Any) -> SnapshotFacts:
    of, _, part = name.partition("@")
    return SnapshotFacts(of=place(of), name=part, guid="1", created_at=NOW, created_txg=txg, **more)


def steps(going: Sequence[SnapshotFacts], others: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """The calls for these, where the box has ``others`` as well."""
    all_ = [*going, *map(facts, others)]
    having = {s.name: frozenset(o.of.id for o in all_ if o.name == s.name) for s in all_}
    places = {s.of.id: s.of for s in all_} | {p.id: p for p in map(place, ("tank", "tank/a"))}
    return [step.argv for step in destroying.steps(going, having, places)]


# --- the plan, pure ---------------------------------------------------------------------------------------------------


def test_four_thousand_of_one_dataset_are_ten_calls() -> None:
    found = destroying.steps([facts(f"tank/a@s{number:05}", number) for number in range(4000)], {}, {})
    assert len(found) == 10
    assert all(step.argv[:3] == ("zfs", "destroy", "--") for step in found)
    names = [name for step in found for name in step.argv[3].removeprefix("tank/a@").split(",")]
    assert names == [f"s{number:05}" for number in range(4000)], "the oldest first"


@pytest.mark.parametrize("length", [1, 50, 240])
def test_no_argument_is_longer_than_linux_takes(length: int) -> None:
    of = "tank/" + "d" * (255 - length - 6)
    found = destroying.steps([facts(f"{of}@{number:0{length}}"[:255], number) for number in range(10)], {}, {})
    many = destroying.steps([facts(f"tank@{'x' * 230}{number:05}", number) for number in range(5000)], {}, {})
    assert all(len(step.argv[-1].encode()) < 128 * 1024 for step in (*found, *many))


def test_the_same_names_of_a_whole_tree_are_one_call() -> None:
    tree = [facts(f"tank/{path}@{name}") for path in ("a", "a/b", "a/c") for name in ("mon", "tue")]
    assert steps(tree) == [("zfs", "destroy", "-r", "--", "tank/a@mon,tue")]
    [step] = destroying.steps(tree, *_all(tree))
    [told] = step.records
    assert [of["name"] for of in told.data["of"]] == ["tank/a", "tank/a/b", "tank/a/c"]
    assert told.data["snapshots"] == ["mon", "tue"]


def test_not_when_that_would_take_others_along() -> None:
    two = [facts("tank/a@mon"), facts("tank/a/b@mon")]
    assert steps(two, others=["tank/a/c@mon"]) == [
        ("zfs", "destroy", "--", "tank/a@mon"),
        ("zfs", "destroy", "--", "tank/a/b@mon"),
    ]
    assert steps(two, others=["tank/ab@mon"]) == [("zfs", "destroy", "-r", "--", "tank/a@mon")]


def _all(found: Sequence[SnapshotFacts]) -> tuple[dict[str, frozenset[UUID]], dict[UUID, Place]]:
    having = {s.name: frozenset(o.of.id for o in found if o.name == s.name) for s in found}
    return having, {s.of.id: s.of for s in found}


def test_too_many_are_refused() -> None:
    with pytest.raises(CalypsoError) as caught:
        many = [facts(f"tank/a@s{n}", n) for n in range(destroying.MOST + 1)]
        destroying.destroy_snapshots(many, {}, {}, protected="refuse")
    assert caught.value.code == "too_many_snapshots"


def test_what_keeps_them_is_named() -> None:
    chosen = [facts("tank/a@1"), facts("tank/a@2", holds=("legal",)), facts("tank/a@3", clones=("tank/c",))]
    with pytest.raises(CalypsoError) as caught:
        destroying.destroy_snapshots(chosen, {}, {}, protected="refuse")
    assert caught.value.code == "snapshot_in_use"
    assert "tank/a@2 is held by legal; tank/a@3 is the origin of tank/c" in caught.value.message
    plan = destroying.destroy_snapshots(chosen, {}, {}, protected="skip")
    assert plan.destroys and plan.destroys.names == ("tank/a@1",)
    assert "2 are held or have clones and stay" in plan.warnings[1]
    plan = destroying.destroy_snapshots(chosen, {}, {}, protected="defer")
    [step] = plan.steps
    assert isinstance(step, Run) and step.argv == ("zfs", "destroy", "-d", "--", "tank/a@1,2,3")
    assert step.records[0].data["deferred"] == ["2", "3"]
    assert plan.destroys and plan.destroys.names == ("tank/a@1",)


# --- on the box -------------------------------------------------------------------------------------------------------


@pytest.fixture
def fs(tank: Box) -> Box:
    make_datasets(tank, "tank/a", "tank/a/b")
    return tank


def test_a_choice_is_resolved_to_names_in_the_plan(fs: Box) -> None:
    take(fs, "tank/a@auto-1", "tank/a@auto-2", "tank/a@keep", "tank/a/b@auto-1")
    Snapshot.objects.filter(name="auto-2").update(created_at=NOW - timedelta(days=9))
    choice = {"dataset": "tank/a", "matching": "auto-*"}
    plan = planned("DestroySnapshots", choice=choice)
    assert plan.destroys and plan.destroys.names == ("tank/a@auto-1", "tank/a@auto-2")
    assert plan.confirm == "2 snapshots"
    old = planned("DestroySnapshots", choice=choice | {"created_before": (NOW - timedelta(days=1)).isoformat()})
    assert old.destroys and old.destroys.names == ("tank/a@auto-2",)
    below = planned("DestroySnapshots", choice=choice | {"recursive": True})
    assert below.destroys and len(below.destroys.names) == 3
    assert refused("DestroySnapshots", choice=choice | {"matching": "no*"}).code == "no_such_snapshot"
    done("DestroySnapshots", choice=choice | {"recursive": True}, confirm="3 snapshots")
    assert known() == ["tank/a@keep"] == on_the_box(fs)


@pytest.mark.parametrize("given", [{}, {"names": ["tank/a@1"], "choice": {"dataset": "tank/a"}}])
def test_names_or_a_choice(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either names or a choice"):
        asked("DestroySnapshots", **given)


def test_it_asks_for_the_number_typed(fs: Box) -> None:
    take(fs, "tank/a@1", "tank/a@2")
    with pytest.raises(commands.ConfirmationNeeded):
        commands.dispatch(asked("DestroySnapshots", names=["tank/a@1", "tank/a@2"]), SARI, confirm="tank/a")


def test_four_thousand_in_one_operation(fs: Box) -> None:
    with change(fs.path) as state:
        fill(state, pools=1, disks=2, datasets=1, snapshots=4000)
    observe()
    know_dataset("fill001/data000")
    know("fill001/data000", on_the_box(fs))
    before = store.position()
    operation = done("DestroySnapshots", choice={"dataset": "fill001/data000"}, confirm="4000 snapshots")
    assert len(operation.steps) == 10
    assert not Snapshot.objects.exists() and on_the_box(fs) == []
    told = events_after(before, "storage.SnapshotsDestroyed")
    assert [len(event.data["snapshots"]) for event in told] == [400] * 10
    assert {event.operation_id for event in told} == {operation.pk}


def test_what_went_before_a_failure_is_on_record_and_no_more(fs: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destroying, "A_STEP", 10)
    many(fs, "tank/a", 25)
    fs.ok("zfs", "hold", "behind-our-back", "tank/a@s00015")
    monkeypatch.setattr(box, "observe", lambda _: None)
    operation = carried_out("DestroySnapshots", choice={"dataset": "tank/a"}, confirm="25 snapshots")
    assert (operation.state, operation.error["code"]) == ("failed", "snapshot_held")
    assert [step["state"] for step in operation.steps] == ["done", "failed", "waiting"]
    assert Snapshot.objects.count() == 15 == len(on_the_box(fs))


def test_it_can_be_stopped_between_its_steps(fs: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destroying, "A_STEP", 10)
    many(fs, "tank/a", 25)
    run, calls = shell.run, []

    def stopping(argv: Any, **more: Any) -> shell.Result:
        if argv[:2] == ("zfs", "destroy"):
            calls.append(argv)
            if len(calls) == 2:
                cancel(Operation.objects.get(command="storage.DestroySnapshots"), SARI)
        return run(argv, **more)

    monkeypatch.setattr(shell, "run", stopping)
    operation = carried_out("DestroySnapshots", choice={"dataset": "tank/a"}, confirm="25 snapshots")
    assert operation.state == "cancelled"
    assert [step["state"] for step in operation.steps] == ["done", "done", "waiting"]
    assert Snapshot.objects.count() == 5 == len(on_the_box(fs))


def test_held_ones_are_deferred_when_asked(fs: Box) -> None:
    take(fs, "tank/a@1", "tank/a@2")
    fs.ok("zfs", "hold", "legal", "tank/a@2")
    see("tank/a@2")
    done("DestroySnapshots", names=["tank/a@1", "tank/a@2"], protected="defer", confirm="2 snapshots")
    assert known() == ["tank/a@2"] == on_the_box(fs)
    assert Snapshot.objects.get().defer_destroy


def many(box: Box, name: str, number: int) -> None:
    """So many snapshots of a dataset, and all of them known."""
    names = [f"{name}@s{n:05}" for n in range(number)]
    for each in names:
        box.ok("zfs", "snapshot", each)
    know(name, names)


def know(name: str, snapshots: Sequence[str]) -> None:
    of = dataset(name)
    states = [
        SnapshotState(
            dataset=of.id,
            dataset_name=name,
            name=each.partition("@")[2],
            guid=str(n),
            created_at=1_795_412_412,
            created_txg=n + 1,
        )
        for n, each in enumerate(snapshots)
    ]
    with store.writing():
        facts = [SnapshotsFound(pool=of.pool, name=name.partition("/")[0], items=part) for part in chunks(states)]
        append([Change(snapshot_stream(of.pool), fact) for fact in facts], OBSERVER.metadata())
