"""`zfs get`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from calypso.lab.options import Options, Refused
from calypso.lab.state import reading
from calypso.lab.zfs import usage
from calypso.lab.zfs.choosing import Chooser, columns
from calypso.lab.zfs.figures import Shown, known, received, source, value
from calypso.lab.zfs.forms import cell, json_text, lines, source_text
from calypso.lab.zfs.listing import JSON_OPTIONS
from calypso.lab.zfs.properties import PROPERTIES
from calypso.lab.zfs.tree import Forest, Item

FIELDS = ("name", "property", "value", "received", "source")
SOURCES = {"local": "local", "default": "default", "inherited": "inherited", "received": "received", "none": "-"}
TEMPORARY = "temporary"
OWN = {"local", "received"}


def get(argv: list[str]) -> int:
    text = usage.of("get")
    given = Options(argv, "d:Hpo:rs:t:j", text, JSON_OPTIONS)
    if not given.operands:
        raise Refused("missing property argument\n" + text, 2)
    wished = given.operands.pop(0)
    names = None if wished == "all" else columns(wished, "get")
    sources = _sources(given, text)
    fields = _fields(given, text)
    with reading() as state:
        shown, missing = Chooser(Forest(state), given, "get", "fvsb").chosen()
        if given.has("j") or given.has("json"):
            text = "" if missing else _json(shown, names, sources, given)
        else:
            text = _text(shown, names, sources, fields, given)
    sys.stderr.write(missing)  # a slow reader of these must not keep the state from others
    sys.stdout.write(text)
    return 1 if missing else 0


def _sources(given: Options, text: str) -> set[str]:
    found: set[str] = set()
    for word in (given.value("s") or "").split(",") if given.value("s") else []:
        if word not in SOURCES and word != TEMPORARY:
            raise Refused(f"invalid source '{word}'\n{text}", 2)
        found.add(SOURCES.get(word, word))
    return found


def _fields(given: Options, text: str) -> list[str]:
    wished = given.value("o") or "name,property,value,source"
    fields = list(FIELDS) if wished == "all" else wished.split(",")
    for field in fields:
        if field not in FIELDS:
            raise Refused(f"invalid column name '{field}'\n{text}", 2)
    return fields


def _names(item: Shown, names: list[str] | None, sources: set[str]) -> Iterator[str]:
    """The properties to show; of all that are set here only those are looked at, which matters for thousands."""
    if names is not None:
        candidates = names
    elif isinstance(item, Item) and sources and sources <= OWN:
        own = {*item.local, *item.received, *({"keylocation"} if item.key else ())}
        order = [name for name in PROPERTIES if name in own] if len(own) > 1 else list(own)
        candidates = order + sorted(name for name in own if name not in PROPERTIES) if len(own) > 1 else order
    else:
        candidates = known(item)
    for name in candidates:
        if not sources or source(item, name)[0] in sources:
            yield name


def _text(shown: list[Shown], names: list[str] | None, sources: set[str], fields: list[str], given: Options) -> str:
    parsable = given.has("p")
    rows = []
    for item in shown:
        for name in _names(item, names, sources):
            row = {"name": item.name, "property": name, "value": cell(name, value(item, name), parsable=parsable)}
            row |= {"source": source_text(item, name)}
            if "received" in fields:
                row["received"] = cell(name, received(item, name), parsable=parsable)
            rows.append([row[field] for field in fields])
    if given.has("H"):
        return lines(rows)
    return _table(fields, rows) if rows else ""


def _table(fields: list[str], rows: list[list[str]]) -> str:
    whole = [[field.upper() for field in fields], *rows]
    widths = [max(len(row[place]) for row in whole) for place in range(len(fields))]
    padded = [[f"{text:<{width}}" for text, width in zip(row, widths, strict=True)] for row in whole]
    return "".join("  ".join([*row[:-1], last[-1]]) + "\n" for row, last in zip(padded, whole, strict=True))


def _json(shown: list[Shown], names: list[str] | None, sources: set[str], given: Options) -> str:
    parsable = given.has("p") or given.has("json-int")
    rows = [
        (item, {n: (cell(n, value(item, n), parsable=parsable), source(item, n)) for n in _names(item, names, sources)})
        for item in shown
    ]
    return json_text("zfs get", rows, ints=given.has("json-int"))
