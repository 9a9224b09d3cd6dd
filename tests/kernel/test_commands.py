"""dispatch and what belongs to it: authorise → plan → record → enqueue, once, or not at all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django_q.models import OrmQ

from calypso.kernel import commands, executor, record, store
from calypso.kernel.errors import (
    ConfirmationNeeded,
    Conflict,
    Denied,
    IdempotencyKeyReused,
    NotFound,
    StaleVersion,
)
from calypso.kernel.models import Operation
from calypso.kernel.plans import Plan
from calypso.kernel.rest import waited
from tests.support.appliance import wait_for
from tests.support.deeds import ADMIN, VIEWER, Deeds, Do, end_of, forked

pytestmark = pytest.mark.process


def recorded() -> list[Any]:
    """All events, whole."""
    return [store.from_row(row) for row in store.query(f"SELECT {store.COLUMNS} FROM ledger.event ORDER BY position")]


def types() -> list[str]:
    return [e.event.TYPE.split(".")[1] for e in recorded()]


def test_a_command_is_recorded_and_enqueued_in_one(deeds: Deeds) -> None:
    operation = deeds.ask("a", reason="because")
    (event,) = recorded()
    assert event.event.TYPE == "operations.OperationRequested.v1"
    assert event.event.input == {**Do(folder=str(deeds.folder), names=("a",), reason="because").model_dump(mode="json")}
    assert (operation.state, operation.position, operation.command) == ("queued", event.position, "tests.Do")
    assert list(OrmQ.objects.values_list("payload", flat=True)) == [str(operation.pk)]
    assert Plan.model_validate(operation.plan).digest == operation.digest


def test_nothing_is_left_when_the_transaction_is_rolled_back(deeds: Deeds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.queue, "enqueue", lambda operation: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deeds.ask("a")
    assert (recorded(), Operation.objects.count(), OrmQ.objects.count()) == ([], 0, 0)


def test_a_dry_run_records_nothing_and_has_the_digest_of_what_is_then_recorded(deeds: Deeds) -> None:
    asked = Do(folder=str(deeds.folder), names=("a", "b"))
    plan = commands.preview(asked, ADMIN)
    assert (recorded(), OrmQ.objects.count(), deeds.log) == ([], 0, [])
    operation = commands.dispatch(asked, ADMIN)
    assert plan.digest == operation.digest
    told, kept = plan.model_dump(mode="json"), dict(operation.plan)
    assert told["outcome"][0]["stream"] != kept["outcome"][0]["stream"], "ids are minted for each operation"
    for each in (told, kept):
        each.pop("minted"), each.pop("outcome")
    assert told == kept


def test_the_digest_tells_what_matters(deeds: Deeds) -> None:
    digest = commands.preview(Do(folder=str(deeds.folder), names=("a", "b")), ADMIN).digest
    deeds.tell("box", "changed")
    assert commands.preview(Do(folder=str(deeds.folder), names=("a", "b")), ADMIN).digest != digest
    (deeds.folder / "box").unlink()
    for other in ({"names": ("b", "a")}, {"resources": ("deeds.two",)}, {"undo": False}, {"confirm": "x"}):
        asked = Do(**{"folder": str(deeds.folder), "names": ("a", "b"), **other})
        assert commands.preview(asked, ADMIN).digest != digest, other


def test_a_refusal_is_a_security_event_and_nothing_else_happens(deeds: Deeds) -> None:
    for attempt in (
        lambda: deeds.ask("a", actor=VIEWER, reason="let me"),
        lambda: commands.preview(Do(folder=str(deeds.folder), names=("a",), reason="let me"), VIEWER),
    ):
        before = store.position()
        with pytest.raises(Denied) as denied:
            attempt()
        assert denied.value.status == 403
        event = recorded()[-1]
        assert event.position == before + 1
        assert (event.event.TYPE, event.event.KIND) == ("operations.CommandDenied.v1", "security")
        assert (event.event.command, event.event.permission) == ("tests.Do", "administer")
        who = event.metadata
        assert (who.actor, who.auth, who.source, who.reason) == ("user:vivi", "session", "192.0.2.8", "let me")
    assert (Operation.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_every_event_of_an_operation_tells_who_and_why(deeds: Deeds) -> None:
    deeds.tell("b.do.fails", "no")
    operation = deeds.ask("a", "b", reason="spring cleaning")
    executor.run(str(operation.pk))
    assert len(types()) == 8, types()
    for event in recorded():
        who = event.metadata
        assert (who.actor, who.auth, who.source) == (ADMIN.name, ADMIN.auth, ADMIN.source), event
        assert (who.reason, who.correlation_id) == ("spring cleaning", ADMIN.correlation_id), event
        if event.event.TYPE != "operations.OperationRequested.v1":
            assert who.operation_id == operation.pk, event


# --- the same again -------------------------------------------------------------------------------------------------


def test_a_repeated_idempotency_key_gives_the_same_operation(deeds: Deeds) -> None:
    first = deeds.ask("a", key="k1")
    assert deeds.ask("a", key="k1").pk == first.pk
    executor.run(str(first.pk))
    again = deeds.ask("a", key="k1")
    assert (again.pk, again.state) == (first.pk, "succeeded")
    assert types().count("OperationRequested") == 1
    assert deeds.ask("a", key="k2").pk != first.pk
    assert deeds.ask("a").pk != first.pk


def test_a_key_with_another_body_is_refused(deeds: Deeds) -> None:
    first = deeds.ask("a", key="k1")
    for other in (lambda: deeds.ask("b", key="k1"), lambda: deeds.ask("a", key="k1", reason="other")):
        with pytest.raises(IdempotencyKeyReused) as refused:
            other()
        assert refused.value.code == "idempotency_key_reused"
        assert refused.value.extra["operation"] == str(first.pk)
    assert types() == ["OperationRequested"]


def test_a_key_is_its_actors_own(deeds: Deeds) -> None:
    from dataclasses import replace

    first = deeds.ask("a", key="k1")
    assert deeds.ask("b", key="k1", actor=replace(ADMIN, name="user:other")).pk != first.pk


def test_two_at_once_with_one_key_make_one_operation(deeds: Deeds, fresh_database: str) -> None:
    together = threading.Barrier(8)

    def ask(number: int) -> Any:
        try:
            together.wait()
            return deeds.ask("a", key="k1").pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert types() == ["OperationRequested"]
    assert OrmQ.objects.count() == 1


# --- preconditions --------------------------------------------------------------------------------------------------


def test_a_stale_expected_version_is_refused(deeds: Deeds) -> None:
    deeds.tell("version", "8")
    asked = Do(folder=str(deeds.folder), names=("a",))
    with pytest.raises(StaleVersion) as stale:
        commands.dispatch(asked, ADMIN, expected_version=7)
    assert (stale.value.status, stale.value.field) == (412, "If-Match")
    assert recorded() == []
    assert commands.dispatch(asked, ADMIN, expected_version=8).state == "queued"


def test_a_version_that_changes_while_the_plan_is_made_is_noticed(
    deeds: Deeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds.tell("version", "7")
    plan = Do.plan
    monkeypatch.setattr(Do, "plan", lambda self, operation: (deeds.tell("version", "8"), plan(self, operation))[1])
    with pytest.raises(StaleVersion):
        commands.dispatch(Do(folder=str(deeds.folder), names=("a",)), ADMIN, expected_version=7)
    assert recorded() == []


@pytest.mark.parametrize("given", [None, "", "tan", "Tank", "tank "])
def test_what_destroys_needs_its_name_repeated(deeds: Deeds, given: str | None) -> None:
    asked = Do(folder=str(deeds.folder), names=("a",), confirm="tank")
    with pytest.raises(ConfirmationNeeded) as needed:
        commands.dispatch(asked, ADMIN, confirm=given)
    assert (needed.value.code, needed.value.field) == ("confirmation_needed", "confirm")
    assert recorded() == []
    assert commands.dispatch(asked, ADMIN, confirm="tank").state == "queued"


def test_a_box_that_changed_meanwhile_ends_the_operation_before_anything_runs(deeds: Deeds) -> None:
    operation = deeds.ask("a")
    deeds.tell("box", "changed")
    executor.run(str(operation.pk))
    operation.refresh_from_db()
    assert (operation.state, operation.error["code"]) == ("failed", "stale_plan")
    assert " → " in operation.error["detail"], "what is different is said"
    assert deeds.log == []
    assert [step["state"] for step in operation.steps] == ["waiting"]
    assert "StepStarted" not in types()


# --- cancel ---------------------------------------------------------------------------------------------------------


def test_a_queued_operation_is_cancelled_at_once_and_never_runs(deeds: Deeds) -> None:
    operation = deeds.ask("a")
    assert commands.cancel(operation, VIEWER, "changed my mind").state == "cancelled"
    executor.run(str(operation.pk))
    assert deeds.log == []
    assert types() == ["OperationRequested", "CancelRequested", "OperationCancelled"]
    assert {(e.metadata.actor, e.metadata.reason) for e in recorded()[1:]} == {("user:vivi", "changed my mind")}


def test_what_has_ended_can_not_be_cancelled(deeds: Deeds) -> None:
    operation = deeds.ask("a")
    executor.run(str(operation.pk))
    with pytest.raises(Conflict) as refused:
        commands.cancel(operation, ADMIN)
    assert refused.value.code == "operation_finished"
    assert "CancelRequested" not in types()


def test_a_running_operation_is_cancelled_its_tool_ended_and_its_steps_taken_back(
    deeds: Deeds, fresh_database: str
) -> None:
    waits = deeds.tell("b.waits")
    operation = deeds.ask("a", "b", "c")
    worker = forked(lambda: executor.run(str(operation.pk)))
    wait_for(lambda: "b do started" in deeds.log, 10, "the second step runs")
    assert commands.cancel(operation, ADMIN, "enough").state == "running"
    assert end_of(worker) == 0
    waits.unlink()  # a tool that lived on would now have its effect
    operation.refresh_from_db()
    assert operation.state == "cancelled"
    assert [step["state"] for step in operation.steps] == ["undone", "failed", "waiting"]
    assert deeds.effects == ["do a", "undo a"]
    assert types().count("OperationCancelled") == 1


def test_a_cancel_between_two_steps_stops_before_the_next(deeds: Deeds, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = deeds.ask("a", "b")
    finish = record.Record.finish

    def cancels(self: Any, index: int, *args: Any, **facts: Any) -> None:
        finish(self, index, *args, **facts)
        if index == 0:
            commands.cancel(self.operation, ADMIN)

    monkeypatch.setattr(record.Record, "finish", cancels)
    executor.run(str(operation.pk))
    operation.refresh_from_db()
    assert operation.state == "cancelled"
    assert deeds.effects == ["do a", "undo a"]


# --- waiting --------------------------------------------------------------------------------------------------------


def test_wait_returns_at_the_end_of_the_operation(deeds: Deeds, fresh_database: str) -> None:
    waits = deeds.tell("a.waits")
    operation = deeds.ask("a")
    worker = forked(lambda: executor.run(str(operation.pk)))
    wait_for(lambda: deeds.log, 10, "the step runs")
    assert waited(operation, 0.1).state == "running"
    threading.Timer(0.2, waits.unlink).start()
    assert waited(operation, 20).state == "succeeded"
    assert end_of(worker) == 0


def test_wait_of_nothing_returns_at_once(deeds: Deeds) -> None:
    assert waited(deeds.ask("a"), 0).state == "queued"


def test_an_unknown_operation_is_not_found(deeds: Deeds) -> None:
    with pytest.raises(NotFound):
        commands.find_operation(uuid4())


def test_mappings_of_the_input_have_one_order() -> None:
    """jsonb returns the shorter key first; a plan made anew from that must be the one that was shown."""

    class Wish(commands.Command):
        values: dict[str, list[dict[str, int]]]

        def plan(self, operation: UUID) -> Plan:
            raise AssertionError("nobody plans it here")

    asked = Wish(values={"quota": [{"b": 1, "a": 2}], "compression": []})
    assert list(asked.values) == ["compression", "quota"]
    assert list(asked.values["quota"][0]) == ["a", "b"]
