"""`zpool destroy` and `zpool export`."""

from __future__ import annotations

import os
from typing import Any

from calypso.lab import contents
from calypso.lab.disks import leaves
from calypso.lab.history import emit
from calypso.lab.options import UNPRIVILEGED, Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.state import State, change, clock
from calypso.lab.zpool import usage


def destroy(argv: list[str]) -> int:
    """Asks nothing, as the real one; the pool can be imported with -D until its disks are used."""
    given = Options(argv, "f", usage.ZPOOL)
    if not given.operands:
        raise Refused("missing pool argument\n" + usage.ZPOOL, 2)
    if len(given.operands) > 1:
        raise Refused("too many arguments\n" + usage.ZPOOL, 2)
    with change() as state:
        pool = pool_named(state, given.operands[0])
        name = pool["name"]
        failed = f"could not destroy '{name}': could not unmount datasets\n"
        if os.environ.get(UNPRIVILEGED):
            where = contents.root_mountpoint(state, pool)
            raise Refused(f"cannot unmount '{where}': permission denied\n{failed}")
        busy = "" if given.has("f") else contents.unmount_all(state, pool)
        if not busy:
            emit(state, pool, "sysevent.fs.zfs.pool_destroy")
            state["pools"].remove(pool)
            state["destroyed"].append(at_rest(state, pool))
    if busy:
        raise Refused(f"cannot unmount '{busy}': pool or dataset is busy\n{failed}")
    return 0


def at_rest(state: State, pool: dict[str, Any]) -> dict[str, Any]:
    """A pool as it is when no host has it."""
    pool.update(readonly=False, altroot="", suspended=False, lost=[], foreign_host="", exported_at=int(clock(state)))
    for leaf in leaves(pool):
        if leaf.pop("temporary", False):
            leaf["offline"] = False
        leaf.update(read=0, write=0, checksum=0)
        leaf.pop("slow", None)
    return pool


def export(argv: list[str]) -> int:
    """Refused without a word while suspended, as recorded. A busy file system leaves the earlier ones unmounted."""
    given = Options(argv, "af", usage.ZPOOL)
    busy = ""
    with change() as state:
        names = [pool["name"] for pool in state["pools"]] if given.has("a") else given.operands
        if not names and not given.has("a"):
            raise Refused("missing pool argument\n" + usage.ZPOOL, 2)
        for name in names:
            pool = pool_named(state, name)
            if pool["suspended"]:
                raise Refused("")
            if _spare_in_use_elsewhere(state, pool) and not given.has("f"):
                words = f"cannot export '{name}': pool has active shared spare(s) (use '-f' to force)"
                raise Refused(f"{words}\n")
            busy = contents.unmount_all(state, pool)
            if busy:
                break
            emit(state, pool, "sysevent.fs.zfs.pool_export")
            state["pools"].remove(pool)
            state["exported"].append(at_rest(state, pool))
    if busy:
        raise Refused(f"cannot unmount '{busy}': pool or dataset is busy\n")
    return 0


def _spare_in_use_elsewhere(state: State, pool: dict[str, Any]) -> bool:
    used = set(pool["spares_in_use"].values())
    others = [spare for other in state["pools"] if other is not pool for spare in other["groups"].get("spare", [])]
    return any(spare["disk"] in used for spare in others)
