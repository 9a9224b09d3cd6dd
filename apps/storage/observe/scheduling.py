"""The scheduler: asks for what schedules have due, as an actor of its own, and records what was missed.

It keeps nothing that matters in memory: the latest run of each schedule tells where it is, so that a restart neither
runs a time twice nor forgets one.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from apps.storage import snapshot_reading
from apps.storage.commands.schedules import (
    ExpireSnapshots,
    RunSchedule,
    covered,
    job_of,
    verdict_of,
    when_of,
)
from apps.storage.domain.schedules import (
    ScheduleEvent,
    ScheduleFailed,
    ScheduleMissed,
    ScheduleSkipped,
    ScrubJob,
    SnapshotJob,
)
from apps.storage.domain.times import due_between, last_before
from apps.storage.models.pools import Pool
from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.models.snapshots import Snapshot
from apps.storage.observe.snapshots import created_by
from calypso.kernel import box, commands, store
from calypso.kernel.actors import SCHEDULER
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.heartbeat import round_ended
from calypso.kernel.models import Operation
from calypso.kernel.projections import append

log = structlog.get_logger("calypso.storage")
EVERY_SECONDS = 5.0
ON_TIME = timedelta(minutes=2)  # a run that begins later than this after its time was missed


@box.finds("storage.RunSchedule")
def ran(operation: Operation) -> list[Change]:
    """The snapshots that a run made, as those of its schedule. A scrub makes none."""
    if operation.plan["steps"][0]["done"]["name"] != "storage.snapshots_made":
        return []
    return created_by(operation, schedule=operation.input["name"])


def run_forever(stop: threading.Event) -> None:
    """Looks every few seconds, until told to stop; a database that is away is waited for."""
    scheduler = Scheduler()
    while not stop.wait(EVERY_SECONDS):
        try:
            scheduler.tick(timezone.now())
            round_ended("schedules")
        except AWAY as error:
            log.warning("schedules could not be looked at", error=str(error).strip())
            connection.close()
        except Exception:
            log.exception("scheduler failed by a defect")


class Scheduler:
    """``tick`` does all that is to be done at a time. It remembers only what it need not look at again."""

    def __init__(self) -> None:
        self._sorted_out: dict[UUID, tuple[UUID, int]] = {}  # by schedule: the run and version last looked at

    def tick(self, now: datetime) -> None:
        newest = _newest_by_the_clock()
        for schedule in Schedule.objects.filter(enabled=True).order_by("name"):
            try:
                self._due(schedule, newest.get(schedule.id), now)
                if schedule.kind == "snapshots":
                    self._expire(schedule, now)
            except CalypsoError as error:
                log.warning("schedule could not be looked at", schedule=schedule.name, error=error.message)

    def _due(self, schedule: Schedule, before: datetime | None, now: datetime) -> None:
        when = when_of(schedule)
        after = max(before or schedule.changed_at, schedule.changed_at)
        first, last, count = due_between(when, after, now)
        if first is None or last is None:
            _again(schedule, now)
            return
        on_time = now - last <= ON_TIME
        if not on_time:
            _record(ScheduleMissed(schedule=schedule.id, name=schedule.name, first=first, last=last, count=count))
        elif count > 1:
            earlier = last_before(when, last - timedelta(seconds=1))
            missed = ScheduleMissed(
                schedule=schedule.id, name=schedule.name, first=first, last=earlier, count=count - 1
            )
            _record(missed)
        if on_time or now - last <= timedelta(hours=when.make_up_hours):
            _run(schedule, last, now)

    def _expire(self, schedule: Schedule, now: datetime) -> None:
        """After a run, or a change, what the retention lets go is destroyed by an operation of its own."""
        run = ScheduleRun.objects.filter(schedule=schedule.id, state="ran").order_by("-due").first()
        if run is None or self._sorted_out.get(schedule.id) == (run.id, schedule.version):
            return
        if run.expiry and not Operation.objects.filter(pk=run.expiry).exclude(state__in=("queued", "running")).exists():
            return
        verdict = verdict_of(schedule.name, when_of(schedule), job_of(schedule), now)
        self._sorted_out[schedule.id] = (run.id, schedule.version)
        if verdict.expiring:
            commands.dispatch(
                ExpireSnapshots(name=schedule.name, run=run.id, at=now, reason=f"retention of {schedule.name}"),
                SCHEDULER,
            )


def _newest_by_the_clock() -> dict[UUID, datetime]:
    """The latest time of each schedule that was dealt with, one way or another; runs by hand don't count."""
    rows = ScheduleRun.objects.filter(manual=False).order_by("schedule", "-due").distinct("schedule")
    return dict(rows.values_list("schedule", "due"))


