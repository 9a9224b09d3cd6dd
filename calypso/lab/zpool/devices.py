"""The stand-in for zpool(8): reads its command line, changes the state, prints what the tool would print."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from calypso.lab import contents, happenings, pool_list, usage
from calypso.lab.create import UNPRIVILEGED, create
from calypso.lab.disks import leaves
from calypso.lab.health import GOOD, check, explanation, usable
from calypso.lab.options import Options, Refused, run
from calypso.lab.pools import pool_named
from calypso.lab.scans import begin, running, scrub_seconds
from calypso.lab.state import State, change, clock, read
from calypso.lab.zpool.status_json import Writer, header
from calypso.lab.zpool.status_text import render
from calypso.lab.transfer import export, import_
from calypso.lab.version import version

JSON_OPTIONS = ("json-int", "json", "json-flat-vdevs", "json-pool-key-guid", "power")
POLL = 0.2  # seconds


def main(argv: list[str]) -> int:
    """Run one command line (without the program's name); the exit code."""
    commands = {
        "version": version("zpool"),
        "list": list_,
        "status": status,
        "create": create,
        "destroy": destroy,
        "scrub": scrub,
        "clear": clear,
        "online": online,
        "offline": offline,
        "export": export,
        "import": import_,
    }
    return run(commands, argv, usage.ZPOOL)


def _wanted(state: State, names: list[str]) -> tuple[list[dict[str, Any]], str]:
    """The pools asked for (all, by name, without names) and what to say about missing ones."""
    if not names:
        return sorted(state["pools"], key=lambda pool: str(pool["name"])), ""
    found, missing = [], ""
    for name in names:
        try:
            found.append(pool_named(state, name))
        except Refused as refused:
            missing += refused.stderr
    return found, missing


def list_(argv: list[str]) -> int:
    given = Options(argv, "gHLo:pPT:vj", usage.ZPOOL, JSON_OPTIONS)
    columns = [pool_list.ALIASES.get(c, c) for c in (given.value("o") or ",".join(pool_list.DEFAULT)).split(",")]
    for column in columns:
        if column not in pool_list.COLUMNS:
            raise Refused(f"bad property list: invalid property '{column}'\n{usage.ZPOOL}", 2)
    state = read()
    pools, missing = _wanted(state, given.operands)
    flags = {"parsable": given.has("p"), "scripted": given.has("H"), "paths": given.has("P")}
    lister = pool_list.Lister(state, columns, **flags)
    healths = [check(state, pool) for pool in pools]
    sys.stderr.write(missing)
    if given.has("j") and not missing:
        _print_json(lister.json(healths, ints=given.has("json-int")))
    elif healths:
        sys.stdout.write(lister.text(healths, verbose=given.has("v")))
    elif not missing and not given.has("H"):
        sys.stdout.write("no pools available\n")
    return 1 if missing else 0


def status(argv: list[str]) -> int:
    given = Options(argv, "c:dDegiLpPstT:vxj", usage.ZPOOL, JSON_OPTIONS)
    state = read()
    pools, missing = _wanted(state, given.operands)
    healths = [check(state, pool) for pool in pools]
    ill = [health for health in healths if explanation(health)]
    sys.stderr.write(missing)
    if given.has("j") and not missing:
        flags = {"ints": given.has("json-int"), "parsable": given.has("p"), "paths": given.has("P")}
        writer = Writer(state, **flags)
        shown = ill if given.has("x") else healths
        _print_json({**header("zpool status"), "pools": {h.pool["name"]: writer.pool(h) for h in shown}})
    elif given.has("x") and healths and not ill:
        one = f"pool '{given.operands[0]}' is healthy" if len(given.operands) == 1 else "all pools are healthy"
        sys.stdout.write(one + "\n")
    elif healths:
        looks = {"parsable": given.has("p"), "paths": given.has("P"), "verbose": given.has("v")}
        blocks = [render(health, clock(state), **looks) for health in (ill if given.has("x") else healths)]
        sys.stdout.write("\n".join(blocks))
    elif not missing:
        sys.stderr.write("no pools available\n")
    return 1 if missing else 0


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")


def destroy(argv: list[str]) -> int:
    given = Options(argv, "f", usage.ZPOOL)
    _one_pool(given)
    with change() as state:
        pool = pool_named(state, given.operands[0])
        if os.environ.get(UNPRIVILEGED):
            name, where = pool["name"], contents.root_mountpoint(state, pool)
            words = (
                f"cannot unmount '{where}': permission denied\ncould not destroy '{name}': could not unmount datasets\n"
            )
            raise Refused(words)
        state["pools"].remove(pool)
        state["destroyed"].append(pool)
    return 0


def _one_pool(given: Options) -> None:
    if not given.operands:
        raise Refused("missing pool argument\n" + usage.ZPOOL, 2)
    if len(given.operands) > 1:
        raise Refused("too many arguments\n" + usage.ZPOOL, 2)


def scrub(argv: list[str]) -> int:
    given = Options(argv, "espwC", usage.ZPOOL)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.ZPOOL, 2)
    for name in given.operands:
        _wait_while_suspended(name)
        with change() as state:
            _scrub(state, pool_named(state, name), given)
    if given.has("w"):
        for name in given.operands:
            while running(state := read(), pool_named(state, name)):
                time.sleep(POLL)
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
    elif found == "scrub paused":
        scan = pool["scan"]
        scan.update(spent_paused=scan["spent_paused"] + now - scan["paused_at"], paused_at=None)
    elif found == "scrub scanning":
        raise Refused(f"cannot scrub {name}: currently scrubbing; use 'zpool scrub -s' to cancel scrub\n")
    elif found:
        raise Refused(f"cannot scrub {name}: currently resilvering\n")
    else:
        pool["scan"] = begin(state, "scrub", pool["allocated"], scrub_seconds(state, pool["allocated"]))


