"""Steps that call over D-Bus: on record with call and reply, refused by name, taken back, and found after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from calypso.kernel import box, commands, events, store
from calypso.kernel.actors import Permission
from calypso.kernel.buses import errors
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change, Event, Kind, Metadata
from calypso.kernel.models import Operation
from calypso.kernel.operations import OperationStarted, StepStarted
from calypso.kernel.plans import Ask, Ending, Outcome, Plan, Probe, Request
from calypso.kernel.projections import append
from calypso.lab.bus import units
from calypso.lab.state import change, reading
from tests.support.deeds import ADMIN, ran, types

pytestmark = [pytest.mark.process, pytest.mark.django_db]

SYSTEMD, PATH = "org.freedesktop.systemd1", "/org/freedesktop/systemd1"
ENDED = Ending(path=PATH, interface=f"{SYSTEMD}.Manager", member="JobRemoved", reply=1, result=3, good=("done",))


class Asked(Event):
    made: UUID


class AskFor(commands.Command):
    """Starts units, one after the other."""

    names: tuple[str, ...]
    undo: bool = True

    def plan(self, operation: UUID) -> Plan:
        made = commands.mint(operation, "made")
        steps = tuple(self._step(name) for name in self.names)
        outcome = (Outcome.of(made, Asked(made=made)),)
        return Plan(title="Ask", resources=("asked.one",), steps=steps, outcome=outcome)

    def _step(self, name: str) -> Ask:
        done = Probe(name="asked.active", args={"name": name})
        undo = request("StopUnit", name) if self.undo else None
        return Ask(title=f"Start {name}", deadline=20, done=done, undo=undo, **dict(request("StartUnit", name)))


def request(member: str, name: str) -> Request:
    return Request(
        destination=SYSTEMD,
        path=PATH,
        interface=f"{SYSTEMD}.Manager",
        member=member,
        signature="ss",
        body=(name, "replace"),
        ending=ENDED,
    )


def active(args: dict[str, Any], since: float) -> bool | None:
    if args["name"] == "unknown.service":
        return None
    with reading() as state:
        unit = units.find(state, args["name"])
    return unit is not None and unit["active"] == "active"


@pytest.fixture(autouse=True)
def lab(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three units that do not run, and what asks for them."""
    settings.CALYPSO_LAB_STATE = tmp_path / "state.db"
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setattr(events, "_registry", dict(events._registry))
    monkeypatch.setattr(commands, "_registry", dict(commands._registry))
    monkeypatch.setattr(box, "_probes", dict(box._probes))
    monkeypatch.setattr(errors, "_namers", {})
    events.event("tests.Asked.v1", Kind.OBSERVATION)(Asked)
    commands.command("tests.AskFor", Permission.ADMINISTER)(AskFor)
    box.probe("asked.active")(active)
    with change() as state:
        units.ensure(state)
        for name in ("a.service", "b.service", "c.service"):
            units.add(state, name, sub="dead", file_state="disabled")
    yield


def ask(*names: str, **more: Any) -> Operation:
    return commands.dispatch(AskFor(names=names, **more), ADMIN)


def running() -> list[str]:
    with reading() as state:
        return [u["name"] for u in units.everything(state) if u["name"][1:] == ".service" and u["active"] == "active"]


def test_call_and_reply_are_on_record() -> None:
    operation = ran(ask("a.service", "b.service"))
    assert (operation.state, operation.error) == ("succeeded", None)
    assert running() == ["a.service", "b.service"]
    first = operation.steps[0]
    assert first["call"] == f'{SYSTEMD} {PATH} {SYSTEMD}.Manager StartUnit ss "a.service" "replace"'
    assert (first["state"], first["exit_code"], first["argv"]) == ("done", 0, [])
    assert first["stdout"].startswith(f'["{PATH}/job/') and first["stdout"].endswith('"done"]')
    assert first["output_bytes"] == len(first["stdout"]) and len(first["output_sha256"]) == 64
    assert types()[-2:] == ["Asked", "OperationSucceeded"]


def test_a_refusal_takes_back_what_was_done_before() -> None:
    with change() as state:
        unit = units.find(state, "b.service")
        assert unit is not None
        units.put(state, unit, broken="exit-code")
    operation = ran(ask("a.service", "b.service", "c.service"))
    assert (operation.state, operation.error["code"]) == ("failed", "bus_call_failed")
    assert [step["state"] for step in operation.steps] == ["undone", "failed", "waiting"]
    assert operation.steps[0]["undo"]["call"].endswith('StopUnit ss "a.service" "replace"')
    assert operation.steps[1]["stderr"].startswith(f"{SYSTEMD}.Manager.JobRemoved.failed: ")
    assert running() == []


def test_a_destinations_own_name_of_an_error_is_told() -> None:
    errors.names_errors_of(SYSTEMD)(lambda _, refused: CalypsoError(f"No: {refused.message}", code="not_there"))
    operation = ran(ask("nope.service"))
    assert operation.error["code"] == "not_there"
    assert "nope.service not found" in operation.error["message"]


@pytest.mark.parametrize(("condition", "code"), [("away", "bus_missing"), ("denies", "not_authorized")])
def test_no_bus_and_no_right_are_told_apart(condition: str, code: str) -> None:
    with change() as state:
        state["options"]["bus"] = condition
    operation = ran(ask("a.service"))
    assert (operation.state, operation.error["code"], operation.steps[0]["state"]) == ("failed", code, "failed")


def begun(operation: Operation) -> None:
    """As a worker leaves it that dies within the first step."""
    first = Plan.model_validate(operation.plan).steps[0]
    assert isinstance(first, Ask)
    facts = [
        OperationStarted(operation=operation.pk),
        StepStarted(operation=operation.pk, step=0, argv=(), call=first.text()),
    ]
    with store.writing():
        append([Change(operation.pk, fact) for fact in facts], Metadata())


def test_after_a_crash_what_is_there_is_observed_and_not_asked_for_again() -> None:
    operation = ask("a.service", "b.service")
    begun(operation)
    with change() as state:
        unit = units.find(state, "a.service")
        assert unit is not None
        units.start(state, unit)
        invocation = unit["invocation"]
    ran(operation)
    assert [step["state"] for step in operation.steps] == ["observed", "done"]
    with reading() as state:
        unit = units.find(state, "a.service")
    assert unit is not None and unit["invocation"] == invocation


def test_after_a_crash_what_can_not_be_told_is_left() -> None:
    operation = ask("unknown.service")
    begun(operation)
    ran(operation)
    assert (operation.state, operation.error["code"]) == ("interrupted", "interrupted")


def test_a_secret_in_a_call_is_masked() -> None:
    asked = Request(
        destination="a.b", path="/", interface="a.b", member="M", signature="s", body=("password=hunter2x",)
    )
    assert "hunter2x" not in asked.text()
