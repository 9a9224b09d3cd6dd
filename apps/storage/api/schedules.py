"""REST: schedules of snapshots and scrubs, their runs, and what a change would expire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.router import router
from apps.storage.commands.schedules import (
    ChangeSchedule,
    CreateSchedule,
    DeleteSchedule,
    RunSchedule,
    ScheduleRequest,
    covered,
    find_schedule,
    job_of,
    when_of,
)
from apps.storage.domain.schedules import Job, SnapshotJob, When
from apps.storage.domain.times import in_words, name_at, next_runs
from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.plans.snapshot_facts import SnapshotFacts
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Reason
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Operation
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, Destroying, How, Needs, Preconditions, actor_of, answers, submit, tag

MOST_SHOWN = 1000  # snapshots in each list of a preview


class RunOut(Schema):
    id: UUID
    due: datetime
    state: str = Field(description="running, ran, failed, missed or skipped.")
    manual: bool = Field(description="Somebody asked for it, not the clock.")
    made_up: bool = Field(description="It was missed, and made up for later.")
    operation: UUID | None
    expiry: UUID | None = Field(description="The operation that destroyed what had expired.")
    made: int = Field(description="Snapshots made.")
    expired: int = Field(description="Snapshots destroyed.")
    missed: int = Field(description="How many times in a row were missed, this one being the last.")
    detail: str
    ended_at: datetime | None


class ScheduleOut(Schema):
    id: UUID
    name: str
    enabled: bool
    when: When
    job: Job = Field(description="With its dataset or pool by the name that it has now.")
    problem: str = Field(description="Why it can't run, or empty.")
    words: str = Field(description="`when.cron` as a person would say it.")
    next_runs: list[datetime]
    latest: RunOut | None
    created_at: datetime
    changed_at: datetime
    version: int


class ScheduleFilter(Page):
    kind: Literal["", "snapshots", "scrub"] = ""


class RunFilter(Page):
    state: Literal["", "running", "ran", "failed", "missed", "skipped"] = ""


class RunRequest(Schema):
    reason: Reason = ""


class PreviewRequest(ScheduleRequest):
    name: str = Field(min_length=1, max_length=63, description="A present schedule's, or that of a new one.")


class JudgedOut(Schema):
    """A snapshot and why: what it is kept as (last, hourly …), or what keeps it though it has expired."""

    full_name: str
    created_at: datetime
    used: int | None
    because: str


class PreviewOut(Schema):
    """Lists show a thousand at most; the counts are of all."""

    words: str
    next_runs: list[datetime]
    example: str = Field(description="The name of the next run's snapshots.")
    datasets: int = Field(description="How many get a snapshot at each run.")
    expiring: list[JudgedOut] = Field(description="Existing snapshots that would be destroyed by this.")
    expiring_count: int
    expiring_bytes: int = Field(description="What they alone have.")
    blocked: list[JudgedOut] = Field(description="They have expired, too, but are held or have clones.")
    blocked_count: int
    kept: list[JudgedOut]
    kept_count: int


@router.get("/schedules", auth=Needs(Permission.READ), response=answers(s200=Paged[ScheduleOut]))
def list_schedules(request: HttpRequest, q: Query[ScheduleFilter]) -> dict[str, Any]:
    """Schedules with their next times and their latest run."""
    rows = Schedule.objects.filter(kind=q.kind) if q.kind else Schedule.objects.all()
    page = paged(rows, q, orders=["name", "created_at"])
    latest = ScheduleRun.objects.filter(schedule__in=[row.id for row in page["items"]]).newest()
    return {**page, "items": [_out(row, latest.get(row.id)) for row in page["items"]]}


@router.post("/schedules", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def create_schedule(request: HttpRequest, body: CreateSchedule, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes a schedule. ``confirm`` repeats its name when snapshots of an earlier one of that name expire by it."""
    return submit(request, body, how, given, body.confirm)


