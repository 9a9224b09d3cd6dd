"""`zpool events` and `zpool history`."""

from __future__ import annotations

import sys
import time
from typing import Any

from calypso.lab.features import FEATURES
from calypso.lab.history import HOST
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.state import change, read, state_version
from calypso.lab.zpool import usage
from calypso.lab.zpool.showing import wanted

POLL = 0.3  # seconds
KERNEL = "uts appliance 6.1.0-56-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16) x86_64"
SOFTWARE = "pool version 5000; software version 92f430b-dist; "


def events(argv: list[str]) -> int:
    given = Options(argv, "Hcfv", usage.ZPOOL)
    if given.has("c"):
        return _forget()
    if len(given.operands) > 1:
        raise Refused("too many arguments\n" + usage.ZPOOL, 2)
    if not given.has("H"):
        sys.stdout.write(f"{'TIME':<30} CLASS\n")
    seen = 0
    version = -1
    while True:
        while given.has("f") and version == state_version():
            time.sleep(POLL)
        version = state_version()
        queue = [one for one in read().get("events", []) if one["eid"] > seen]
        for one in queue:
            seen = one["eid"]
            if not given.operands or one["pool"] == given.operands[0]:
                sys.stdout.write(_event(one, given))
        if not given.has("f"):
            return 0
        sys.stdout.flush()


def _forget() -> int:
    with change() as state:
        sys.stdout.write(f"cleared {len(state.pop('events', []))} events\n")
    return 0


def _event(one: dict[str, Any], given: Options) -> str:
    seconds, rest = divmod(one["time"], 1)
    when = time.strftime("%b %e %Y %H:%M:%S", time.localtime(seconds)) + f".{int(rest * 1e9):09d}"
    line = f"{when}\t{one['kind']}\n" if given.has("H") else f"{when} {one['kind']}\n"
    if not given.has("v"):
        return line
    pairs = {"version": "0x0", "class": f'"{one["kind"]}"', "pool": f'"{one["pool"]}"'}
    pairs |= {"pool_guid": hex(int(one["pool_guid"])), "pool_state": "0x0", "pool_context": "0x0"}
    for key, text in one.get("payload", {}).items():
        pairs[key] = hex(int(text)) if str(text).isdigit() else f'"{text}"'
    pairs |= {"time": f"{hex(int(seconds))} {hex(int(rest * 1e9))} ", "eid": hex(one["eid"])}
    return line + "".join(f"        {key} = {text}\n" for key, text in pairs.items()) + "\n"


def history(argv: list[str]) -> int:
    """-i: internal events, too. -l: who, where and in which zone."""
    given = Options(argv, "il", usage.ZPOOL)
    state = read()
    if given.operands:
        for name in given.operands:
            pool_named(state, name)
    for pool in wanted(state, given.operands)[0]:
        lines = _internal(pool, given) if given.has("i") else []
        by = f" [user 0 (root) on {HOST}:linux]" if given.has("l") else ""
        lines += [(when, f"{text}{by}") for when, text in pool.get("history", [])]
        texts = [f"{_stamp(when)} {text}\n" for when, text in sorted(lines, key=lambda line: line[0])]
        sys.stdout.write(f"History for '{pool['name']}':\n{''.join(texts)}\n")
    return 0


def _stamp(when: int) -> str:
    return time.strftime("%Y-%m-%d.%H:%M:%S", time.localtime(when))


def _internal(pool: dict[str, Any], given: Options) -> list[tuple[int, str]]:
    """What the kernel did when the pool was made."""
    on = f" [on {HOST}]" if given.has("l") else ""
    sets = [f"{name}={text}" for name, text in pool["properties"].items() if ":" not in name]
    sets += [f"feature@{name}=enabled" for name in FEATURES if name not in pool.get("disabled_features", [])]
    texts = [f"create {SOFTWARE}{KERNEL}", *(f"set {text}" for text in sets)]
    return [(pool["created"], f"[txg:4] {text}{on}") for text in texts]
