"""`zpool trim` and `zpool initialize`: work on every block of the disks (zpool_trim_one, zpool_initialize_one)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from calypso.lab import activities
from calypso.lab.disks import leaves, named
from calypso.lab.happenings import find_leaf
from calypso.lab.health import GOOD
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.sizes import parse_size, phys_space
from calypso.lab.state import State, change, read
from calypso.lab.zpool import usage

POLL = 0.2  # seconds
FAILED = 255


@dataclass(frozen=True)
class Kind:
    """verb: as in ``cannot trim``. key: where a disk keeps it. going, none: what the tool says of a wrong wish."""

    verb: str
    key: str
    going: str
    none: str


TRIM = Kind("trim", "trim", "currently trimming", "there is no active trim")
INITIALIZE = Kind("initialize", "init", "currently initializing", "there is no active initialization")


def trim(argv: list[str]) -> int:
    given = Options(argv, "cdr:sw", usage.TRIM, ("cancel", "rate", "secure", "suspend", "wait"))
    rate = parse_size(given.value("r") or "0")
    if rate is None:
        raise Refused(f"invalid value for rate: {given.value('r')}\n{usage.TRIM}", 2)
    return _run(given, TRIM, usage.TRIM, rate)


def initialize(argv: list[str]) -> int:
    given = Options(argv, "csuw", usage.INITIALIZE, ("cancel", "suspend", "uninit", "wait"))
    return _run(given, INITIALIZE, usage.INITIALIZE, 0)


def _run(given: Options, kind: Kind, usage_: str, rate: int) -> int:
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage_, 2)
    wish = next(
        (word for letter, word in (("c", "cancel"), ("s", "suspend"), ("u", "uninit")) if given.has(letter)), ""
    )
    if given.has("w") and wish:
        raise Refused(f"-w cannot be used with -c, -s{', or -u' if kind is INITIALIZE else ''}\n{usage_}", 2)
    name, names = given.operands[0], given.operands[1:]
    with change() as state:
        pool = pool_named(state, name)
        chosen = _chosen(state, pool, names, kind)
        for leaf in chosen:
            _check(state, leaf, kind, wish)
        for leaf in chosen:
            _do(state, leaf, kind, wish, rate)
    if given.has("w"):
        while _going(state := read(), pool_named(state, name), kind):
            time.sleep(POLL)
    return 0


def _chosen(state: State, pool: dict[str, Any], names: list[str], kind: Kind) -> list[dict[str, Any]]:
    if names:
        found = [(name, find_leaf(state, pool, name)) for name in names]
        for name, node in found:
            if node is None:
                raise Refused(f"cannot {kind.verb} '{name}': no such device in pool\n", FAILED)
            if kind is TRIM and named(state, node.vdev["disk"])["rotational"]:
                why = "trim operations are not supported by this device"
                raise Refused(f"cannot trim '{name}': {why}\n", FAILED)
        return [node.vdev for _, node in found if node]
    chosen = _whole(state, pool)
    if kind is TRIM:
        chosen = [leaf for leaf in chosen if not named(state, leaf["disk"])["rotational"]]
        if not chosen:
            raise Refused("cannot trim: no devices in pool support trim operations\n", FAILED)
    return chosen


def _whole(state: State, pool: dict[str, Any]) -> list[dict[str, Any]]:
    """All disks that are in order, without caches and spares."""
    roles = ("data", "log", "special", "dedup")
    found = leaves({"groups": {role: pool["groups"].get(role, []) for role in roles}})
    nodes = [find_leaf(state, pool, leaf["guid"]) for leaf in found]
    return [node.vdev for node in nodes if node and node.state in GOOD and node.vdev["kind"] != "dspare"]


def _check(state: State, leaf: dict[str, Any], kind: Kind, wish: str) -> None:
    word = activities.word(state, leaf.get(kind.key))
    refused = f"cannot {kind.verb} '{leaf['path'].rsplit('/', 1)[-1]}'"
    if (not wish or wish == "uninit") and word == "ACTIVE":
        raise Refused(f"{refused}: {kind.going}\n", FAILED)
    if (wish == "cancel" and word not in ("ACTIVE", "SUSPENDED")) or (wish == "suspend" and word != "ACTIVE"):
        raise Refused(f"{refused}: {kind.none}\n", FAILED)


def _do(state: State, leaf: dict[str, Any], kind: Kind, wish: str, rate: int) -> None:
    work = leaf.get(kind.key)
    if wish in ("cancel", "uninit"):
        leaf.pop(kind.key, None)
    elif wish == "suspend":
        activities.suspend(state, leaf[kind.key])
    elif work and activities.word(state, work) == "SUSPENDED":
        activities.resume(state, work)
    else:
        size = phys_space(state, leaf)
        leaf[kind.key] = activities.begin(state, size)
        if rate:
            leaf[kind.key]["seconds"] = size / rate


def _going(state: State, pool: dict[str, Any], kind: Kind) -> bool:
    return any(activities.word(state, leaf.get(kind.key)) == "ACTIVE" for leaf in leaves(pool))
