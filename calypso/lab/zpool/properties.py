"""`zpool get` and `zpool set`, of pools and of their vdevs."""

from __future__ import annotations

import sys
from typing import Any

from calypso.lab import json_text
from calypso.lab.features import FEATURES
from calypso.lab.health import check
from calypso.lab.history import emit
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.state import State, change, read
from calypso.lab.zpool import usage, vdev_properties
from calypso.lab.zpool.members import Place, find
from calypso.lab.zpool.pool_list import source_json
from calypso.lab.zpool.pool_properties import ALIASES, ALL, DEFAULTS, is_property, known, source, value, wrong_value
from calypso.lab.zpool.showing import wanted

FIELDS = ("name", "property", "value", "source")
ROLES = ("data", "special", "dedup", "log", "cache", "spare")
JSON_OPTIONS = ("json", "json-int", "json-pool-key-guid")
Row = dict[str, str]


def get(argv: list[str]) -> int:
    given = Options(argv, "Hpjo:", usage.GET, JSON_OPTIONS)
    fields = (given.value("o") or "all").replace("all", ",".join(FIELDS)).split(",")
    for field in fields:
        if field not in FIELDS:
            raise Refused(f"invalid column name '{field}'\n{usage.GET}", 2)
    if not given.operands:
        raise Refused("missing property argument\n" + usage.GET, 2)
    names = [ALIASES.get(name, name) for name in given.operands.pop(0).split(",")]
    state = read()
    vdevs = _vdevs(state, given.operands)
    for name in names:
        if name != "all" and not (vdev_properties.is_property(name) if vdevs else is_property(name)):
            raise Refused(f"bad property list: invalid property '{name}'\n{usage.GET}{usage.PROPERTIES}", 2)
    if vdevs:
        return _get_vdevs(state, given, names, vdevs, fields)
    pools, missing = wanted(state, given.operands)
    sys.stderr.write(missing)
    if given.has("j") or given.has("json"):
        if not missing:
            _json(state, given, names, pools)
    else:
        flags = given.has("p")
        rows = [row for pool in pools for row in _rows(state, pool, names, parsable=flags)]
        _print(rows, fields, scripted=given.has("H"))
    return 1 if missing else 0


def _vdevs(state: State, operands: list[str]) -> list[Place]:
    """The vdevs of the first operand's pool that the others name; none where they are pools."""
    pools = [pool["name"] for pool in state["pools"]]
    if len(operands) < 2 or operands[0] not in pools or all(name in pools for name in operands[1:]):
        return []
    pool = pool_named(state, operands[0])
    if operands[1:] == ["all-vdevs"]:
        return vdev_properties.everything(pool)
    found = []
    for name in operands[1:]:
        place = find(pool, name, ROLES)
        if place is None:
            raise Refused(f"Expected a list of vdevs in pool '{pool['name']}':\ncannot find vdev '{name}'\n", 1)
        found.append(place)
    return found


def _rows(state: State, pool: dict[str, Any], names: list[str], *, parsable: bool) -> list[Row]:
    health = check(state, pool)
    every = [name for asked in names for name in (known(pool) if asked == "all" else [asked])]
    return [
        {
            "name": pool["name"],
            "property": name,
            "value": value(state, health, name, parsable=parsable),
            "source": source(pool, name),
        }
        for name in every
    ]


def _print(rows: list[Row], fields: list[str], *, scripted: bool) -> None:
    if scripted:
        sys.stdout.write("".join("\t".join(row[field] for field in fields) + "\n" for row in rows))
        return
    table = [{field: field.upper() for field in FIELDS}, *rows] if rows else []
    widths = {field: max((len(row[field]) for row in table), default=0) for field in fields}
    for row in table:
        cells = [f"{row[field]:<{widths[field]}}" for field in fields[:-1]] + [row[fields[-1]]]
        sys.stdout.write("  ".join(cells) + "\n")