def _run(schedule: Schedule, due: datetime, now: datetime) -> None:
    """Asks for the run, or records why there is none."""
    try:
        if why := _needless(schedule, now):
            _record(ScheduleSkipped(schedule=schedule.id, name=schedule.name, due=due, why=why))
        else:
            _ask(schedule, due, key=f"schedule:{schedule.id}:{due.timestamp():.0f}")
    except CalypsoError as error:
        log.warning("schedule could not run", schedule=schedule.name, error=error.message)
        _record(
            ScheduleFailed(schedule=schedule.id, name=schedule.name, due=due, code=error.code, message=error.message)
        )


def _ask(schedule: Schedule, due: datetime, key: str) -> None:
    asked = RunSchedule(name=schedule.name, due=due, manual=False, reason=f"schedule {schedule.name}")
    commands.dispatch(asked, SCHEDULER, idempotency_key=key)


def _again(schedule: Schedule, now: datetime) -> None:
    """A run whose plan the box overtook did nothing: it is asked for once more, from the box as it is."""
    run = ScheduleRun.objects.filter(schedule=schedule.id, manual=False).order_by("-due").first()
    if run is None or run.operation is None or run.state != "failed" or now - run.due > ON_TIME:
        return
    stale = Operation.objects.filter(pk=run.operation, error__code="stale_plan")
    if stale.exclude(idempotency_key__startswith="again:").exists():
        _ask(schedule, run.due, key=f"again:{run.operation}")


def _needless(schedule: Schedule, now: datetime) -> str:
    """Why there is nothing to do at this time, or ""."""
    running = ScheduleRun.objects.filter(schedule=schedule.id, state="running").values_list("operation", flat=True)
    if Operation.objects.filter(pk__in=list(running)).unfinished().exists():
        return "still running"
    job = job_of(schedule)
    if isinstance(job, ScrubJob):
        return _scrubbed(job, now)
    return "nothing written" if job.skip_unchanged and _is_unchanged(schedule, job) else ""


def _scrubbed(job: ScrubJob, now: datetime) -> str:
    scan = Pool.objects.get(name=job.pool).scan or {}
    if scan.get("state") == "in_progress":
        return "still running"
    ended = scan.get("ended_at") if scan.get("function") == "scrub" and scan.get("state") == "finished" else None
    lately = ended is not None and now.timestamp() - ended < job.older_than_days * 86_400
    return "scrubbed lately" if lately else ""


def _is_unchanged(schedule: Schedule, job: SnapshotJob) -> bool:
    """Whether every dataset has a snapshot of this schedule, and nothing was written to any since its latest one."""
    places = covered(job)
    having = Snapshot.objects.filter(schedule=schedule.name, dataset__in=[place.id for place in places])
    if having.order_by().values("dataset").distinct().count() < len(places):
        return False
    written = snapshot_reading.written([place.name for place in places])
    return all(written.get(place.name) == 0 for place in places)


def _record(fact: ScheduleEvent) -> None:
    with store.writing():
        append([Change(fact.schedule, fact)], SCHEDULER.metadata())
