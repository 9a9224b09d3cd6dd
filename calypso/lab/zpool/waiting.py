"""`zpool wait` and `zpool sync`."""

from __future__ import annotations

import time
from typing import Any

from calypso.lab import activities
from calypso.lab.disks import leaves
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.scans import running
from calypso.lab.settle import settled
from calypso.lab.state import State, read
from calypso.lab.zpool import usage

POLL = 0.2  # seconds
ACTIVITIES = ("discard", "free", "initialize", "replace", "remove", "resilver", "scrub", "trim", "raidz_expand")


def wait(argv: list[str]) -> int:
    """Returns when nothing of what was named (all, unless said) goes on. Takes no interval."""
    given = Options(argv, "t:", usage.WAIT)
    asked = (given.value("t") or ",".join(ACTIVITIES)).split(",")
    for word in asked:
        if word not in ACTIVITIES:
            raise Refused(f"invalid activity '{word}'\n{usage.WAIT}", 2)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing 'pool' argument\n") + usage.WAIT, 2)
    while True:
        settled()
        state = read()
        if not going_on(state, pool_named(state, given.operands[0])) & set(asked):
            return 0
        time.sleep(POLL)


def going_on(state: State, pool: dict[str, Any]) -> set[str]:
    """What the pool is busy with."""
    scan = running(state, pool)
    found = {scan.split()[0]} if scan else set()
    if any(vdev["kind"] == "replacing" for vdev in _all(pool["groups"]["data"])) and scan:
        found.add("replace")
    for key, word in (("init", "initialize"), ("trim", "trim")):
        if any(activities.word(state, leaf.get(key)) == "ACTIVE" for leaf in leaves(pool)):
            found.add(word)
    for key, word in (("removal", "remove"), ("expansion", "raidz_expand")):
        if activities.word(state, pool.get(key)) == "ACTIVE":
            found.add(word)
    discard = (pool.get("checkpoint") or {}).get("discard")
    return found | ({"discard"} if activities.word(state, discard) == "ACTIVE" else set())


def _all(vdevs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return vdevs + [one for vdev in vdevs for one in _all(vdev.get("children", []))]


def sync(argv: list[str]) -> int:
    """All that was written is on the disks already."""
    given = Options(argv, "f", usage.ZPOOL)
    state = read()
    for name in given.operands:
        pool_named(state, name)
    return 0
