"""What the executor asks of the box about pools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from apps.storage import devices, reading
from apps.storage.adapters import zpool
from apps.storage.compare import pools as compare
from apps.storage.compare.disks import aliases
from apps.storage.domain.pools import PoolChanged
from calypso.kernel import box
from calypso.kernel.events import Change
from calypso.kernel.models import Operation


@box.finds("storage.CreatePool")
def created_pool(operation: Operation) -> list[Change]:
    """A pool just made, as it is: it goes on record together with its creation."""
    made = operation.plan["outcome"][0]["data"]
    names = aliases(devices.all_disks(settings.CALYPSO_LAB))
    pool, name = UUID(made["pool"]), made["name"]
    return [
        Change(pool, PoolChanged(pool=pool, name=name, fields=compare.POOL_FIELDS, **compare.pool_values(seen, names)))
        for seen in reading.pools([name])
    ]


@box.probe("storage.pool_made")
def pool_made(args: dict[str, Any], since: float) -> bool:
    """A pool of that name, of just these disks: somebody else's of the same name is not ours to finish or to undo."""
    for seen in reading.pools([args["name"]]):
        return sorted({leaf.name for _, leaf in seen.status.leaves()}) == list(args["devices"])
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
