"""Schedules whose last run failed or did not happen."""

from __future__ import annotations

from collections.abc import Iterator

from apps.storage.domain.schedules import schedule_address
from apps.storage.models.schedules import Schedule, ScheduleRun
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.alerts.rules import Standing, rule


@rule("storage.schedules")
def schedules(standing: Standing) -> Iterator[Condition]:
    """Until the next run that succeeds."""
    enabled: dict[object, Schedule] = {schedule.id: schedule for schedule in Schedule.objects.filter(enabled=True)}
    for schedule, run in ScheduleRun.objects.newest().items():
        if schedule in enabled and run.state in ("missed", "failed"):
            name, missed = enabled[schedule].name, run.state == "missed"
            yield Condition(
                key=str(schedule),
                severity="warning",
                resource=schedule_address(name),
                title=f"Schedule {name} missed its time" if missed else f"Schedule {name} failed",
                text=run.detail or "Calypso was not running when it was due.",
                advice="Run it now." if missed else "Look at its operation, then run it now.",
            )
