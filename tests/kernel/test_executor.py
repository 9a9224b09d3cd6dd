"""The executor: steps in order, each once, undo, named errors, the truth about defects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from calypso.kernel import box, executor, record, shell, store
from calypso.kernel.errors import ToolError
from calypso.kernel.models import Operation
from tests.support.deeds import Deeds, ran, types

pytestmark = pytest.mark.process


def states(operation: Operation) -> list[str]:
    return [step["state"] for step in operation.steps]


# --- the plan is carried out ----------------------------------------------------------------------------------------


def test_the_steps_of_a_plan_run_in_order_and_are_recorded(deeds: Deeds) -> None:
    operation = ran(deeds.ask("a", "b", "c"))
    assert (operation.state, operation.error) == ("succeeded", None)
    assert deeds.effects == ["do a", "do b", "do c"]
    assert states(operation) == ["done"] * 3
    step = ["StepStarted", "StepFinished"]
    assert types() == ["OperationRequested", "OperationStarted", *step * 3, "DeedsDone", "OperationSucceeded"]
    first = operation.steps[0]
    assert first["argv"] == ["deed", "do", str(deeds.folder), "a"]
    assert (first["exit_code"], first["output_bytes"], first["stderr"]) == (0, 0, "")
    assert first["duration_ms"] > 0 and len(first["output_sha256"]) == 64
    assert operation.requested_at <= operation.started_at <= operation.ended_at <= timezone.now()


def test_an_operation_that_has_ended_is_left_alone(deeds: Deeds) -> None:
    operation = ran(deeds.ask("a"))
    before = store.position()
    executor.run(str(operation.pk))
    assert (store.position(), deeds.effects) == (before, ["do a"])
    assert not list((deeds.folder.parent).rglob("*.lock"))


def test_an_unknown_operation_is_nothing(deeds: Deeds) -> None:
    executor.run("0" * 8 + "-0000-4000-8000-" + "0" * 12)
    assert types() == []


# --- failure and undo -----------------------------------------------------------------------------------------------


def test_a_failed_step_takes_back_those_before_it_the_last_first(deeds: Deeds) -> None:
    deeds.tell("c.do.fails", "cannot do: password=hunter2hunter2")
    operation = ran(deeds.ask("a", "b", "c", "d"))
    assert operation.state == "failed"
    assert deeds.effects == ["do a", "do b", "undo b", "undo a"]
    assert states(operation) == ["undone", "undone", "failed", "waiting"]
    assert (operation.error["code"], operation.error["message"]) == ("deed_failed", "The deed failed.")
    assert operation.error["detail"].startswith("cannot do: password=")
    assert "hunter2" not in str(operation.error) + str(operation.steps)
    assert types()[-3:] == ["StepUndone", "StepUndone", "OperationFailed"]
    assert "DeedsDone" not in types()


def test_a_step_without_undo_stays_and_says_so(deeds: Deeds) -> None:
    deeds.tell("b.do.fails", "no")
    operation = ran(deeds.ask("a", "b", undo=False))
    assert (operation.state, states(operation)) == ("failed", ["done", "failed"])
    assert deeds.effects == ["do a"]


def test_a_step_that_leaves_traces_is_taken_back_when_it_refuses(deeds: Deeds) -> None:
    """`zpool export` unmounts file systems before it finds that one is busy."""
    deeds.tell("b.do.fails", "busy")
    operation = ran(deeds.ask("a", "b", traces=True))
    assert (operation.state, operation.error["code"]) == ("failed", "deed_failed")
    assert states(operation) == ["undone", "undone"]
    assert deeds.effects == ["do a", "undo b", "undo a"]


def test_what_stays_done_is_recorded_with_its_step(deeds: Deeds) -> None:
    deeds.tell("c.do.fails", "no")
    operation = ran(deeds.ask("a", "b", "c", records=True))
    assert (operation.state, states(operation)) == ("failed", ["done", "done", "failed"])
    done = ["StepStarted", "StepFinished", "DeedsDone"]
    ended = ["StepStarted", "StepFinished", "OperationFailed"]
    assert types() == ["OperationRequested", "OperationStarted", *done * 2, *ended]


def test_a_step_ended_by_force_whose_effect_is_there_is_recorded(deeds: Deeds, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = deeds.ask("a", "b", records=True)
    run = shell.run

    def late(argv: Any, **more: Any) -> shell.Result:
        run(argv, **more)
        raise shell.ToolTimeout("late")

    monkeypatch.setattr(shell, "run", late)
    ran(operation)
    assert types()[-4:] == ["StepStarted", "StepFinished", "DeedsDone", "OperationFailed"]
    assert deeds.effects == ["do a"]


def test_an_undo_that_fails_is_recorded_and_the_others_go_on(deeds: Deeds) -> None:
    deeds.tell("c.do.fails", "no")
    deeds.tell("b.undo.fails", "it won't come off")
    operation = ran(deeds.ask("a", "b", "c"))
    assert (operation.state, states(operation)) == ("failed", ["undone", "undo failed", "failed"])
    assert operation.steps[1]["undo"]["stderr"].strip() == "it won't come off"
    assert deeds.effects == ["do a", "do b", "undo a"]


def test_a_missing_tool_is_named(deeds: Deeds) -> None:
    operation = deeds.ask("a")
    (deeds.folder.parent / "bin" / "deed").unlink()
    ran(operation)
    assert (operation.state, operation.error["code"]) == ("failed", "tool_missing")
    assert states(operation) == ["failed"]
    assert "deed" in operation.steps[0]["stderr"]


def test_a_tool_over_its_deadline_is_named_and_what_it_did_is_taken_back(
    deeds: Deeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = deeds.ask("a")
    run = shell.run

    def late(argv: Any, **more: Any) -> shell.Result:
        result = run(argv, **more)
        if argv[1] == "do":
            raise shell.ToolTimeout("late", detail="so far")
        return result

    monkeypatch.setattr(shell, "run", late)
    ran(operation)
    assert (operation.state, operation.error["code"]) == ("failed", "tool_timeout")
    assert deeds.effects == ["do a", "undo a"]
    assert states(operation) == ["undone"]


def test_a_tool_that_refused_is_not_undone_even_if_the_effect_is_there(deeds: Deeds) -> None:
    """It's somebody else's: `zpool create` refuses when the pool is there, and undo would destroy that."""
    deeds.tell("effects", "do a\n")
    deeds.tell("a.do.fails", "exists already")
    operation = ran(deeds.ask("a"))
    assert (operation.state, states(operation)) == ("failed", ["failed"])
    assert deeds.effects == ["do a"]


# --- our own defects ------------------------------------------------------------------------------------------------


def test_a_defect_of_ours_ends_the_operation_with_the_truth(deeds: Deeds, caplog: pytest.LogCaptureFixture) -> None:
    deeds.tell("call.fails", "secret internals")
    operation = ran(deeds.ask("a", call="deeds.call"))
    assert (operation.state, operation.error["code"]) == ("failed", "internal_error")
    assert "RuntimeError" in operation.error["message"]
    assert "secret internals" not in str(operation.error)
    assert states(operation) == ["undone", "failed"]
    assert deeds.effects == ["do a", "undo a"]
    assert "secret internals" in caplog.text, "the log has it"


@pytest.mark.parametrize("broken", ["command", "plan", "function"])
def test_what_this_version_can_not_read_ends_instead_of_coming_back_for_ever(deeds: Deeds, broken: str) -> None:
    operation = deeds.ask("a", call="deeds.call")
    if broken == "command":
        executor.commands._registry.pop("tests.Do")
    elif broken == "function":
        box._calls.pop("deeds.call")
    else:
        Operation.objects.filter(pk=operation.pk).update(plan={"steps": "gone"})
    ran(operation)
    assert (operation.state, operation.error["code"]) == ("failed", "internal_error")
    assert deeds.effects == ([] if broken != "function" else ["do a", "undo a"])


def test_an_error_of_the_database_that_is_ours_ends_the_operation(
    deeds: Deeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = deeds.ask("a")
    append = record.append

    def refuses(changes: Any, metadata: Any) -> Any:
        if any(c.event.TYPE == "tests.DeedsDone.v1" for c in changes):
            raise DataError("value too long")
        return append(changes, metadata)

    monkeypatch.setattr(record, "append", refuses)
    ran(operation)
    assert (operation.state, operation.error["code"]) == ("failed", "internal_error")
    assert deeds.effects == ["do a", "undo a"]


def test_a_scan_that_fails_fails_no_operation(deeds: Deeds, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def scan(resources: Sequence[str]) -> None:
        calls.append(" ".join(resources))
        raise (ToolError("no"), KeyError("defect"))[len(calls) - 1]

    monkeypatch.setitem(box._observers, scan, ["deeds"])
    asked = deeds.ask("a", resources=("deeds.two", "deeds.one", "deedsome.one"))
    assert ran(asked).state == "succeeded"
    assert calls == ["deeds.one deeds.two"] * 2, "before the plan is made again, and at the end: what it touches"


# --- the database is away -------------------------------------------------------------------------------------------


def test_a_database_that_is_away_ends_no_tool_and_loses_no_result(
    deeds: Deeds, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = deeds.ask("a")
    away = {"cancel": 0, "append": 0}
    once = record.Record._add_once

    def sometimes(self: Any, changes: Any) -> None:
        if changes[0].event.TYPE == "operations.StepFinished.v1" and away["append"] < 6:
            away["append"] += 1
            if away["append"] == 6:
                once(self, changes)  # committed, and the answer is lost
            raise OperationalError("server closed the connection unexpectedly")
        once(self, changes)

    def gone(*_: Any, **__: Any) -> Any:
        away["cancel"] += 1
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(record.Record, "_add_once", sometimes)
    monkeypatch.setattr(record.Record, "cancel_requested", _with_operations(gone))
    monkeypatch.setattr(record.time, "sleep", lambda seconds: None)
    assert ran(operation).state == "succeeded"
    assert away["append"] == 6 and away["cancel"] > 0
    assert deeds.effects == ["do a"]
    assert types().count("StepFinished") == 1
    assert operation.steps[0]["exit_code"] == 0, "the tool's own end is on record, not what a probe found"


def _with_operations(gone: Any) -> Any:
    """The real method, with an Operation table that can't be reached."""
    method = record.Record.cancel_requested

    def asks(self: Any) -> bool:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Operation.objects, "filter", gone, raising=False)
            self.asked = 0.0
            return method(self)

    return asks


# --- every step twice -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_step_whose_effect_is_there_is_not_repeated(deeds: Deeds, index: int) -> None:
    """Each step of a plan twice in a row: the second time, as after a crash, its probe finds it done."""
    operation = ran(deeds.ask("a", "b", "c"))
    steps = [{**step, "state": "waiting"} for step in operation.steps]
    for each in steps[:index]:
        each["state"] = "done"
    steps[index]["state"] = "running"
    (deeds.folder / "effects").write_text("".join(f"do {name}\n" for name in "abc"[: index + 1]))
    Operation.objects.filter(pk=operation.pk).update(state="running", ended_at=None, steps=steps)
    ran(operation)
    assert operation.state == "succeeded"
    assert deeds.effects == ["do a", "do b", "do c"]
    assert states(operation) == ["done"] * index + ["observed"] + ["done"] * (2 - index)
