"""The read models of schedules and their runs. A run's life is that of its operation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.storage.domain.schedules import (
    ScheduleChanged,
    ScheduleCreated,
    ScheduleDeleted,
    ScheduleEvent,
    ScheduleFailed,
    ScheduleMissed,
    ScheduleSkipped,
    ScheduleState,
    run_id,
)
from apps.storage.domain.snapshots import SnapshotsCreated, SnapshotsDestroyed
from apps.storage.models.schedules import Schedule, ScheduleRun
from calypso.kernel.events import Recorded
from calypso.kernel.models import Operation
from calypso.kernel.operations import (
    OperationCancelled,
    OperationEvent,
    OperationFailed,
    OperationInterrupted,
    OperationRequested,
    OperationSucceeded,
)
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("schedules", 1, lambda: [Schedule, ScheduleRun])

RUN, EXPIRE = "storage.RunSchedule", "storage.ExpireSnapshots"  # the commands whose operations make up a run


@projection.on(ScheduleCreated, ScheduleChanged)
def changed(tables: Tables, e: Recorded[ScheduleState]) -> None:
    fact = e.event
    before = tables.get(Schedule, fact.schedule)
    tables.put(
        Schedule,
        {
            "id": fact.schedule,
            "name": fact.name,
            "kind": fact.job.kind,
            "target": fact.target,
            "enabled": fact.enabled,
            "when": fact.when.model_dump(mode="json"),
            "job": fact.job.model_dump(mode="json"),
            "created_at": before["created_at"] if before else e.recorded_at,
            "changed_at": e.recorded_at,
            "version": e.version,
            "position": e.position,
        },
    )


@projection.on(ScheduleDeleted)
def deleted(tables: Tables, e: Recorded[ScheduleDeleted]) -> None:
    tables.delete(Schedule, e.event.schedule)
    for run in tables.find(ScheduleRun, "schedule", e.event.schedule):
        tables.delete(ScheduleRun, run["id"])


@projection.on(ScheduleMissed)
def missed(tables: Tables, e: Recorded[ScheduleMissed]) -> None:
    tables.put(ScheduleRun, _new(e, e.event, e.event.last, "missed") | {"missed": e.event.count})


@projection.on(ScheduleSkipped)
def skipped(tables: Tables, e: Recorded[ScheduleSkipped]) -> None:
    tables.put(ScheduleRun, _new(e, e.event, e.event.due, "skipped") | {"detail": e.event.why})


@projection.on(ScheduleFailed)
def not_asked_for(tables: Tables, e: Recorded[ScheduleFailed]) -> None:
    tables.put(ScheduleRun, _new(e, e.event, e.event.due, "failed") | {"detail": e.event.message})


@projection.on(OperationRequested)
def requested(tables: Tables, e: Recorded[OperationRequested]) -> None:
    asked = e.event
    if asked.command == RUN:
        for schedule in tables.find(Schedule, "name", asked.input["name"]):
            _begun(tables, e, schedule)
    elif asked.command == EXPIRE and (run := tables.get(ScheduleRun, UUID(asked.input["run"]))):
        tables.put(ScheduleRun, {**run, "expiry": asked.operation, "position": e.position})


@projection.on(OperationSucceeded, OperationFailed, OperationCancelled, OperationInterrupted)
def ended(tables: Tables, e: Recorded[OperationEvent]) -> None:
    operation = tables.get(Operation, e.event.operation)
    if operation is not None and operation["command"] not in (RUN, EXPIRE):
        return
    error = e.event.error.message if isinstance(e.event, OperationFailed | OperationInterrupted) else ""
    words = error or ("" if isinstance(e.event, OperationSucceeded) else "cancelled")
    for run in tables.find(ScheduleRun, "operation", e.event.operation):
        state = "failed" if words else "ran"
        change = {"state": state, "detail": words, "ended_at": e.recorded_at, "position": e.position}
        tables.put(ScheduleRun, run | change)
    for run in tables.find(ScheduleRun, "expiry", e.event.operation):
        detail = f"Not all that had expired was destroyed: {words}" if words else run["detail"]
        tables.put(ScheduleRun, run | {"detail": detail, "ended_at": e.recorded_at, "position": e.position})


@projection.on(SnapshotsCreated)
def made(tables: Tables, e: Recorded[SnapshotsCreated]) -> None:
    if e.event.schedule:
        _count(tables, e, "operation", "made", len(e.event.items))


@projection.on(SnapshotsDestroyed)
def expired(tables: Tables, e: Recorded[SnapshotsDestroyed]) -> None:
    _count(tables, e, "expiry", "expired", len(e.event.of) * len(e.event.snapshots))


def _count(tables: Tables, e: Recorded[Any], by: str, what: str, number: int) -> None:
    if e.metadata.operation_id is not None:
        for run in tables.find(ScheduleRun, by, e.metadata.operation_id):
            tables.put(ScheduleRun, {**run, what: run[what] + number, "position": e.position})


def _begun(tables: Tables, e: Recorded[OperationRequested], schedule: Row) -> None:
    asked = e.event
    due = datetime.fromisoformat(asked.input["due"])
    fact = ScheduleEvent(schedule=schedule["id"], name=schedule["name"])
    before = tables.get(ScheduleRun, run_id(fact.schedule, due))
    row = _new(e, fact, due, "running")
    row |= {"operation": asked.operation, "manual": asked.input["manual"], "ended_at": None}
    row |= {"made_up": before is not None and before["state"] == "missed", "missed": before["missed"] if before else 0}
    tables.put(ScheduleRun, row)


def _new(e: Recorded[Any], of: ScheduleEvent, due: datetime, state: str) -> Row:
    return {
        "id": run_id(of.schedule, due),
        "schedule": of.schedule,
        "name": of.name,
        "due": due,
        "state": state,
        "manual": False,
        "made_up": False,
        "operation": None,
        "expiry": None,
        "made": 0,
        "expired": 0,
        "missed": 0,
        "detail": "",
        "ended_at": e.recorded_at,
        "position": e.position,
    }
