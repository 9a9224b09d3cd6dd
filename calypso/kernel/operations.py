"""The life of an operation: its events and its read model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from calypso.kernel.events import Event, Kind, Recorded, event, upcast
from calypso.kernel.models import Operation
from calypso.kernel.projections import Projection, Row, Tables


class OperationEvent(Event):
    operation: UUID

    def keys(self) -> tuple[str, ...]:
        return (f"operation.{self.operation}",)


@event("operations.OperationRequested.v1", Kind.OPERATION)
class OperationRequested(OperationEvent):
    command: str
    title: str
    input: dict[str, Any]
    plan: dict[str, Any]
    digest: str
    resources: tuple[str, ...]
    idempotency_key: str
    request_digest: str

    def keys(self) -> tuple[str, ...]:
        return (*super().keys(), *self.resources)


@event("operations.OperationStarted.v1", Kind.OPERATION)
class OperationStarted(OperationEvent):
    pass


@event("operations.StepStarted.v1", Kind.OPERATION)
class StepStarted(OperationEvent):
    step: int
    argv: tuple[str, ...]
    call: str = ""


@event("operations.StepFinished.v1", Kind.OPERATION)
class StepFinished(OperationEvent):
    """``outcome``: done, failed, or observed (after a crash the effect was found on the box). Tails are masked."""

    step: int
    outcome: str
    exit_code: int | None = None
    duration_ms: int | None = None
    output_sha256: str = ""
    output_bytes: int = 0
    stdout: str = ""
    stderr: str = ""


@event("operations.StepUndone.v2", Kind.OPERATION)
class StepUndone(OperationEvent):
    """By a tool (``argv``) or otherwise (``call``: what was done). ``exit_code``: 0 where it is taken back."""

    step: int
    argv: tuple[str, ...]
    exit_code: int | None
    stderr: str = ""
    call: str = ""


@upcast("operations.StepUndone.v1", StepUndone.TYPE)
def _only_by_tools(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "call": ""}


@event("operations.CancelRequested.v1", Kind.OPERATION)
class CancelRequested(OperationEvent):
    pass


@event("operations.OperationSucceeded.v1", Kind.OPERATION)
class OperationSucceeded(OperationEvent):
    pass


class Problem(Event):
    """An error as it is recorded: the members of the problem+json answer that matter later."""

    code: str
    message: str
    detail: str = ""
    hint: str = ""


@event("operations.OperationFailed.v1", Kind.OPERATION)
class OperationFailed(OperationEvent):
    error: Problem


@event("operations.OperationCancelled.v1", Kind.OPERATION)
class OperationCancelled(OperationEvent):
    pass


@event("operations.OperationInterrupted.v1", Kind.OPERATION)
class OperationInterrupted(OperationEvent):
    """It was running when its process died, and the box can't tell whether the step in hand took effect."""

    error: Problem


@event("operations.CommandDenied.v1", Kind.SECURITY)
class CommandDenied(Event):
    command: str
    permission: str
    resources: tuple[str, ...] = ()

    def keys(self) -> tuple[str, ...]:
        return self.resources


projection = Projection("operations", 2, lambda: [Operation])

ENDS = {
    OperationSucceeded.TYPE: "succeeded",
    OperationFailed.TYPE: "failed",
    OperationCancelled.TYPE: "cancelled",
    OperationInterrupted.TYPE: "interrupted",
}


@projection.on(OperationRequested)
def requested(tables: Tables, e: Recorded[OperationRequested]) -> None:
    tables.put(Operation, _queued_row(e))


def queued(e: Recorded[OperationRequested]) -> Operation:
    """The operation as it has just been written, without reading it back."""
    row = _queued_row(e)
    names = [field.attname for field in Operation._meta.concrete_fields]
    return Operation.from_db("default", names, [row[name] for name in names])


def _queued_row(e: Recorded[OperationRequested]) -> Row:
    fact, who = e.event, e.metadata
    steps = [
        {"title": s["title"], "kind": s["kind"], "argv": list(s.get("argv", ())), "call": "", "state": "waiting"}
        for s in fact.plan["steps"]
    ]
    return {
        "id": fact.operation,
        "position": e.position,
        "last_position": e.position,
        "command": fact.command,
        "title": fact.title,
        "input": fact.input,
        "state": "queued",
        "actor": who.actor,
        "auth": who.auth,
        "source": who.source,
        "reason": who.reason,
        "correlation_id": who.correlation_id,
        "resources": list(fact.resources),
        "plan": fact.plan,
        "digest": fact.digest,
        "steps": steps,
        "error": None,
        "idempotency_key": fact.idempotency_key,
        "request_digest": fact.request_digest,
        "cancel_requested": False,
        "requested_at": e.recorded_at,
        "started_at": None,
        "ended_at": None,
    }


def _change(tables: Tables, e: Recorded[Any], **changes: Any) -> Row | None:
    """Changes an operation that has not ended; a completed record is never updated."""
    row = tables.get(Operation, e.event.operation)
    if row is None or row["ended_at"] is not None:
        return None
    row = {**row, **changes, "last_position": e.position}
    tables.put(Operation, row)
    return row


@projection.on(OperationStarted)
def started(tables: Tables, e: Recorded[OperationStarted]) -> None:
    _change(tables, e, state="running", started_at=e.recorded_at)


@projection.on(CancelRequested)
def cancel_requested(tables: Tables, e: Recorded[CancelRequested]) -> None:
    _change(tables, e, cancel_requested=True)


def _change_step(tables: Tables, e: Recorded[Any], **changes: Any) -> None:
    row = tables.get(Operation, e.event.operation)
    if row is not None:
        steps = [{**s, **changes} if i == e.event.step else s for i, s in enumerate(row["steps"])]
        _change(tables, e, steps=steps)


@projection.on(StepStarted)
def step_started(tables: Tables, e: Recorded[StepStarted]) -> None:
    _change_step(tables, e, state="running", call=e.event.call, started_at=e.recorded_at.isoformat())


@projection.on(StepFinished)
def step_finished(tables: Tables, e: Recorded[StepFinished]) -> None:
    fact = e.event.model_dump(mode="json", exclude={"operation", "step", "outcome"})
    _change_step(tables, e, state=e.event.outcome, **fact)


@projection.on(StepUndone)
def step_undone(tables: Tables, e: Recorded[StepUndone]) -> None:
    state = "undone" if e.event.exit_code == 0 else "undo failed"
    undo = {"argv": list(e.event.argv), "call": e.event.call, "stderr": e.event.stderr}
    _change_step(tables, e, state=state, undo=undo)


@projection.on(OperationSucceeded, OperationCancelled)
def ended(tables: Tables, e: Recorded[OperationEvent]) -> None:
    _change(tables, e, state=ENDS[e.event.TYPE], ended_at=e.recorded_at)


@projection.on(OperationFailed, OperationInterrupted)
def failed(tables: Tables, e: Recorded[OperationFailed]) -> None:
    _change(tables, e, state=ENDS[e.event.TYPE], ended_at=e.recorded_at, error=e.event.error.model_dump(mode="json"))
