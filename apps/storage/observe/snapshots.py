"""What the executor asks of the box about snapshots, and what it finds when some were made."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from apps.storage import snapshot_reading
from apps.storage.commands import snapshot_facts
from apps.storage.domain.snapshots import SnapshotsCreated, SnapshotState, chunks, snapshot_stream
from apps.storage.plans.snapshot_facts import Place
from calypso.kernel import box
from calypso.kernel.events import Change
from calypso.kernel.models import Operation


@box.probe("storage.snapshots_made")
def snapshots_made(args: dict[str, Any], since: float) -> bool:
    """All or none: zfs makes them in one transaction."""
    return set(snapshot_reading.snapshots(args["names"])) == set(args["names"])


@box.probe("storage.snapshots_gone")
def snapshots_gone(args: dict[str, Any], since: float) -> bool:
    """Gone, or marked to go with their last hold or clone."""
    return all(seen.defer_destroy for seen in snapshot_reading.snapshots(args["names"]).values())


@box.probe("storage.snapshot_renamed")
def snapshot_renamed(args: dict[str, Any], since: float) -> bool:
    return set(snapshot_reading.snapshots([args["before"], args["after"]])) == {args["after"]}


@box.probe("storage.held")
def held(args: dict[str, Any], since: float) -> bool:
    """Whether the hold is there or gone as it should be. What went with its last hold has none."""
    name = args["name"]
    return bool((args["tag"] in snapshot_reading.holds([name]).get(name, ())) == args["held"])


@box.probe("storage.bookmark_is")
def bookmark_is(args: dict[str, Any], since: float) -> bool:
    return bool((args["name"] in snapshot_reading.bookmarks(args["of"])) == args["there"])


@box.probe("storage.clone_made")
def clone_made(args: dict[str, Any], since: float) -> bool:
    """A clone of that snapshot: somebody else's dataset of the same name is not ours."""
    return bool(snapshot_reading.origin(args["name"]) == args["origin"])


@box.probe("storage.rolled_back")
def rolled_back(args: dict[str, Any], since: float) -> bool | None:
    """Newer snapshots go first, then the data. Where something was written since, nobody can tell before or after."""
    if args["newer"] and snapshot_reading.snapshots(args["newer"]):
        return False
    return True if snapshot_reading.written([args["dataset"]]).get(args["dataset"]) == 0 else None


@box.finds("storage.CreateSnapshots")
def created(operation: Operation) -> list[Change]:
    """The snapshots just made, in full, on record with the operation."""
    return created_by(operation, schedule="")


def created_by(operation: Operation, schedule: str) -> list[Change]:
    """What the operation's first step made, on all datasets that are known to be covered by it."""
    args = operation.plan["steps"][0]["done"]["args"]
    roots = [name.partition("@")[0] for name in args["names"]]
    name = args["names"][0].partition("@")[2]
    of = snapshot_facts.find_places(roots, "datasets")
    covered = snapshot_facts.under(of) if args["recursive"] else of
    by_pool: dict[tuple[UUID, str], list[SnapshotState]] = defaultdict(list)
    for place, state in states(covered, name):
        by_pool[place.pool, place.pool_name].append(state)
    return [
        Change(snapshot_stream(pool), SnapshotsCreated(pool=pool, name=pool_name, items=part, schedule=schedule))
        for (pool, pool_name), found in by_pool.items()
        for part in chunks(found)
    ]


def states(of: list[Place], name: str) -> list[tuple[Place, SnapshotState]]:
    """The snapshots of this name that these datasets have, in full. One just made has no holds."""
    seen = snapshot_reading.snapshots([f"{place.name}@{name}" for place in of])
    return [
        (
            place,
            SnapshotState(
                dataset=place.id,
                dataset_name=place.name,
                name=name,
                guid=found.guid,
                created_at=found.created_at,
                created_txg=found.created_txg,
            ),
        )
        for place in of
        if (found := seen.get(f"{place.name}@{name}"))
    ]
