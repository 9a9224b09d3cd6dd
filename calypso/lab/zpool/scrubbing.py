"""`zpool scrub` and `zpool resilver`."""

from __future__ import annotations

import time
from typing import Any

from calypso.lab.damage import to_repair
from calypso.lab.history import emit
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.scans import begin, running, scrub_seconds
from calypso.lab.settle import settled
from calypso.lab.state import State, change, clock, read
from calypso.lab.zpool import usage

POLL = 0.2  # seconds


def scrub(argv: list[str]) -> int:
    given = Options(argv, "espwC", usage.ZPOOL)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.ZPOOL, 2)
    if given.has("s") and given.has("p"):
        raise Refused("invalid option combination: -s and -p are mutually exclusive\n" + usage.ZPOOL, 2)
    for name in given.operands:
        _wait_while_suspended(name)
        with change() as state:
            _scrub(state, pool_named(state, name), given)
    if given.has("w"):
        for name in given.operands:
            while running(state := read(), pool_named(state, name)):
                time.sleep(POLL)
        settled()
    return 0


def _wait_while_suspended(name: str) -> None:
    """A scrub of a suspended pool hangs until its I/O goes on (recorded: for good, even under kill -9)."""
    while pool_named(read(), name)["suspended"]:
        time.sleep(POLL)


def _scrub(state: State, pool: dict[str, Any], given: Options) -> None:
    name, now, found = pool["name"], clock(state), running(state, pool)
    if given.has("s") or given.has("p"):
        word = "cancel" if given.has("s") else "pause"
        if found != "scrub scanning" and not (found == "scrub paused" and given.has("s")):
            raise Refused(f"cannot {word} scrubbing {name}: there is no active scrub\n")
        pool["scan"]["canceled_at" if given.has("s") else "paused_at"] = now
        emit(state, pool, "sysevent.fs.zfs.scrub_abort" if given.has("s") else "sysevent.fs.zfs.scrub_paused")
    elif found == "scrub paused":
        scan = pool["scan"]
        scan.update(spent_paused=scan["spent_paused"] + now - scan["paused_at"], paused_at=None)
        emit(state, pool, "sysevent.fs.zfs.scrub_resume")
    elif found == "scrub scanning":
        raise Refused(f"cannot scrub {name}: currently scrubbing; use 'zpool scrub -s' to cancel scrub\n")
    elif found:
        raise Refused(f"cannot scrub {name}: currently resilvering\n")
    elif pool["readonly"]:
        raise Refused(f"cannot scrub {name}: pool is read-only\n")
    else:
        size = 0 if given.has("e") and not pool["errors"] else pool["allocated"]
        pool["scan"] = begin(state, "scrub", size, scrub_seconds(state, size), processed=to_repair(pool))
        emit(state, pool, "sysevent.fs.zfs.scrub_start")


def resilver(argv: list[str]) -> int:
    """Starts a running resilver anew."""
    given = Options(argv, "", usage.ZPOOL)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.ZPOOL, 2)
    for name in given.operands:
        with change() as state:
            pool = pool_named(state, name)
            if running(state, pool) == "resilver scanning":
                scan, now = pool["scan"], clock(state)
                scan.update(start=now, pass_start=now)
    return 0
