"""What happens to the box by itself or by hand: disks pulled, plugged, broken, repaired, and how ZFS takes it.

Does in one step what the kernel and the event daemon do within seconds on a real box: a lost disk degrades or suspends
its pool, a hot spare steps in, and a disk that is back is resilvered and frees the spare.
"""

from __future__ import annotations

from typing import Any

from calypso.lab import disks
from calypso.lab.health import GOOD, Node, check, leaf_nodes, usable
from calypso.lab.history import emit, statechange
from calypso.lab.scans import begin, running, scrub_seconds
from calypso.lab.settle import settle
from calypso.lab.state import State, new_guid

RESILVERED = 122_880  # bytes written to a disk that was away for a short while, as recorded
SMALLEST_DISK = 128 * 1024**2  # bytes: nothing smaller makes a vdev
DATA_ERRORS = 5  # of a pool that lost its only disk, as recorded


def pull(state: State, disk: dict[str, Any]) -> None:
    """Take a disk out of its bay."""
    settle(state)
    disk["attached"] = False
    _lost(state, disk, "REMOVED")


def break_(state: State, disk: dict[str, Any]) -> None:
    """Make a disk fail all I/O."""
    settle(state)
    disk["broken"] = True
    _lost(state, disk, "FAULTED")


def plug(state: State, disk: dict[str, Any]) -> None:
    """Put a disk back into its bay."""
    settle(state)
    if not disk["attached"]:
        disk["attached"] = True
        _back(state, disk)


def repair(state: State, disk: dict[str, Any]) -> None:
    """Make a broken or slow disk work again."""
    settle(state)
    disk.pop("slow", None)
    if disk["broken"]:
        disk["broken"] = False
        _back(state, disk)


def fault(state: State, disk: dict[str, Any]) -> None:
    """The event daemon counts too many errors of a disk and faults it, until `zpool clear` or a replacement."""
    settle(state)
    for pool in _holders(state, disk):
        leaf = disks.member(pool, disk["name"])
        assert leaf is not None
        leaf.update(fault="ERR_EXCEEDED", read=leaf["read"] + 12, write=leaf["write"] + 9)
    _lost(state, disk, "FAULTED")


def slow(state: State, disk: dict[str, Any]) -> None:
    """A disk that takes half a minute for an answer now and then."""
    settle(state)
    disk["slow"] = True
    for pool in _holders(state, disk):
        leaf = disks.member(pool, disk["name"])
        assert leaf is not None
        leaf["slow"] = leaf.get("slow", 0) + 14
        emit(state, pool, "ereport.fs.zfs.delay", vdev_guid=leaf["guid"], vdev_path=leaf["path"])


def _holders(state: State, disk: dict[str, Any]) -> list[dict[str, Any]]:
    return [pool for pool in state["pools"] if disks.member(pool, disk["name"])]


def _lost(state: State, disk: dict[str, Any], word: str) -> None:
    for pool in _holders(state, disk):
        leaf = disks.member(pool, disk["name"])
        assert leaf is not None
        statechange(state, pool, leaf, word)
        if word == "REMOVED":
            emit(state, pool, "resource.fs.zfs.removed", vdev_guid=leaf["guid"], vdev_path=leaf["path"])
        if not pool["suspended"] and not usable(state, pool):
            suspend(state, pool)
        elif not pool["suspended"]:
            use_spare(state, pool, disk["name"])


def _back(state: State, disk: dict[str, Any]) -> None:
    """A pool that was suspended waits for `zpool clear`, as a real one does."""
    for pool in _holders(state, disk):
        if not pool["suspended"] and disk["name"] not in pool["spares_in_use"].values():
            leaf = disks.member(pool, disk["name"])
            assert leaf is not None
            if leaf.get("wiped"):
                continue
            leaf.pop("absent", None)
            statechange(state, pool, leaf, "ONLINE")
            if leaf["fault"] or leaf["offline"]:
                continue
            free_spare(pool, disk["name"])
            if _in_data(pool, disk["name"]):
                resilver(state, pool, disk["name"], RESILVERED, 1.0)


def _in_data(pool: dict[str, Any], name: str) -> bool:
    return any(
        leaf["disk"] == name
        for role in ("data", "log", "special", "dedup")
        for vdev in pool["groups"].get(role, [])
        for leaf in disks.leaves(vdev)
    )