def _json(state: State, given: Options, names: list[str], pools: list[dict[str, Any]]) -> None:
    def number(text: str) -> Any:
        return int(text) if given.has("json-int") and text.isdigit() else text

    found = {}
    for pool in pools:
        health = check(state, pool)
        about = {"name": pool["name"], "type": "POOL", "state": health.state, "pool_guid": number(pool["guid"])}
        about |= {"txg": number("4"), "spa_version": number("5000"), "zpl_version": number("5")}
        about["properties"] = {
            row["property"]: {"value": number(row["value"]), "source": source_json(pool, row["property"])}
            for row in _rows(state, pool, names, parsable=given.has("p") or given.has("json-int"))
        }
        found[pool["guid" if given.has("json-pool-key-guid") else "name"]] = about
    json_text.write({**json_text.header("zpool get"), "pools": found})


def _get_vdevs(state: State, given: Options, names: list[str], vdevs: list[Place], fields: list[str]) -> int:
    pool = pool_named(state, given.operands[0])
    rows = [row for place in vdevs for row in vdev_properties.rows(state, pool, place, names, parsable=given.has("p"))]
    if not (given.has("j") or given.has("json")):
        _print(rows, fields, scripted=given.has("H"))
        return 0
    found: dict[str, Any] = {}
    for row in rows:
        kind = {"-": "NONE"}.get(row["source"], row["source"].upper())
        one = found.setdefault(row["name"], {"name": row["name"], "properties": {}})
        one["properties"][row["property"]] = {"value": row["value"], "source": {"type": kind, "data": "-"}}
    json_text.write({**json_text.header("zpool get"), "pools": {pool["name"]: {"name": pool["name"], "vdevs": found}}})
    return 0


def set_(argv: list[str]) -> int:
    given = Options(argv, "", usage.SET)
    if not given.operands:
        raise Refused("missing property=value argument\n" + usage.SET, 2)
    if len(given.operands) < 2:
        raise Refused("missing pool name\n" + usage.SET, 2)
    if len(given.operands) > 3:
        raise Refused("too many pool names\n" + usage.SET, 2)
    name, equals, wish = given.operands[0].partition("=")
    if not equals:
        raise Refused("missing value in property=value argument\n" + usage.SET, 2)
    with change() as state:
        pool = pool_named(state, given.operands[1])
        if len(given.operands) == 3:
            vdev_properties.set_property(pool, find(pool, given.operands[2], ROLES), given.operands[2], name, wish)
        else:
            _set(pool, name, wish)
        emit(state, pool, "sysevent.fs.zfs.history_event", history_internal_name="set", history_internal_str=argv[0])
    return 0


def _set(pool: dict[str, Any], name: str, wish: str) -> None:
    refused = f"cannot set property for '{pool['name']}'"
    if not is_property(name):
        raise Refused(f"{refused}: invalid property '{name}'\n")
    if name in ALL and name not in (*DEFAULTS, "altroot", "readonly"):
        raise Refused(f"{refused}: '{name}' is readonly\n")
    if name == "altroot":
        raise Refused(f"{refused}: property 'altroot' can only be set during pool creation or import\n")
    if name == "readonly":
        raise Refused(f"{refused}: property 'readonly' can only be set at import time\n")
    if wrong := wrong_value(name, wish):
        raise Refused(f"{refused}: {wrong}\n")
    if pool["readonly"]:
        raise Refused(f"{refused}: pool is read-only\n")
    if name.startswith("feature@"):
        _set_feature(pool, name.partition("@")[2], wish, refused)
    elif wish == "" and (":" in name or name in ("comment", "bootfs")):
        pool["properties"].pop(name, None)
    else:
        pool["properties"][name] = wish


def _set_feature(pool: dict[str, Any], name: str, wish: str, refused: str) -> None:
    off = pool.setdefault("disabled_features", [])
    if wish == "disabled":
        raise Refused(f"{refused}: property 'feature@{name}' can only be disabled at creation time\n")
    pool["disabled_features"] = [one for one in FEATURES if one in off and one != name]
