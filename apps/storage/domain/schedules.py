"""Schedules: what they do and when, and their events. Pure; the times themselves are in domain/times.py."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from calypso.kernel.events import Event, Kind, event

Count = Annotated[int, Field(ge=0, le=10_000)]
DatasetName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def schedule_address(name: str) -> str:
    return f"storage.schedule.{name}"


def run_id(schedule: UUID, due: datetime) -> UUID:
    """The run of a schedule that is due at a time: one, however often it is asked for."""
    return uuid5(schedule, f"{due.timestamp():.0f}")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Retention(_Value):
    """What is kept of a schedule's snapshots, dataset by dataset; all counts 0 keeps everything.

    ``last``: the newest N. Of each hour, day, ISO week, month, year (in the schedule's time zone) that has any, the
    newest one, for the latest N of them. ``min_age_hours``: younger ones stay whatever the counts say.
    """

    last: Count = 0
    hourly: Count = 0
    daily: Count = 0
    weekly: Count = 0
    monthly: Count = 0
    yearly: Count = 0
    min_age_hours: int = Field(0, ge=0, le=24 * 3660)


class SnapshotJob(_Value):
    """Snapshots of a dataset, and the expiry of older ones of the same schedule."""

    kind: Literal["snapshots"] = "snapshots"
    dataset: DatasetName
    recursive: bool = False
    exclude: tuple[DatasetName, ...] = Field(
        (), max_length=1000, description="Datasets below it that are left out with all below them: “cache”, “vm/tmp”."
    )
    naming: str = Field(
        "auto-%Y-%m-%d_%H-%M",
        min_length=1,
        max_length=100,
        description="strftime(3) behind a fixed beginning by which the schedule's snapshots are recognised.",
    )
    skip_unchanged: bool = Field(False, description="No snapshot when nothing was written since the one before.")
    retention: Retention = Retention()


class ScrubJob(_Value):
    """A scrub of a pool when its last one ended more than so many days ago."""

    kind: Literal["scrub"] = "scrub"
    pool: DatasetName
    older_than_days: int = Field(30, ge=0, le=3650)


Job = Annotated[SnapshotJob | ScrubJob, Field(discriminator="kind")]


class When(_Value):
    """``cron``: minute, hour, day of the month, month, day of the week. make_up_hours: a run that was missed while
    Calypso was down is made up for if it is no older than this; 0: never."""

    cron: str = Field("0 * * * *", min_length=1, max_length=200)
    timezone: str = Field("UTC", min_length=1, max_length=100, description="An IANA name, for example Europe/Berlin.")
    make_up_hours: int = Field(0, ge=0, le=24 * 366)


class ScheduleEvent(Event):
    schedule: UUID
    name: str

    def keys(self) -> tuple[str, ...]:
        return (schedule_address(self.name),)


class ScheduleState(ScheduleEvent):
    """A schedule in full. ``target`` is the id of the job's dataset or pool, which its name is of at that time."""

    target: UUID
    enabled: bool
    when: When
    job: Job

    def keys(self) -> tuple[str, ...]:
        job = self.job
        of = f"storage.dataset.{job.dataset}" if isinstance(job, SnapshotJob) else f"storage.pool.{job.pool}"
        return (*super().keys(), of)


@event("storage.ScheduleCreated.v1", Kind.CONFIGURATION)
class ScheduleCreated(ScheduleState):
    pass


@event("storage.ScheduleChanged.v1", Kind.CONFIGURATION)
class ScheduleChanged(ScheduleState):
    pass


@event("storage.ScheduleDeleted.v1", Kind.CONFIGURATION)
class ScheduleDeleted(ScheduleEvent):
    """Its snapshots stay; nothing expires them any more."""


@event("storage.ScheduleMissed.v1", Kind.OBSERVATION)
class ScheduleMissed(ScheduleEvent):
    """Calypso was not running at ``count`` of its times, from ``first`` to ``last``."""

    first: datetime
    last: datetime
    count: int


@event("storage.ScheduleSkipped.v1", Kind.OBSERVATION)
class ScheduleSkipped(ScheduleEvent):
    """It was due, and there was nothing to do; ``why`` says why."""

    due: datetime
    why: Literal["nothing written", "scrubbed lately", "still running", "pool not there"]


@event("storage.ScheduleFailed.v1", Kind.OBSERVATION)
class ScheduleFailed(ScheduleEvent):
    """It was due and could not even be asked for: its plan was refused."""

    due: datetime
    code: str
    message: str
