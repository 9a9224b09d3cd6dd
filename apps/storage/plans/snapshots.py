"""Snapshots: create, rename, hold, release; bookmarks. A wish and what is known → a plan. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from apps.storage.adapters.zfs import snapshots as zfs
from apps.storage.domain.datasets import dataset_address
from apps.storage.domain.pools import pool_address
from apps.storage.domain.snapshots import (
    BookmarkCreated,
    BookmarkDestroyed,
    BookmarkState,
    SnapshotHeld,
    SnapshotReleased,
    SnapshotRenamed,
    check_part,
    snapshot_address,
    snapshot_stream,
)
from apps.storage.plans.destroying import resources
from apps.storage.plans.snapshot_facts import BookmarkFacts, Place, SnapshotFacts, listed, one_pool, total
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Call, Destroys, Outcome, Plan, Probe, Run

DEADLINE = 300.0
MOST_OPERANDS = 1_500_000  # bytes of all arguments together: Linux ends at a quarter of the stack, 2 MiB


def create_step(roots: Sequence[Place], name: str, *, recursive: bool, undo: bool = True) -> Run:
    """One call, so that all of them are of one moment. The tool takes back those of one dataset and what is below."""
    names = [f"{place.name}@{name}" for place in roots]
    if sum(map(len, names)) > MOST_OPERANDS:
        raise Invalid(
            f"The names of {len(names)} snapshots are more than one call of zfs takes.",
            code="too_many_snapshots",
            hint="Ask for a recursive snapshot of a dataset above them.",
        )
    back = zfs.destroy_argv(roots[0].name, [name], recursive=recursive) if undo and len(roots) == 1 else []
    return Run(
        title=f"Create {names[0] if len(names) == 1 else f'{len(names)} snapshots “{name}”'}"
        + (" and those of all below" if recursive else ""),
        argv=tuple(zfs.snapshot_argv(names, recursive=recursive)),
        deadline=DEADLINE,
        done=Probe(name="storage.snapshots_made", args={"names": names, "recursive": recursive}),
        undo=tuple(back),
    )


def create_snapshots(
    roots: Sequence[Place], covered: Sequence[Place], name: str, taken: Collection[str], *, recursive: bool
) -> Plan:
    """``covered``: the datasets that get one; ``taken``: those of them that have one of this name. Raises Invalid or
    Conflict."""
    pool = one_pool(roots, "datasets")
    for place in covered:
        check_part(name, "name", of=place.name)
    if taken:
        raise Conflict(
            f"There is a snapshot “{name}” already of {listed(sorted(taken))}.",
            code="snapshot_exists",
            field="name",
            hint="Take another name.",
        )
    tops = [r for r in roots if not recursive or not any(r.name.startswith(f"{other.name}/") for other in roots)]
    step = create_step(tops, name, recursive=recursive)
    own = [snapshot_address(f"{place.name}@{name}") for place in tops] if len(tops) <= 20 else []
    return Plan(
        title=f"Create snapshot “{name}” of {tops[0].name if len(covered) == 1 else f'{len(covered)} datasets'}",
        resources=(pool_address(pool.pool_name), *(dataset_address(place.name) for place in tops), *own),
        steps=(step,),
    )


def rename_snapshot(snapshot: SnapshotFacts, name: str, below: Sequence[SnapshotFacts], taken: Collection[str]) -> Plan:
    """``below``: the snapshots of the same name that go with it; ``taken``: full names that are in the way."""
    for each in (snapshot, *below):
        check_part(name, "name", of=each.of.name)
    if name == snapshot.name:
        raise Invalid("It has this name already.", field="name", code="same_name")
    if taken:
        raise Conflict(
            f"There is already {listed(sorted(taken))}.",
            code="snapshot_exists",
            field="name",
            hint="Take another name.",
        )
    of, new = snapshot.of, f"{snapshot.of.name}@{name}"
    fact = SnapshotRenamed(
        pool=of.pool,
        name=of.pool_name,
        dataset=of.id,
        dataset_name=of.name,
        snapshot=name,
        before=snapshot.name,
        also=tuple(s.of.id for s in below),
    )
    scheduled = next((s.schedule for s in (snapshot, *below) if s.schedule), "")
    step = Run(
        title=f"Rename {snapshot.full_name} to {name}" + (f", with {len(below)} below" if below else ""),
        argv=tuple(zfs.rename_argv(snapshot.full_name, new, recursive=bool(below))),
        deadline=DEADLINE,
        done=Probe(name="storage.snapshot_renamed", args={"before": snapshot.full_name, "after": new}),
        undo=tuple(zfs.rename_argv(new, snapshot.full_name, recursive=bool(below))),
    )
    return Plan(
        title=f"Rename {snapshot.full_name} to {name}",
        resources=(*resources([snapshot]), snapshot_address(new)),
        steps=(step,),
        outcome=(Outcome.of(snapshot_stream(of.pool), fact),),
        warnings=(f"The schedule “{scheduled}” made it, and goes on to expire it.",) if scheduled else (),
    )


def check_tag(tag: str) -> None:
    check_part(tag, "tag", what="hold")
    if tag.startswith("."):
        raise Invalid("A hold's tag can't begin with a dot.", field="tag", code="bad_snapshot_name")


def hold(tops: Sequence[SnapshotFacts], all_: Sequence[SnapshotFacts], tag: str, *, recursive: bool) -> Plan:
    """``all_``: those of ``tops`` and, when recursive, those of their names below. Raises Conflict when one has it."""
    check_tag(tag)
    if having := [s.full_name for s in all_ if tag in s.holds]:
        raise Conflict(
            f"The hold “{tag}” is already on {listed(having)}.",
            code="hold_exists",
            field="tag",
            hint="Take another tag.",
        )
    place = one_pool((s.of for s in tops), "snapshots")
    fact = SnapshotHeld(pool=place.pool, name=place.pool_name, items=tuple(s.item for s in all_), tag=tag)
    steps = [
        Run(
            title=f"Hold {s.full_name}" + (" and those of all below" if recursive else ""),
            argv=tuple(zfs.hold_argv(tag, s.full_name, recursive=recursive)),
            deadline=DEADLINE,
            done=Probe(name="storage.held", args={"name": s.full_name, "tag": tag, "held": True}),
            undo=tuple(zfs.release_argv(tag, s.full_name, recursive=recursive)),
        )
        for s in tops
    ]
    return Plan(
        title=f"Hold {len(all_)} snapshots as “{tag}”" if len(all_) > 1 else f"Hold {all_[0].full_name} as “{tag}”",
        resources=resources(tops),
        steps=tuple(steps),
        outcome=(Outcome.of(snapshot_stream(place.pool), fact),),
    )


def release(tops: Sequence[SnapshotFacts], all_: Sequence[SnapshotFacts], tag: str, *, recursive: bool) -> Plan:
    """What was only waiting for this hold is destroyed by its end: then the plan says so and asks."""
    check_tag(tag)
    holding = [s for s in all_ if tag in s.holds]
    if lacking := [s.full_name for s in tops if not any(h.full_name == s.full_name for h in holding)]:
        raise Conflict(
            f"There is no hold “{tag}” on {listed(lacking)}.",
            code="no_such_hold",
            field="tag",
            hint="Look which tags hold it.",
        )
    place = one_pool((s.of for s in tops), "snapshots")
    going = [s for s in holding if s.defer_destroy and s.holds == (tag,) and not s.clones]
    fact = SnapshotReleased(
        pool=place.pool,
        name=place.pool_name,
        items=tuple(s.item for s in holding),
        tag=tag,
        destroyed=tuple(s.item for s in going),
    )
    steps = [
        Run(
            title=f"Release {s.full_name}" + (" and those of all below" if recursive else ""),
            argv=tuple(zfs.release_argv(tag, s.full_name, recursive=recursive)),
            deadline=DEADLINE,
            done=Probe(name="storage.held", args={"name": s.full_name, "tag": tag, "held": False}),
            undo=() if going else tuple(zfs.hold_argv(tag, s.full_name, recursive=recursive)),
        )
        for s in tops
    ]
    names = tuple(s.full_name for s in going)
    return Plan(
        title=f"Release {len(holding)} snapshots from “{tag}”" if len(holding) > 1 else f"Release {names_of(holding)}",
        resources=resources(tops),
        steps=tuple(steps),
        outcome=(Outcome.of(snapshot_stream(place.pool), fact),),
        destroys=Destroys(names=names, what="snapshots", bytes=total(s.used for s in going)) if going else None,
        confirm=(names[0] if len(names) == 1 else f"{len(names)} snapshots") if going else None,
    )


def names_of(snapshots: Sequence[SnapshotFacts]) -> str:
    return listed(s.full_name for s in snapshots)


def create_bookmark(snapshot: SnapshotFacts, name: str, taken: bool) -> Plan:
    check_part(name, "name", what="bookmark", of=snapshot.of.name)
    of, full = snapshot.of, f"{snapshot.of.name}#{name}"
    if taken:
        raise Conflict(f"There is a bookmark {full} already.", code="bookmark_exists", field="name")
    state = BookmarkState(
        dataset=of.id,
        dataset_name=of.name,
        name=name,
        guid=snapshot.guid,
        created_at=int(snapshot.created_at.timestamp()),
        created_txg=snapshot.created_txg,
    )
    fact = BookmarkCreated(
        pool=of.pool, name=of.pool_name, dataset=of.id, dataset_name=of.name, snapshot=snapshot.name, bookmark=state
    )
    step = Run(
        title=f"Bookmark {snapshot.full_name} as {full}",
        argv=tuple(zfs.bookmark_argv(snapshot.full_name, full)),
        deadline=DEADLINE,
        done=Probe(name="storage.bookmark_is", args={"of": of.name, "name": full, "there": True}),
        undo=tuple(zfs.destroy_bookmark_argv(full)),
    )
    return Plan(
        title=step.title,
        resources=resources([snapshot]),
        steps=(step,),
        outcome=(Outcome.of(snapshot_stream(of.pool), fact),),
    )


def destroy_bookmark(bookmark: BookmarkFacts) -> Plan:
    of = bookmark.of
    fact = BookmarkDestroyed(pool=of.pool, name=of.pool_name, items=(bookmark.item,))
    step = Run(
        title=f"Destroy bookmark {bookmark.full_name}",
        argv=tuple(zfs.destroy_bookmark_argv(bookmark.full_name)),
        deadline=DEADLINE,
        done=Probe(name="storage.bookmark_is", args={"of": of.name, "name": bookmark.full_name, "there": False}),
    )
    return Plan(
        title=step.title,
        resources=(pool_address(of.pool_name), dataset_address(of.name)),
        steps=(step,),
        outcome=(Outcome.of(snapshot_stream(of.pool), fact),),
        destroys=Destroys(names=(bookmark.full_name,), what="bookmarks", bytes=0),
        confirm=bookmark.full_name,
        warnings=("An incremental send that would begin at it has to begin elsewhere.",),
    )


def diff(older: SnapshotFacts, newer: str, result: UUID) -> Plan:
    """What changed from a snapshot to ``newer``: a later one's full name, or the dataset's for what it is now.
    ``result``: the id under which it is kept."""
    if older.of.type != "filesystem":
        raise Invalid(f"{older.of.name} is a volume: ZFS compares file systems only.", field="snapshot", code="volume")
    look = Call(
        title=f"Compare {older.full_name} with {newer}",
        function="storage.diff",
        args={"older": older.full_name, "newer": newer, "diff": str(result)},
    )
    return Plan(title=look.title, resources=resources([older]), steps=(look,))
