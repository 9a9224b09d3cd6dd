"""Schedules: a wish and what is known → a plan; what a retention lets go. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.storage.domain.datasets import dataset_address
from apps.storage.domain.pools import pool_address
from apps.storage.domain.retention import Kept, sort_out
from apps.storage.domain.schedules import (
    Job,
    Retention,
    ScheduleChanged,
    ScheduleCreated,
    ScheduleDeleted,
    ScheduleState,
    SnapshotJob,
    When,
    schedule_address,
)
from apps.storage.domain.snapshots import check_part
from apps.storage.domain.times import check_naming, check_when, fixed_prefix, free_name, name_at
from apps.storage.plans import destroying
from apps.storage.plans.destroying import Known
from apps.storage.plans.snapshot_facts import Place, SnapshotFacts, listed, total
from apps.storage.plans.snapshots import create_step
from calypso.kernel.errors import Conflict, Invalid, NotFound
from calypso.kernel.plans import Destroys, Outcome, Plan

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")
MOST_DATASETS = 900  # that an expiry takes one by one; the rest is for the next time


@dataclass(frozen=True)
class Wish:
    """A schedule as it is asked for; ``target``: the id of the job's dataset or pool."""

    name: str
    enabled: bool
    when: When
    job: Job
    target: UUID


@dataclass(frozen=True)
class Verdict:
    """What a retention makes of a schedule's snapshots. ``blocked`` have expired, and something keeps them."""

    expiring: list[SnapshotFacts] = field(default_factory=list)
    blocked: list[SnapshotFacts] = field(default_factory=list)
    kept: list[tuple[SnapshotFacts, Kept]] = field(default_factory=list)


def judge(snapshots: Iterable[SnapshotFacts], retention: Retention, tz: ZoneInfo, now: datetime) -> Verdict:
    """Dataset by dataset, the oldest first."""
    by_dataset: dict[UUID, list[SnapshotFacts]] = defaultdict(list)
    for snapshot in snapshots:
        by_dataset[snapshot.of.id].append(snapshot)
    verdict = Verdict()
    for mine in by_dataset.values():
        by_name = {s.name: s for s in mine}
        for kept in reversed(sort_out([(s.name, s.created_at) for s in mine], retention, tz, now)):
            snapshot = by_name[kept.name]
            if not kept.expires:
                verdict.kept.append((snapshot, kept))
            elif snapshot.stays_because:
                verdict.blocked.append(snapshot)
            else:
                verdict.expiring.append(snapshot)
    return verdict


def check(wish: Wish, prefixes: Mapping[str, str]) -> None:
    """Raises Invalid or Conflict. ``prefixes``: those of the other schedules, by their names."""
    if not _NAME.match(wish.name):
        raise Invalid(
            f"A schedule can't be named “{wish.name}”.",
            field="name",
            code="bad_schedule_name",
            hint="Use letters, digits and - _ . , for example “hourly”; 63 at most.",
        )
    check_when(wish.when)
    if isinstance(wish.job, SnapshotJob):
        check_naming(wish.job.naming, wish.when, "job.naming", of=wish.job.dataset)
        _check_prefix(fixed_prefix(wish.job.naming), prefixes)
        for path in wish.job.exclude:
            for part in path.split("/"):
                check_part(part, "job.exclude", what="dataset")
        if wish.job.exclude and not wish.job.recursive:
            raise Invalid(
                "Only a recursive schedule can leave datasets out.", field="job.exclude", code="not_recursive"
            )


def _check_prefix(prefix: str, prefixes: Mapping[str, str]) -> None:
    if other := next((name for name, taken in prefixes.items() if taken == prefix), None):
        raise Conflict(
            f"The schedule “{other}” names its snapshots “{prefix}…” already.",
            field="job.naming",
            code="prefix_taken",
            hint="Begin the names with something of its own, for example with the schedule's name.",
        )


def create_schedule(schedule: UUID, wish: Wish, verdict: Verdict, *, taken: bool) -> Plan:
    if taken:
        raise Conflict(f"There is a schedule “{wish.name}” already.", code="schedule_exists", field="name")
    return _saved(wish, verdict, ScheduleCreated(schedule=schedule, **_state(wish)), f"Create schedule {wish.name}")


