"""`zpool remove` and `zpool checkpoint`."""

from __future__ import annotations

import sys
import time
from typing import Any

from calypso.lab import activities, checkpoints, sizes
from calypso.lab.health import group_name
from calypso.lab.history import emit
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.settle import settled
from calypso.lab.state import State, change, clock, read
from calypso.lab.zpool import usage
from calypso.lab.zpool.members import Place, find

POLL = 0.2  # seconds
PER_MAPPING = 156_680  # bytes evacuated for one byte of memory, as recorded: 387M took 2.53K
LEAST_CHECKPOINT = 393_216  # bytes, as recorded


def remove(argv: list[str]) -> int:
    given = Options(argv, "npsw", usage.REMOVE)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.REMOVE, 2)
    name, names = given.operands[0], given.operands[1:]
    if given.has("s"):
        return _stop(name)
    if not names:
        raise Refused("missing device\n" + usage.REMOVE, 2)
    with change() as state:
        pool = pool_named(state, name)
        for device in names:
            _remove(state, pool, device, given)
    if given.has("w"):
        while any(_active(state := read(), pool) for pool in [pool_named(read(), name)]):
            time.sleep(POLL)
        settled()
    return 0


def _stop(name: str) -> int:
    with change() as state:
        pool = pool_named(state, name)
        if not _active(state, pool):
            raise Refused("cannot cancel removal: there is no active removal\n")
        pool["removal"]["canceled"] = clock(state)
    return 0


def _active(state: State, pool: dict[str, Any]) -> bool:
    removal = pool.get("removal")
    return bool(removal) and activities.word(state, removal) == "ACTIVE"


def _remove(state: State, pool: dict[str, Any], name: str, given: Options) -> None:
    refused = f"cannot remove {name}"
    place = find(pool, name, ("spare", "cache", "log", "data", "special", "dedup"))
    if place is None:
        raise Refused(f"{refused}: no such device in pool\n")
    if place.role == "spare" and place.vdev["disk"] in pool["spares_in_use"].values():
        place = find(pool, name) or place
        raise Refused(f"{refused}: Pool busy; removal may already be in progress\n")
    if place.above or place.vdev["kind"] == "dspare":
        raise Refused(f"{refused}: operation not supported on this type of pool\n")
    if pool["readonly"]:
        raise Refused(f"{refused}: pool is read-only\n")
    if place.role in ("spare", "cache", "log"):
        if not given.has("n"):
            del place.siblings[place.index]
            if not place.siblings:
                del pool["groups"][place.role]
            emit(state, pool, "sysevent.fs.zfs.vdev_remove_aux")
        return
    _check_evacuation(state, pool, place, refused)
    size = sizes.top_space(state, place.vdev, place.role, pool)[0]
    if given.has("n"):
        sys.stdout.write(f"Memory that will be used after removing {name}: {sizes.nice(size // PER_MAPPING)}\n")
    else:
        _evacuate(state, pool, place, size)


def _check_evacuation(state: State, pool: dict[str, Any], place: Place, refused: str) -> None:
    vdevs = [vdev for vdev in sizes.counted(pool) if vdev is not place.vdev]
    free = sum(sizes.asize(state, vdev) - sizes.top_space(state, vdev, "data", pool)[0] for vdev in vdevs)
    size = sizes.top_space(state, place.vdev, place.role, pool)[0]
    slop = max(128 * sizes.MIB, sizes.pool_size(state, pool) >> 5)
    data = [vdev for vdev in pool["groups"]["data"] if vdev["kind"] != "indirect" and vdev is not place.vdev]
    if pool.get("checkpoint"):
        raise Refused(f"{refused}: checkpoint exists\n")
    if not data or free < size + min(slop, 128 * 1024 * sizes.MIB):
        raise Refused(f"{refused}: out of space\n")
    if _active(state, pool):
        raise Refused(f"{refused}: Pool busy; removal may already be in progress\n")
    if any(vdev["kind"] in ("raidz", "draid") for vdev in sizes.counted(pool)):
        why = "invalid config; all top-level vdevs must have the same sector size and not be raidz."
        raise Refused(f"{refused}: {why}\n")


def _evacuate(state: State, pool: dict[str, Any], place: Place, size: int) -> None:
    vdev = place.vdev
    number = vdev.get("number", place.index)
    name = vdev["path"].rsplit("/", 1)[-1] if "disk" in vdev else group_name(vdev)
    about = {"name": name, "kind": vdev["kind"], "guid": vdev["guid"], "role": place.role, "number": number}
    pool["removal"] = activities.begin(state, size, **about, memory=size // PER_MAPPING)
    emit(state, pool, "sysevent.fs.zfs.vdev_remove_start")


def checkpoint(argv: list[str]) -> int:
    given = Options(argv, "dw", usage.CHECKPOINT, ("discard", "wait"))
    discard, wait = given.has("d") or given.has("discard"), given.has("w") or given.has("wait")
    if wait and not discard:
        raise Refused("--wait only valid when --discard also specified\n" + usage.CHECKPOINT, 2)
    if not given.operands:
        raise Refused("missing pool argument\n" + usage.CHECKPOINT, 2)
    name = given.operands[0]
    with change() as state:
        pool = pool_named(state, name)
        _discard(state, pool) if discard else _checkpoint(state, pool)
    while wait and pool_named(read(), name).get("checkpoint"):
        settled()
        time.sleep(POLL if pool_named(read(), name).get("checkpoint") else 0)
    return 0


def _checkpoint(state: State, pool: dict[str, Any]) -> None:
    refused = f"cannot checkpoint '{pool['name']}'"
    if pool.get("checkpoint"):
        why = "currently discarding checkpoint" if pool["checkpoint"].get("discard") else "checkpoint exists"
        raise Refused(f"{refused}: {why}\n")
    if _active(state, pool):
        raise Refused(f"{refused}: device removal in progress\n")
    if pool.get("expansion") and not pool["expansion"].get("settled"):
        raise Refused(f"{refused}: raidz expansion in progress\n")
    if pool["readonly"]:
        raise Refused(f"{refused}: pool is read-only\n")
    pool["checkpoint"] = {"start": clock(state), "space": LEAST_CHECKPOINT}
    checkpoints.keep(state, pool)


def _discard(state: State, pool: dict[str, Any]) -> None:
    refused = f"cannot discard checkpoint in '{pool['name']}'"
    if not pool.get("checkpoint"):
        raise Refused(f"{refused}: checkpoint does not exist\n")
    if pool["checkpoint"].get("discard"):
        raise Refused(f"{refused}: currently discarding checkpoint\n")
    pool["checkpoint"]["discard"] = activities.begin(state, pool["checkpoint"]["space"])
