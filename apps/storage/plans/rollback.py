"""Going back to a snapshot, and cloning one. ZFS has no dry run of the former: what it destroys is computed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from apps.storage.adapters.zfs import snapshots as zfs
from apps.storage.domain.datasets import DatasetCreated, DatasetDestroyed, DatasetName, dataset_address
from apps.storage.domain.snapshots import (
    BookmarkDestroyed,
    SnapshotCloned,
    SnapshotRolledBack,
    SnapshotsDestroyed,
    chunks,
    snapshot_stream,
)
from apps.storage.plans.destroying import DEADLINE, resources
from apps.storage.plans.snapshot_facts import BookmarkFacts, Place, SnapshotFacts, listed, total
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.events import Event
from calypso.kernel.plans import Dependent, Destroys, Outcome, Plan, Probe, Run

# Dependents that are no users of its contents: what belongs to it, and what the plan tells otherwise
OF_THE_DATASET = ("dataset", "snapshots", "hold", "clone", "schedule", "mount")
Losing = Literal["nothing", "newer", "clones"]


@dataclass(frozen=True)
class Newer:
    """What is newer than the snapshot: that must go for a rollback. ``clones``: of those, with all below and theirs."""

    snapshots: Sequence[SnapshotFacts]
    bookmarks: Sequence[BookmarkFacts]
    clones: Sequence[Place]
    of_clones: Sequence[SnapshotFacts]

    @property
    def what(self) -> Literal["datasets and snapshots", "snapshots", "bookmarks", "datasets"]:
        """What they are names of; without any, it is what the dataset itself has of later data."""
        if self.clones:
            return "datasets and snapshots"
        return "snapshots" if self.snapshots else "bookmarks" if self.bookmarks else "datasets"

    @property
    def names(self) -> tuple[str, ...]:
        snapshots = (s.full_name for s in (*self.snapshots, *self.of_clones))
        return (*snapshots, *(b.full_name for b in self.bookmarks), *(clone.name for clone in self.clones))


def rollback(snapshot: SnapshotFacts, newer: Newer, losing: Losing, used_by: Sequence[Dependent]) -> Plan:
    """``losing``: what may be destroyed for it. Raises Conflict, which names what is in the way."""
    of = snapshot.of
    _check(snapshot, newer, losing)
    facts: list[Event] = [
        SnapshotRolledBack(
            pool=of.pool, name=of.pool_name, dataset=of.id, dataset_name=of.name, snapshot=snapshot.name
        ),
        *_gone(newer, of),
    ]
    clones = bool(newer.clones)
    step = Run(
        title=f"Roll {of.name} back to {snapshot.name}",
        argv=tuple(zfs.rollback_argv(snapshot.full_name, newer=bool(newer.names), clones=clones)),
        deadline=DEADLINE,
        done=Probe(
            name="storage.rolled_back",
            args={"dataset": of.name, "newer": [s.full_name for s in newer.snapshots][:400]},
        ),
    )
    busy = [d for d in used_by if d.kind not in OF_THE_DATASET]
    return Plan(
        title=step.title,
        resources=(*resources([snapshot]), *(dataset_address(clone.name) for clone in newer.clones)),
        steps=(step,),
        outcome=tuple(Outcome.of(_stream(fact, of), fact) for fact in facts),
        destroys=Destroys(
            names=newer.names or (of.name,),
            what=newer.what,
            bytes=total(s.used for s in (*newer.snapshots, *newer.of_clones)),
        ),
        stops=tuple(busy),
        confirm=of.name,
        warnings=(
            f"All that was written to {of.name} after {snapshot.created_at:%Y-%m-%d %H:%M:%S} UTC is lost.",
            *((f"{of.name} is in use: who uses it sees its contents change under it.",) if busy else ()),
            "Calypso can't undo this.",
        ),
    )


def _check(snapshot: SnapshotFacts, newer: Newer, losing: Losing) -> None:
    if held := [s for s in (*newer.snapshots, *newer.of_clones) if s.holds]:
        raise Conflict(
            f"Newer ones are held: {listed(s.full_name for s in held)}.",
            code="snapshot_in_use",
            field="snapshot",
            hint="Release it first.",
        )
    if newer.clones and losing != "clones":
        raise Conflict(
            f"Newer snapshots have clones: {listed(c.name for c in newer.clones)}.",
            code="clones_in_the_way",
            field="losing",
            hint="Promote or destroy them, or ask for their destruction (clones).",
        )
    if newer.names and losing == "nothing":
        raise Conflict(
            f"There are newer ones, which a rollback destroys: {listed(newer.names)}.",
            code="newer_snapshots",
            field="losing",
            hint="Ask for their destruction (newer), or clone the snapshot instead.",
        )


def _gone(newer: Newer, of: Place) -> list[Event]:
    """The events for all that goes with it, dataset by dataset."""
    pool = {"pool": of.pool, "name": of.pool_name}
    by_dataset: dict[Place, list[str]] = {}
    for snapshot in newer.snapshots:  # those of clones go with their datasets
        by_dataset.setdefault(snapshot.of, []).append(snapshot.name)
    facts: list[Event] = [
        SnapshotsDestroyed(**pool, of=(place.ref,), snapshots=part)
        for place, names in by_dataset.items()
        for part in chunks(names)
    ]
    facts += [BookmarkDestroyed(**pool, items=part) for part in chunks([b.item for b in newer.bookmarks])]
    names = [DatasetName(dataset=clone.id, name=clone.name) for clone in newer.clones]
    facts += [
        DatasetDestroyed(dataset=part[0].dataset, pool=of.pool, name=part[0].name, datasets=part)
        for part in chunks(names)
    ]
    return facts


def _stream(fact: Event, of: Place) -> UUID:
    return fact.dataset if isinstance(fact, DatasetDestroyed) else snapshot_stream(of.pool)


@dataclass(frozen=True)
class Origin:
    """What a clone has of its origin."""

    type: Literal["filesystem", "volume"]
    volsize: int | None
    encryption: str
    encryption_root: str


def clone(
    snapshot: SnapshotFacts,
    clone_id: UUID,
    target: str,
    properties: Mapping[str, str],
    origin: Origin,
    *,
    taken: bool,
    parent_known: bool,
) -> Plan:
    """`zfs clone`. The target's name and the properties have been checked. Raises Invalid or Conflict."""
    of = snapshot.of
    if target.partition("/")[0] != of.pool_name:
        raise Invalid(
            f"A clone lives in the pool of its snapshot, “{of.pool_name}”.", field="name", code="different_pools"
        )
    if taken:
        raise Conflict(f"There is a dataset “{target}” already.", code="dataset_exists", field="name")
    if not parent_known:
        raise Conflict(
            f"There is no dataset “{target.rpartition('/')[0]}” to make it in.", code="no_parent", field="name"
        )
    cloned = SnapshotCloned(
        pool=of.pool,
        name=of.pool_name,
        dataset=of.id,
        dataset_name=of.name,
        snapshot=snapshot.name,
        clone=clone_id,
        clone_name=target,
        properties=dict(properties),
    )
    made = DatasetCreated(
        dataset=clone_id,
        pool=of.pool,
        name=target,
        type=origin.type,
        volsize=origin.volsize,
        properties=dict(properties),
        encryption=origin.encryption,
        encryption_root=origin.encryption_root,
        key=None,
    )
    step = Run(
        title=f"Clone {snapshot.full_name} as {target}",
        argv=tuple(zfs.clone_argv(snapshot.full_name, target, properties, parents=False)),
        deadline=DEADLINE,
        done=Probe(name="storage.clone_made", args={"name": target, "origin": snapshot.full_name}),
        undo=tuple(zfs.destroy_clone_argv(target)),
    )
    return Plan(
        title=step.title,
        resources=(*resources([snapshot]), dataset_address(target)),
        steps=(step,),
        outcome=(Outcome.of(clone_id, made), Outcome.of(snapshot_stream(of.pool), cloned)),
        warnings=(f"{snapshot.full_name} can't be destroyed while the clone depends on it.",),
    )