@router.post("/schedules/preview", auth=Needs(Permission.READ), response=answers(s200=PreviewOut))
def preview_schedule(request: HttpRequest, body: PreviewRequest) -> dict[str, Any]:
    """What a schedule would do, before it is saved: its times, and which snapshots would expire now and which stay."""
    asked = CreateSchedule(**body.model_dump(exclude={"confirm", "reason"}))
    job, now = asked.wish().job, timezone.now()
    verdict, times = asked.verdict(now), next_runs(body.when, now)
    return {
        "words": in_words(body.when),
        "next_runs": times,
        "example": name_at(job.naming, body.when, times[0]) if isinstance(job, SnapshotJob) else "",
        "datasets": len(covered(job)) if isinstance(job, SnapshotJob) else 0,
        "expiring": _judged((s, "") for s in verdict.expiring),
        "expiring_count": len(verdict.expiring),
        "expiring_bytes": sum(s.used or 0 for s in verdict.expiring),
        "blocked": _judged((s, s.stays_because) for s in verdict.blocked),
        "blocked_count": len(verdict.blocked),
        "kept": _judged((s, ", ".join(kept.because)) for s, kept in verdict.kept),
        "kept_count": len(verdict.kept),
    }


@router.get("/schedules/{name}", auth=Needs(Permission.READ), response=answers(s200=ScheduleOut))
def get_schedule(request: HttpRequest, response: HttpResponse, name: str) -> dict[str, Any]:
    """One schedule; its version stands in ETag."""
    row = find_schedule(name)
    tag(response, row.version)
    return _out(row, ScheduleRun.objects.filter(schedule=row.id).newest().get(row.id))


@router.put("/schedules/{name}", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def change_schedule(
    request: HttpRequest, name: str, body: ScheduleRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Replaces a schedule. The dry run's ``destroys`` are the snapshots that expire by it: then ``confirm`` asked."""
    return submit(request, ChangeSchedule(name=name, **_fields(body)), how, given, body.confirm)


@router.delete("/schedules/{name}", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def delete_schedule(request: HttpRequest, name: str, how: Query[Destroying], given: Header[Preconditions]) -> Any:
    """Ends a schedule. Its snapshots stay."""
    return submit(request, DeleteSchedule(name=name, reason=how.reason), how, given, how.confirm)


@router.post("/schedules/{name}/run", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def run_schedule(
    request: HttpRequest, name: str, body: RunRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Does now what the schedule does; what has expired is destroyed soon after."""
    due = _due(actor_of(request).name, given.idempotency_key)
    return submit(request, RunSchedule(name=name, due=due, reason=body.reason), how, given)


@router.get("/schedules/{name}/runs", auth=Needs(Permission.READ), response=answers(s200=Paged[RunOut]))
def list_runs(request: HttpRequest, name: str, q: Query[RunFilter]) -> dict[str, Any]:
    """What ran, failed, was skipped or missed, the latest first."""
    rows = ScheduleRun.objects.filter(schedule=find_schedule(name).id)
    return paged(rows.filter(state=q.state) if q.state else rows, q, orders=["-due"])


def _due(actor: str, key: str) -> datetime:
    """Now; for a request that is repeated under its idempotency key, the time that it had then."""
    earlier = (
        Operation.objects.filter(actor=actor, idempotency_key=key, command=RunSchedule.NAME).first() if key else None
    )
    return datetime.fromisoformat(earlier.input["due"]) if earlier else timezone.now().replace(microsecond=0)


def _fields(body: ScheduleRequest) -> dict[str, Any]:
    return {name: getattr(body, name) for name in ScheduleRequest.model_fields}


def _out(row: Schedule, latest: ScheduleRun | None) -> dict[str, Any]:
    fields = {f.attname: getattr(row, f.attname) for f in Schedule._meta.concrete_fields}
    problem = ""
    try:
        fields["job"] = job_of(row)
    except CalypsoError as error:
        problem = error.message
    when = when_of(row)
    times = next_runs(when, timezone.now()) if row.enabled else []
    more = {"when": when, "problem": problem, "words": in_words(when), "next_runs": times, "latest": latest}
    return fields | more


def _judged(found: Iterable[tuple[SnapshotFacts, str]]) -> list[dict[str, Any]]:
    return [
        {"full_name": s.full_name, "created_at": s.created_at, "used": s.used, "because": because}
        for s, because in list(found)[:MOST_SHOWN]
    ]
