"""`zpool list` and `zpool status`."""

from __future__ import annotations

import sys
from typing import Any

from calypso.lab import json_text
from calypso.lab.health import Health, check
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.settle import settled
from calypso.lab.state import State, read
from calypso.lab.zpool import pool_list, pool_properties, usage
from calypso.lab.zpool.explanations import ill
from calypso.lab.zpool.intervals import repeat, take
from calypso.lab.zpool.status_json import Writer
from calypso.lab.zpool.status_text import Looks, render

JSON_OPTIONS = ("json-int", "json", "json-flat-vdevs", "json-pool-key-guid", "power")


def wanted(state: State, names: list[str]) -> tuple[list[dict[str, Any]], str]:
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
    given = Options(argv, "gHo:pPvj", usage.ZPOOL, JSON_OPTIONS)
    names = (given.value("o") or ",".join(pool_list.DEFAULT)).split(",")
    columns = [pool_properties.ALIASES.get(name, name) for name in names]
    for column in columns:
        if column not in pool_list.COLUMNS and not pool_properties.is_property(column):
            raise Refused(f"bad property list: invalid property '{column}'\n{usage.ZPOOL}", 2)
    return repeat(*take(given), lambda: _list(given, columns))


def _list(given: Options, columns: list[str]) -> int:
    settled()
    state = read()
    pools, missing = wanted(state, given.operands)
    flags = {"parsable": given.has("p"), "scripted": given.has("H"), "paths": given.has("P"), "guids": given.has("g")}
    lister = pool_list.Lister(state, columns, **flags)
    healths = [check(state, pool) for pool in pools]
    sys.stderr.write(missing)
    if (given.has("j") or given.has("json")) and not missing:
        by_guid = given.has("json-pool-key-guid")
        json_text.write(lister.json(healths, ints=given.has("json-int"), verbose=given.has("v"), by_guid=by_guid))
    elif healths:
        sys.stdout.write(lister.text(healths, verbose=given.has("v")))
    elif not missing and not given.has("H"):
        sys.stdout.write("no pools available\n")
    return 1 if missing else 0


def status(argv: list[str]) -> int:
    given = Options(argv, "DegipPstvxj", usage.ZPOOL, JSON_OPTIONS)
    return repeat(*take(given), lambda: _status(given))


def _status(given: Options) -> int:
    settled()
    state = read()
    pools, missing = wanted(state, given.operands)
    healths = [check(state, pool) for pool in pools]
    shown = [health for health in healths if ill(health)] if given.has("x") else healths
    sys.stderr.write(missing)
    if (given.has("j") or given.has("json")) and not missing:
        _status_json(state, given, shown)
    elif given.has("x") and healths and not shown:
        one = f"pool '{given.operands[0]}' is healthy" if len(given.operands) == 1 else "all pools are healthy"
        sys.stdout.write(one + "\n")
    elif healths:
        sys.stdout.write("\n".join(render(state, health, _looks(given)) for health in shown))
    elif not missing:
        sys.stderr.write("no pools available\n")
    return 1 if missing else 0


def _looks(given: Options) -> Looks:
    words = {"parsable": "p", "paths": "P", "verbose": "v", "guids": "g", "slow": "s", "trim": "t", "init": "i"}
    words |= {"unhealthy": "e", "dedup": "D"}
    return Looks(**{word: given.has(letter) for word, letter in words.items()})


def _status_json(state: State, given: Options, shown: list[Health]) -> None:
    writer = Writer(state, _looks(given), ints=given.has("json-int"), flat=given.has("json-flat-vdevs"))
    key = "guid" if given.has("json-pool-key-guid") else "name"
    pools = {health.pool[key]: writer.pool(health) for health in shown}
    json_text.write({**json_text.header("zpool status"), "pools": pools})
