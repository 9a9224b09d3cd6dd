"""What the executor asks of the box about the disks and vdevs of a pool."""

from __future__ import annotations

from typing import Any

from apps.storage import reading
from apps.storage.adapters import zpool
from apps.storage.compare.pools import SeenPool
from calypso.kernel import box


def seen(name: str, *, surface: bool = False) -> SeenPool:
    """Raises NoSuchPool: then it can't be told."""
    for pool in reading.pools([name], surface=surface):
        return pool
    raise zpool.NoSuchPool(f"There is no pool “{name}”.")


def every(status: zpool.PoolStatus) -> list[tuple[str, zpool.Vdev]]:
    """All vdevs and disks, with their roles."""
    return [(role, found) for role, vdevs in status.groups for vdev in vdevs for found in _below(vdev)]


def _below(vdev: zpool.Vdev) -> list[zpool.Vdev]:
    return [vdev, *(found for child in vdev.children for found in _below(child))]


@box.probe("storage.members_in")
def members_in(args: dict[str, Any], since: float) -> bool:
    """Whether the pool has all these devices."""
    return set(args["devices"]) <= {leaf.name for _, leaf in seen(args["name"]).status.leaves()}


@box.probe("storage.replacing")
def replacing(args: dict[str, Any], since: float) -> bool:
    """Whether the device stands among the data: a spare that waits does not."""
    leaves = seen(args["name"]).status.leaves()
    return any(leaf.name == args["device"] for role, leaf in leaves if role != "spare")


@box.probe("storage.member_gone")
def member_gone(args: dict[str, Any], since: float) -> bool:
    """Whether it stands nowhere but among the spares, to which a detached one goes back."""
    return args["guid"] not in {vdev.guid for role, vdev in every(seen(args["name"]).status) if role != "spare"}


@box.probe("storage.vdev_leaving")
def vdev_leaving(args: dict[str, Any], since: float) -> bool:
    """Whether it is gone, or its data is being copied away since the step began."""
    status = seen(args["name"]).status
    if args["guid"] not in {vdev.guid for _, vdev in every(status)}:
        return True
    removal = status.removal
    return removal is not None and removal.state == "in_progress" and (removal.started_at or 0) >= int(since)


@box.probe("storage.removal_stopped")
def removal_stopped(args: dict[str, Any], since: float) -> bool:
    removal = seen(args["name"]).status.removal
    return removal is None or removal.state != "in_progress"


@box.probe("storage.member_state")
def member_state(args: dict[str, Any], since: float) -> bool:
    states = {vdev.state for role, vdev in every(seen(args["name"]).status) if vdev.guid == args["guid"]}
    return bool(states & set(args["states"]))


@box.probe("storage.errors_cleared")
def errors_cleared(args: dict[str, Any], since: float) -> bool:
    """Whether I/O goes on, and nothing is counted at one member (``guid``) or at any."""
    status = seen(args["name"]).status
    found = [vdev for _, vdev in every(status) if args["guid"] in ("", vdev.guid)]
    return status.state != "SUSPENDED" and not any(
        v.read or v.write or v.checksum or v.state == "FAULTED" for v in found
    )


@box.probe("storage.expanded")
def expanded(args: dict[str, Any], since: float) -> bool:
    """Whether its disks have nothing more to give."""
    return seen(args["name"]).info.expandable == 0


@box.probe("storage.activity")
def activity(args: dict[str, Any], since: float) -> bool:
    """Whether a trim or initialisation was started since, or is suspended or over, on all disks that were meant.

    Disks that can't trim tell of none: one that could is enough for the whole pool.
    """
    leaves = [leaf for _, leaf in seen(args["name"], surface=True).status.leaves()]
    meant = [leaf for leaf in leaves if not args["guids"] or leaf.guid in args["guids"]]
    works = [leaf.trim if args["kind"] == "trim" else leaf.initialize for leaf in meant]
    if args["action"] == "start":
        return any(work is not None and (work.state == "active" or (work.at or 0) >= int(since)) for work in works)
    if args["action"] == "suspend":
        return not any(work is not None and work.state == "active" for work in works)
    return not any(work is not None and work.state in ("active", "suspended") for work in works)
