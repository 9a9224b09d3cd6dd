"""`zpool export` and `zpool import`, as far as sound pools go."""

from __future__ import annotations

import sys
from typing import Any

from calypso.lab import usage
from calypso.lab.disks import leaves, named
from calypso.lab.health import Node, check
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.state import State, change, read

IMPORTABLE = "The pool can be imported using its name or numeric identifier.\n"


def export(argv: list[str]) -> int:
    """Refused without a word while suspended, as recorded."""
    given = Options(argv, "af", usage.ZPOOL)
    with change() as state:
        names = [pool["name"] for pool in state["pools"]] if given.has("a") else given.operands
        if not names and not given.has("a"):
            raise Refused("missing pool argument\n" + usage.ZPOOL, 2)
        for name in names:
            pool = pool_named(state, name)
            if pool["suspended"]:
                raise Refused("")
            state["pools"].remove(pool)
            pool.update(readonly=False, altroot="")
            state["exported"].append(pool)
    return 0


def import_(argv: list[str]) -> int:
    """Without a name: what could be imported."""
    given = Options(argv, "ac:d:DEfFlmnNo:R:s", usage.ZPOOL)
    if not given.operands and not given.has("a"):
        return _show()
    with change() as state:
        names = [pool["name"] for pool in state["exported"]] if given.has("a") else given.operands[:1]
        for name in names:
            _import(state, name, given)
    return 0


def _import(state: State, name: str, given: Options) -> None:
    new = given.operands[1] if len(given.operands) > 1 else name
    pool = next((pool for pool in state["exported"] if name in (pool["name"], pool["guid"])), None)
    taken = any(pool["name"] == new for pool in state["pools"])
    if taken:
        hint = "use the form 'zpool import <pool | id> <newpool>' to give it a new name\n"
        raise Refused(f"cannot import '{name}': a pool with that name already exists\n{hint}")
    if pool is None or not any(named(state, leaf["disk"])["attached"] for leaf in leaves(pool)):
        raise Refused(f"cannot import '{name}': no such pool available\n")
    if check(state, pool).root.state == "CANT_OPEN":
        words = "\tDestroy and re-create the pool from\n\ta backup source.\n"
        raise Refused(f"cannot import '{name}': no such pool or dataset\n", stdout=words)
    state["exported"].remove(pool)
    pool["name"] = new
    pool.update(readonly="readonly=on" in given.values.get("o", []), altroot=given.value("R") or "")
    state["pools"].append(pool)


def _show() -> int:
    state = read()
    blocks = [_block(state, pool) for pool in state["exported"]]
    if not blocks:
        sys.stderr.write("no pools available to import\n")
    sys.stdout.write("\n".join(blocks))
    return 0


def _block(state: State, pool: dict[str, Any]) -> str:
    health = check(state, pool)
    rows = _rows(health.root, 0)
    for role, heading in (("log", "logs\t"), ("cache", "cache"), ("spare", "spares")):
        nodes = health.others.get(role, [])
        rows += [(heading, "")] * bool(nodes) + [row for node in nodes for row in _rows(node, 2)]
    width = max(10, *(len(name) for name, _ in rows))
    lines = [f"\t{name:<{width}}  {word}" if word else f"\t{name}" for name, word in rows]
    head = f"  pool: {pool['name']}\n    id: {pool['guid']}\n state: {health.state}\naction: {IMPORTABLE}config:\n\n"
    return head + "\n".join(lines) + "\n"


def _rows(node: Node, depth: int) -> list[tuple[str, str]]:
    word = "" if node.state == "AVAIL" else node.text_state
    return [(" " * depth + node.name, word), *(row for child in node.children for row in _rows(child, depth + 2))]