def clear(argv: list[str]) -> int:
    given = Options(argv, "nF", usage.ZPOOL, ("power",))
    if not given.operands:
        raise Refused("missing pool name\n" + usage.ZPOOL, 2)
    name, device = given.operands[0], given.operands[1] if len(given.operands) > 1 else None
    with change() as state:
        pool = pool_named(state, name)
        if device is not None and happenings.find_leaf(state, pool, device) is None:
            raise Refused(f"cannot clear errors for {device}: no such device in pool\n")
        if pool["suspended"] and not happenings.bring_back(state, pool):
            raise Refused(f"cannot clear errors for {name}: I/O error\n")
        for leaf in leaves(pool):
            if device is None or device in (leaf["path"], leaf["path"].rsplit("/", 1)[-1], leaf["guid"]):
                leaf.update(read=0, write=0, checksum=0, fault="")
    return 0


def online(argv: list[str]) -> int:
    given = Options(argv, "e", usage.ZPOOL, ("power",))
    with change() as state:
        for pool, leaf in _devices(state, given, "online"):
            if leaf["offline"] or leaf["fault"]:
                leaf.update(offline=False, fault="")
                happenings.resilver(state, pool, leaf["disk"], happenings.RESILVERED, 1.0)
    return 0


def offline(argv: list[str]) -> int:
    given = Options(argv, "ft", usage.ZPOOL, ("power",))
    with change() as state:
        for pool, leaf in _devices(state, given, "offline"):
            before = dict(leaf)
            leaf.update(fault="EXTERNAL") if given.has("f") else leaf.update(offline=True)
            if not usable(state, pool) or _broken_group(state, pool):
                leaf.update(before)
                raise Refused(f"cannot offline {given.operands[1]}: no valid replicas\n")
    return 0


def _broken_group(state: State, pool: dict[str, Any]) -> bool:
    logs = check(state, pool).others.get("log", [])
    return any(node.state not in GOOD for node in logs)


def _devices(state: State, given: Options, word: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    if not given.operands:
        raise Refused("missing pool name\n" + usage.ZPOOL, 2)
    if len(given.operands) == 1:
        raise Refused("missing device name\n" + usage.ZPOOL, 2)
    pool = pool_named(state, given.operands[0])
    found = []
    for name in given.operands[1:]:
        node = happenings.find_leaf(state, pool, name)
        if node is None:
            raise Refused(f"cannot {word} {name}: no such device in pool\n")
        found.append((pool, node.vdev))
    return found