def change_schedule(schedule: UUID, wish: Wish, verdict: Verdict) -> Plan:
    return _saved(wish, verdict, ScheduleChanged(schedule=schedule, **_state(wish)), f"Change schedule {wish.name}")


def delete_schedule(schedule: UUID, name: str, snapshots: int) -> Plan:
    kept = f"Its {snapshots} snapshots stay; nothing expires them any more."
    return Plan(
        title=f"Delete schedule {name}",
        resources=(schedule_address(name),),
        steps=(),
        outcome=(Outcome.of(schedule, ScheduleDeleted(schedule=schedule, name=name)),),
        warnings=(kept,) if snapshots else (),
    )


def _state(wish: Wish) -> dict[str, object]:
    return {"name": wish.name, "target": wish.target, "enabled": wish.enabled, "when": wish.when, "job": wish.job}


def _saved(wish: Wish, verdict: Verdict, fact: ScheduleState, title: str) -> Plan:
    """Nothing is done on the box, but what has expired by this goes soon after: so the plan says it and asks."""
    going = verdict.expiring if wish.enabled else []
    held = f"{len(verdict.blocked)} have expired but are kept: {listed(s.full_name for s in verdict.blocked)}."
    return Plan(
        title=title,
        resources=(schedule_address(wish.name),),
        steps=(),
        outcome=(Outcome.of(fact.schedule, fact),),
        destroys=Destroys(names=tuple(s.full_name for s in going), what="snapshots", bytes=total(s.used for s in going))
        if going
        else None,
        confirm=wish.name if going else None,
        warnings=(
            *(
                (f"{destroying.counted(going)} will have expired by this, and be destroyed soon after.",)
                if going
                else ()
            ),
            *((held,) if verdict.blocked else ()),
        ),
    )


def run_snapshots(
    name: str, when: When, job: SnapshotJob, due: datetime, *, roots: Sequence[Place], taken: Collection[str]
) -> Plan:
    """One moment's snapshots. ``roots``: the dataset alone, or each one covered where some are left out; ``taken``:
    the names of snapshots that any of them has."""
    called = free_name(name_at(job.naming, when, due), set(taken))
    for root in roots:
        check_part(called, "name", of=root.name)
    recursive = job.recursive and not job.exclude
    step = create_step(roots, called, recursive=recursive)
    return Plan(
        title=f"Schedule {name}: {step.title[0].lower()}{step.title[1:]}",
        resources=(pool_address(roots[0].pool_name), dataset_address(job.dataset), schedule_address(name)),
        steps=(step,),
    )


def run_scrub(name: str, plan: Plan) -> Plan:
    """A scrub's plan, as one of a schedule."""
    resources = (*plan.resources, schedule_address(name))
    return plan.model_copy(update={"title": f"Schedule {name}: {plan.title}", "resources": resources})


def expire(name: str, verdict: Verdict, known: Known, places: Mapping[UUID, Place]) -> Plan:
    """Destroys what has expired, the oldest first, as much as one operation can. Raises NotFound when there is none."""
    going = sorted(verdict.expiring, key=lambda s: s.created_txg)[: destroying.MOST]
    if not going:
        raise NotFound(f"Nothing of the schedule “{name}” has expired.", code="nothing_expires")
    try:
        steps = destroying.steps(going, known, places)
    except Invalid:
        some = set(list(dict.fromkeys(s.of.id for s in going))[:MOST_DATASETS])
        going = [s for s in going if s.of.id in some]
        steps = destroying.steps(going, {}, {})
    pools = sorted({s.of.pool_name for s in going})
    return Plan(
        title=f"Schedule {name}: destroy {destroying.counted(going)} that expired",
        resources=(*(pool_address(pool) for pool in pools), schedule_address(name)),
        steps=steps,
        destroys=Destroys(
            names=tuple(s.full_name for s in going), what="snapshots", bytes=total(s.used for s in going)
        ),
    )
