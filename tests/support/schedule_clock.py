"""A clock that tests set, and schedules that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.observe.scheduling import Scheduler
from calypso.kernel.models import Operation
from tests.storage.test_snapshots import done
from tests.support.lab_box import Box
from tests.support.rest import finish
from tests.support.snapshots import make_datasets

START = datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC)
HOURLY = {
    "name": "hourly",
    "when": {"cron": "0 * * * *", "timezone": "UTC"},
    "job": {
        "kind": "snapshots",
        "dataset": "tank/a",
        "recursive": True,
        "naming": "hourly-%Y-%m-%d_%H-%M",
        "retention": {"last": 2},
    },
}


SCRUB = {
    "name": "scrubs",
    "when": {"cron": "0 * * * *"},
    "job": {"kind": "scrub", "pool": "tank", "older_than_days": 7},
}


def hourly(job: dict[str, Any] | None = None, when: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {**HOURLY, "job": {**HOURLY["job"], **(job or {})}, "when": {**HOURLY["when"], **(when or {})}, **more}  # type: ignore[dict-item]  # nested


class Clock:
    """The box's time and the scheduler's, moved together; the worker does at once what is asked for."""

    def __init__(self, box: Box) -> None:
        self.box, self.now, self.scheduler = box, START, Scheduler()
        self.move(START)

    def move(self, now: datetime) -> None:
        self.now = now
        self.box.options(now=now.timestamp())

    def tick(self) -> None:
        self.scheduler.tick(self.now)
        for operation in Operation.objects.unfinished().order_by("position"):
            finish(operation.pk)

    def at(self, hour: int, minute: int = 0, day: int = 24) -> None:
        """That time comes: the run, and then what expires by it."""
        self.move(datetime(2026, 11, day, hour, minute, 5, tzinfo=UTC))
        self.tick()
        self.tick()


def scheduled(**given: Any) -> Schedule:
    done("CreateSchedule", **given)
    row = Schedule.objects.get(name=given["name"])
    Schedule.objects.filter(pk=row.pk).update(changed_at=START)  # by the clock of the test
    row.refresh_from_db()
    return row


def runs() -> list[tuple[str, str, int, int]]:
    return [(f"{r.due:%H:%M}", r.state, r.made, r.expired) for r in ScheduleRun.objects.order_by("due")]


@pytest.fixture
def clock(tank: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    make_datasets(tank, "tank/a", "tank/a/b", "tank/other")
    yield Clock(tank)
