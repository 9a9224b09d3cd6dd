"""What the executor asks of the box about pools."""

from __future__ import annotations

from typing import Any

from apps.storage import reading
from apps.storage.adapters import zpool
from calypso.kernel import box


@box.probe("storage.pool_made")
def pool_made(args: dict[str, Any], since: float) -> bool:
    """A pool of that name, of just these disks: somebody else's of the same name is not ours to finish or to undo."""
    for seen in reading.pools([args["name"]]):
        found = {leaf.name for _, leaf in seen.status.leaves() if leaf.type != "dspare"}
        return sorted(found) == list(args["devices"])
    return False


@box.probe("storage.pool_absent")
def pool_absent(args: dict[str, Any], since: float) -> bool:
    return args["name"] not in {info.name for info in zpool.parse_list(reading.read(zpool.list_argv()))}


@box.probe("storage.scrub")
def scrub_is(args: dict[str, Any], since: float) -> bool | None:
    """Whether a scrub was started, paused or stopped; a start counts from the second in which the step began."""
    scan = next((seen.status.scan for seen in reading.pools([args["name"]])), None)
    if scan is None or scan.function != "scrub":
        return False
    if args["action"] == "start":
        begun = scan.started_at is not None and scan.started_at >= int(since)
        return begun or (scan.state == "in_progress")
    return scan.state == {"pause": "paused", "stop": "canceled"}[args["action"]]


@box.probe("storage.pool_imported")
def pool_imported(args: dict[str, Any], since: float) -> bool:
    """That very pool, under the name that was asked for."""
    infos = zpool.parse_list(reading.read(zpool.list_argv()))
    return any((info.name, info.guid) == (args["name"], args["guid"]) for info in infos)


@box.probe("storage.property")
def property_is(args: dict[str, Any], since: float) -> bool:
    return reading.properties(args["name"], [args["property"]]) == {args["property"]: args["value"]}


@box.probe("storage.checkpoint")
def checkpoint_is(args: dict[str, Any], since: float) -> bool:
    """Whether there is one or, for ``there`` false, there is none or it is being discarded."""
    found = _status(args["name"]).checkpoint
    return bool(args["there"]) == (found is not None and found.state == "exists")


@box.probe("storage.upgraded")
def upgraded(args: dict[str, Any], since: float) -> bool:
    return not _status(args["name"]).upgradable


def _status(name: str) -> zpool.PoolStatus:
    """Raises NoSuchPool: then it can't be told."""
    for seen in reading.pools([name]):
        return seen.status
    raise zpool.NoSuchPool(f"There is no pool “{name}”.")
