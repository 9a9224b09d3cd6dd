"""The commands on schedules, and those that the scheduler gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from apps.storage.commands import snapshot_facts as facts
from apps.storage.commands.facts import find_pool, pool_facts
from apps.storage.domain.schedules import Job, ScrubJob, SnapshotJob, When
from apps.storage.domain.times import fixed_prefix, zone
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.models.schedules import Schedule
from apps.storage.models.snapshots import Snapshot
from apps.storage.plans import schedules as plans
from apps.storage.plans.pools import scrub_pool
from apps.storage.plans.snapshot_facts import Place
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, Reason, command, mint
from calypso.kernel.errors import Conflict, NotFound
from calypso.kernel.plans import Plan

_JOB: TypeAdapter[Job] = TypeAdapter(Job)


def find_schedule(name: str) -> Schedule:
    """Raises NotFound."""
    found = Schedule.objects.named(name)
    if found is None:
        raise NotFound(f"There is no schedule “{name}”.", code="no_such_schedule", field="name")
    return found


def job_of(row: Schedule) -> Job:
    """The job, with its dataset or pool by the name that it has now. Raises NotFound where that is gone."""
    job = _JOB.validate_python(row.job)
    if isinstance(job, SnapshotJob):
        dataset = Dataset.objects.filter(pk=row.target, missing=False).first()
        if dataset is None:
            raise NotFound(f"The dataset “{job.dataset}” is gone.", code="no_such_dataset", field="job.dataset")
        return job.model_copy(update={"dataset": dataset.name})
    pool = Pool.objects.filter(pk=row.target).first()
    if pool is None:
        raise NotFound(f"The pool “{job.pool}” is gone.", code="no_such_pool", field="job.pool")
    return job.model_copy(update={"pool": pool.name})


def when_of(row: Schedule) -> When:
    return When.model_validate(row.when)


class ScheduleRequest(BaseModel):
    """What a schedule does when. All of it is replaced by a change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    when: When = When()
    job: Job
    reason: Reason = ""
    confirm: str | None = Field(None, max_length=255, description="The name, when existing snapshots expire by this.")


class _Saving(Command):
    name: str = Field(min_length=1, max_length=63)
    enabled: bool = True
    when: When = When()
    job: Job
    confirm: str | None = Field(None, max_length=255, description="The name, when existing snapshots expire by this.")

    def wish(self) -> plans.Wish:
        """Checked against all other schedules. Raises Invalid, NotFound or Conflict."""
        wish = plans.Wish(self.name, self.enabled, self.when, self.job, _target(self.job))
        others = Schedule.objects.filter(kind="snapshots").exclude(name=self.name)
        plans.check(wish, {row.name: fixed_prefix(row.job["naming"]) for row in others})
        return wish

    def verdict(self, now: datetime) -> plans.Verdict:
        """What its retention makes now of the snapshots that a schedule of this name has made."""
        return verdict_of(self.name, self.when, self.job, now)


@command("storage.CreateSchedule", Permission.ADMINISTER)
class CreateSchedule(_Saving):
    """Has snapshots made, or a pool scrubbed, by the clock."""

    def plan(self, operation: UUID) -> Plan:
        taken = Schedule.objects.named(self.name) is not None
        wish = self.wish()
        return plans.create_schedule(mint(operation, "schedule"), wish, self.verdict(timezone.now()), taken=taken)


@command("storage.ChangeSchedule", Permission.ADMINISTER)
class ChangeSchedule(_Saving):
    """Replaces all that a schedule is."""

    def plan(self, operation: UUID) -> Plan:
        row = find_schedule(self.name)
        if row.kind != self.job.kind:
            raise Conflict("A schedule can't become one of another kind.", code="other_kind", field="job.kind")
        return plans.change_schedule(row.id, self.wish(), self.verdict(timezone.now()))

    def version(self) -> int | None:
        return find_schedule(self.name).version


@command("storage.DeleteSchedule", Permission.ADMINISTER)
class DeleteSchedule(Command):
    """Ends a schedule. Its snapshots stay."""

    name: str = Field(min_length=1, max_length=63)

    def plan(self, operation: UUID) -> Plan:
        row = find_schedule(self.name)
        return plans.delete_schedule(row.id, row.name, Snapshot.objects.filter(schedule=row.name).count())

    def version(self) -> int | None:
        return find_schedule(self.name).version


@command("storage.RunSchedule", Permission.OPERATE)
class RunSchedule(Command):
    """Does now what a schedule does. ``due`` names the run; ``manual``: somebody asked, not the clock."""

    name: str = Field(min_length=1, max_length=63)
    due: AwareDatetime
    manual: bool = True

    def plan(self, operation: UUID) -> Plan:
        row = find_schedule(self.name)
        job = job_of(row)
        if isinstance(job, ScrubJob):
            return plans.run_scrub(row.name, scrub_pool(pool_facts(find_pool(job.pool)), "start"))
        every = covered(job)
        roots = every if job.exclude else every[:1]
        prefix = fixed_prefix(job.naming)
        taken = Snapshot.objects.filter(dataset__in=[place.id for place in every], name__startswith=prefix)
        names = set(taken.values_list("name", flat=True).distinct())
        return plans.run_snapshots(row.name, when_of(row), job, self.due, roots=roots, taken=names)


@command("storage.ExpireSnapshots", Permission.ADMINISTER)
class ExpireSnapshots(Command):
    """Destroys what a schedule's retention has let go. ``run``: the run after which; ``at``: the time that counts."""

    name: str = Field(min_length=1, max_length=63)
    run: UUID
    at: AwareDatetime

    def plan(self, operation: UUID) -> Plan:
        row = find_schedule(self.name)
        verdict = verdict_of(row.name, when_of(row), _JOB.validate_python(row.job), self.at)
        known, places = facts.having(verdict.expiring)
        return plans.expire(row.name, verdict, known, places)


def verdict_of(name: str, when: When, job: Job, now: datetime) -> plans.Verdict:
    """What the job's retention makes of all snapshots that the schedule of this name has made, wherever they are."""
    if not isinstance(job, SnapshotJob):
        return plans.Verdict()
    mine = facts.facts(Snapshot.objects.filter(schedule=name).order_by("created_at", "id"))
    return plans.judge(mine, job.retention, zone(when.timezone), now)


def covered(job: SnapshotJob) -> list[Place]:
    """The datasets that get a snapshot, the job's own first. Raises NotFound or Conflict."""
    [root] = facts.find_places([job.dataset], "job.dataset")
    if not job.recursive:
        return [root]
    below: Sequence[Place] = facts.under([root], [f"{root.name}/{path}" for path in job.exclude])
    return [root, *(place for place in below if place.id != root.id)]


def _target(job: Job) -> UUID:
    """Raises NotFound or Conflict."""
    if isinstance(job, SnapshotJob):
        return facts.find_places([job.dataset], "job.dataset")[0].id
    return find_pool(job.pool).id
