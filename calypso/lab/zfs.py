"""The stand-in for zfs(8): plain filesystems and volumes, so that a pool can hold something."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

from calypso.lab.datasets import LIST_COLUMNS, Dataset, datasets, find, rows
from calypso.lab.json_text import header
from calypso.lab.options import UNPRIVILEGED, Options, Refused, run
from calypso.lab.sizes import nice, parse_size
from calypso.lab.state import State, change, clock, new_guid, reading
from calypso.lab.version import version

USAGE = "usage: zfs command args ...\n"
HEADINGS = {"available": "AVAIL", "referenced": "REFER", "avail": "AVAIL", "refer": "REFER"}
ALIASES = {"avail": "available", "refer": "referenced"}
SIZES = ("used", "available", "referenced", "volsize", "quota", "refquota", "reservation", "refreservation")
LONGEST = 255
JSON_OPTIONS = ("json-int", "json")
VOLBLOCK = 16_384


def main(argv: list[str]) -> int:
    """Run one command line (without the program's name); the exit code."""
    commands = {"version": version("zfs"), "list": list_, "get": get, "create": create, "destroy": destroy}
    return run(commands, argv, USAGE)


def _wanted(state: State, given: Options) -> tuple[list[Dataset], str]:
    """The datasets asked for and what to say about the others. A name alone means itself, -r all below it."""
    everything = [item for pool in state["pools"] if not pool["suspended"] for item in datasets(state, pool)]
    types = set((given.value("t") or "filesystem,volume").split(","))
    found, missing = [], ""
    for name in given.operands or [pool["name"] for pool in state["pools"]]:
        try:
            top = find(state, name)
        except Refused as refused:
            missing += refused.stderr
            continue
        deep = given.has("r") or not given.operands or given.value("d") is not None
        limit = int(given.value("d") or 999) if given.value("d") != "0" else 0
        below = [item for item in everything if deep and item.below(top.name, limit)]
        found += [top, *below]
    kept = {item.name: item for item in found if "all" in types or item.type in types}
    return [kept[name] for name in sorted(kept)], missing


def list_(argv: list[str]) -> int:
    given = Options(argv, "d:DHpo:rs:S:t:j", USAGE, JSON_OPTIONS)
    columns = (given.value("o") or ",".join(LIST_COLUMNS)).split(",")
    with reading() as state:
        items, missing = _wanted(state, given)
    sys.stderr.write(missing)
    if given.has("j") and not missing:
        _print_json("zfs list", items, [c for c in columns if c != "name"], given)
    elif not state["pools"] and not missing and not given.has("H"):
        sys.stderr.write("no datasets available\n")
    elif items:
        rows = [[_cell(item, ALIASES.get(c, c), given) for c in columns] for item in items]
        sys.stdout.write(_lines(rows) if given.has("H") else _table(columns, rows))
    return 1 if missing else 0


def _lines(rows: list[list[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in rows)


def _table(columns: list[str], rows: list[list[str]]) -> str:
    """Name and mountpoint are left-aligned, numbers right; the last column is not padded."""
    cells = [[HEADINGS.get(column, column.upper()) for column in columns], *rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    least = {"used": 5, "available": 5, "avail": 5, "referenced": 5, "refer": 5}
    lines = []
    for row in cells:
        parts = []
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            width = max(widths[place], least.get(ALIASES.get(column, column), 0))
            left = ALIASES.get(column, column) not in SIZES
            last = place == len(columns) - 1
            parts.append(cell if left and last else f"{cell:<{width}}" if left else f"{cell:>{width}}")
        lines.append("  ".join(parts) + "\n")
    return "".join(lines)


def _cell(item: Dataset, column: str, given: Options) -> str:
    value = item.value(column)
    shorten = column in SIZES and value.isdigit() and not given.has("p")
    return nice(int(value), "B") if shorten else value


def _print_json(command: str, items: list[Dataset], columns: list[str], given: Options) -> None:
    def value(item: Dataset, column: str) -> dict[str, Any]:
        cell = _cell(item, ALIASES.get(column, column), given)
        kind, _, parent = item.source(column).partition(" from ")
        source = {"type": {"-": "NONE"}.get(kind, kind.upper()), "data": parent or "-"}
        return {"value": int(cell) if given.has("json-int") and cell.isdigit() else cell, "source": source}

    found = {
        item.name: {
            "name": item.name,
            "type": item.type.upper(),
            "pool": item.pool["name"],
            "createtxg": 1 if given.has("json-int") else "1",
            "properties": {ALIASES.get(column, column): value(item, column) for column in columns},
        }
        for item in items
    }
    value_all = {**header(command), "datasets": found}
    sys.stdout.write(json.dumps(value_all, separators=(",", ":"), ensure_ascii=False) + "\n")


def get(argv: list[str]) -> int:
    given = Options(argv, "d:Hpo:rs:t:j", USAGE, JSON_OPTIONS)
    if not given.operands:
        raise Refused("missing property argument\n" + USAGE, 2)
    names = given.operands.pop(0).split(",")
    with reading() as state:
        items, missing = _wanted(state, given)
    sys.stderr.write(missing)
    if given.has("j") and not missing:
        _print_json("zfs get", items, names, given)
        return 0
    fields = (given.value("o") or "name,property,value,source").split(",")
    rows = []
    for item in items:
        for name in [n for n in item.known() if names == ["all"]] or names:
            column = ALIASES.get(name, name)
            row = {"name": item.name, "property": column, "value": _cell(item, column, given)}
            row |= {"source": item.source(column), "received": "-"}
            rows.append([row.get(field, "-") for field in fields])
    sys.stdout.write(_lines(rows) if given.has("H") else _table(fields, rows))
    return 1 if missing else 0


def create(argv: list[str]) -> int:
    given = Options(argv, "b:Nno:pPsuvV:", USAGE)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing filesystem argument\n") + USAGE, 2)
    name = given.operands[0]
    _check_name(name)
    with change() as state:
        _check_place(state, name, parents=given.has("p"))
        properties = dict(word.split("=", 1) for word in given.values.get("o", []) if "=" in word)
        pool = next(pool for pool in state["pools"] if pool["name"] == name.split("/")[0])
        if given.value("V") is not None:
            properties |= _volume(state, pool, name, given)
        kind = "volume" if given.value("V") is not None else "filesystem"
        parts = name.split("/")
        for depth in range(2, len(parts)):
            if "/".join(parts[:depth]) not in rows(state, pool):
                _new(state, pool, "/".join(parts[:depth]), "filesystem", {})
        _new(state, pool, name, kind, properties)
    return 0


def _new(state: State, pool: dict[str, Any], name: str, kind: str, properties: dict[str, str]) -> None:
    state.db.execute(
        "INSERT INTO datasets (pool, name, type, guid, created, txg, properties) VALUES (?, ?, ?, ?, ?, 1, ?)",
        (pool["guid"], name.partition("/")[2], kind, new_guid(), int(clock(state)), json.dumps(properties)),
    )


def _volume(state: State, pool: dict[str, Any], name: str, given: Options) -> dict[str, str]:
    size = parse_size(str(given.value("V")))
    if not size:
        raise Refused(f"bad volume size '{given.value('V')}': bad numeric value '{given.value('V')}'\n{USAGE}", 2)
    block = dict(word.split("=", 1) for word in given.values.get("o", []) if "=" in word).get("volblocksize")
    block_size = parse_size(block or given.value("b") or str(VOLBLOCK)) or 0
    if block_size < 512 or block_size & (block_size - 1) or block_size > 16 * 1024**2:
        raise Refused(f"cannot create '{name}': 'volblocksize' must be power of 2 from 512B to 16M\n")
    size = -(-size // block_size) * block_size  # rounded up silently, as recorded
    if not given.has("s") and size > int(find(state, pool["name"]).value("available")):
        raise Refused(f"cannot create '{name}': out of space\n")
    reserved = {} if given.has("s") else {"refreservation": str(size)}
    return {"volsize": str(size), "volblocksize": str(block_size), **reserved}


def _check_name(name: str) -> None:
    bad = re.search(r"[^A-Za-z0-9_.:/ -]", name)
    if len(name) > LONGEST:
        why = "name is too long"
    elif name.startswith("/"):
        why = "leading slash in name"
    elif name.endswith("/"):
        why = "trailing slash in name"
    elif bad:
        why = f"invalid character '{bad[0]}' in name"
    elif "//" in name:
        why = "empty component or misplaced '@' or '#' delimiter in name"
    elif "/" not in name:
        why = "missing dataset name"
    else:
        return
    raise Refused(f"cannot create '{name}': {why}\n")


def _check_place(state: State, name: str, *, parents: bool) -> None:
    pool = next((pool for pool in state["pools"] if pool["name"] == name.split("/", maxsplit=1)[0]), None)
    if pool is None:
        raise Refused(f"cannot create '{name}': no such pool '{name.split('/', maxsplit=1)[0]}'\n")
    why = ""
    if pool["suspended"]:
        why = "pool I/O is currently suspended"
    elif name in rows(state, pool):
        why = "dataset already exists"
    elif name.rsplit("/", 1)[0] not in rows(state, pool) and not parents:
        why = "parent does not exist"
    elif os.environ.get(UNPRIVILEGED):
        why = "permission denied"
    if why:
        raise Refused(f"cannot create '{name}': {why}\n")


def destroy(argv: list[str]) -> int:
    given = Options(argv, "dfnpRrv", USAGE)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing dataset argument\n") + USAGE, 2)
    name = given.operands[0]
    with change() as state:
        item = find(state, name)
        children = [d.name for d in reversed(datasets(state, item.pool)) if d.below(name)]
        deep = given.has("r") or given.has("R")
        if "/" not in name and not deep:
            more = f"use 'zfs destroy -r {name}' to destroy all datasets in the pool\n"
            more += f"use 'zpool destroy {name}' to destroy the pool itself\n"
            raise Refused(f"cannot destroy '{name}': operation does not apply to pools\n{more}")
        if children and not deep:
            more = "use '-r' to destroy the following datasets:\n" + "".join(child + "\n" for child in children)
            raise Refused(f"cannot destroy '{name}': {item.type} has children\n{more}")
        doomed = [*children, name]
        if given.has("v"):
            words = "destroy\t{}" if given.has("p") else "would destroy {}" if given.has("n") else "will destroy {}"
            sys.stdout.write("".join(words.format(one) + "\n" for one in doomed))
        for one in [] if given.has("n") else doomed:
            if "/" in one:
                place = (item.pool["guid"], one.partition("/")[2])
                state.db.execute("DELETE FROM datasets WHERE pool = ? AND name = ?", place)
    return 0