def suspend(state: State, pool: dict[str, Any]) -> None:
    """Too little is left: all I/O waits until the disks are back and the errors are cleared."""
    bad = [leaf for top in check(state, pool).tops for leaf in leaf_nodes(top) if leaf.state not in GOOD]
    pool["suspended"] = True
    pool["errors"] = DATA_ERRORS
    pool["lost"] = [leaf.vdev["disk"] for leaf in bad]
    emit(state, pool, "ereport.fs.zfs.io_failure")


def resilver(state: State, pool: dict[str, Any], name: str, size: int, seconds: float) -> None:
    """Start a resilver onto a disk; one that is going on starts anew with both."""
    seconds = float(state["options"].get("resilver_seconds", seconds))
    old = pool["scan"] if running(state, pool) == "resilver scanning" else None
    names = tuple(dict.fromkeys([*(old["disks"] if old else ()), name]))
    size = max(size, old["processed"]) if old else size
    pool["scan"] = begin(state, "resilver", pool["allocated"], seconds, processed=size, disks=names)
    emit(state, pool, "sysevent.fs.zfs.resilver_start")


def use_spare(state: State, pool: dict[str, Any], lost: str) -> None:
    """Put the first free hot spare in the place of a lost data disk."""
    spare = next((leaf for leaf in pool["groups"].get("spare", []) if _free(state, pool, leaf)), None)
    place = _place(pool, lost)
    if spare is None or place is None:
        return
    siblings, index = place
    pair = [siblings[index], dict(spare, guid=spare["guid"])]
    siblings[index] = {"kind": "spare", "parity": 0, "number": index, "guid": new_guid(), "children": pair}
    pool["spares_in_use"][lost] = spare["disk"]
    emit(state, pool, "sysevent.fs.zfs.vdev_spare", vdev_guid=spare["guid"], vdev_path=spare["path"])
    resilver(state, pool, spare["disk"], pool["allocated"] // 3, scrub_seconds(state, pool["allocated"]))


def _free(state: State, pool: dict[str, Any], leaf: dict[str, Any]) -> bool:
    disk = disks.named(state, leaf["disk"])
    taken = [name for other in state["pools"] for name in other["spares_in_use"].values()]
    if leaf["kind"] != "dspare" and leaf["disk"] in taken:
        return False
    return disk["attached"] and not disk["broken"] and leaf["disk"] not in pool["spares_in_use"].values()


def _place(pool: dict[str, Any], lost: str) -> tuple[list[dict[str, Any]], int] | None:
    for vdev in pool["groups"]["data"]:
        for index, child in enumerate(vdev.get("children", [])):
            if child.get("disk") == lost:
                return vdev["children"], index
    return None


def free_spare(pool: dict[str, Any], back: str) -> None:
    """Give the hot spare that stands in for a disk back to the pool's spares."""
    if pool["spares_in_use"].pop(back, None) is None:
        return
    for vdev in pool["groups"]["data"]:
        for index, child in enumerate(vdev.get("children", [])):
            if child.get("kind") == "spare" and child["children"][0].get("disk") == back:
                vdev["children"][index] = child["children"][0]


def bring_back(state: State, pool: dict[str, Any]) -> bool:
    """`zpool clear` of a suspended pool; False while a lost disk is still away or broken."""
    lost = [disks.named(state, name) for name in pool["lost"]]
    if any(not disk["attached"] or disk["broken"] for disk in lost):
        return False
    pool.update(suspended=False, errors=0, lost=[])
    for disk in lost:
        resilver(state, pool, disk["name"], RESILVERED, 1.0)
    return True


def find_leaf(state: State, pool: dict[str, Any], name: str) -> Node | None:
    """A pool's disk by its name in `zpool status`, its path or its GUID."""
    health = check(state, pool)
    nodes = [
        leaf
        for node in [health.root, *(n for nodes in health.others.values() for n in nodes)]
        for leaf in leaf_nodes(node)
    ]
    return next((n for n in nodes if name in (n.name, n.path, n.was, n.vdev["guid"], *_paths(n.vdev["path"]))), None)


def _paths(path: str) -> tuple[str, str]:
    return path, path.rsplit("/", 1)[-1]
