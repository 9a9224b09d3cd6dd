"""Read models of schedules and their runs."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def named(self, name: str) -> Schedule | None:
        return self.filter(name=name).first()


class Schedule(models.Model):
    """What is done when. ``kind`` is the job's, ``target`` the id of its dataset or pool; ``job`` and ``when`` as in
    domain/schedules.py."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField(unique=True)
    kind = models.TextField()
    target = models.UUIDField(db_index=True)
    enabled = models.BooleanField()
    when = models.JSONField()
    job = models.JSONField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    objects = ScheduleQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ScheduleRunQuerySet(models.QuerySet["ScheduleRun"]):
    def missed(self, since: datetime | None = None) -> ScheduleRunQuerySet:
        """Those that were due while Calypso was not running, and were not made up for."""
        found = self.filter(state="missed")
        return found if since is None else found.filter(due__gte=since)

    def failed(self, since: datetime | None = None) -> ScheduleRunQuerySet:
        found = self.filter(state="failed")
        return found if since is None else found.filter(due__gte=since)

    def newest(self) -> dict[object, ScheduleRun]:
        """The latest run of each schedule, by the schedule's id."""
        return {run.schedule: run for run in self.order_by("schedule", "-due").distinct("schedule")}


class ScheduleRun(models.Model):
    """A time at which a schedule was due. States: running, ran, failed, missed, skipped.

    ``operation`` made the snapshots or the scrub, ``expiry`` destroyed what had expired; ``made`` and ``expired``
    count snapshots. ``missed``: how many times in a row the row stands for. ``detail``: why, or the error's words.
    """

    id = models.UUIDField(primary_key=True)
    schedule = models.UUIDField()
    name = models.TextField()
    due = models.DateTimeField()
    state = models.TextField()
    manual = models.BooleanField()
    made_up = models.BooleanField()
    operation = models.UUIDField(null=True, db_index=True)
    expiry = models.UUIDField(null=True, db_index=True)
    made = models.IntegerField()
    expired = models.IntegerField()
    missed = models.IntegerField()
    detail = models.TextField()
    ended_at = models.DateTimeField(null=True)
    position = models.BigIntegerField()

    objects = ScheduleRunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["schedule", "due", "id"], name="schedule_run_due"),
            models.Index(fields=["due"], condition=models.Q(state="missed"), name="schedule_run_missed"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.due}: {self.state}"
