"""`zfs list`."""

from __future__ import annotations

import sys

from calypso.lab.options import Options
from calypso.lab.state import reading
from calypso.lab.zfs import usage
from calypso.lab.zfs.choosing import Chooser, columns, sort
from calypso.lab.zfs.figures import Shown, source, value
from calypso.lab.zfs.forms import cell, json_text, lines, table
from calypso.lab.zfs.properties import NAME, PROPERTIES, full_name
from calypso.lab.zfs.tree import Forest

DEFAULT = "name,used,available,referenced,mountpoint"
SPACE = "name,available,used,usedbysnapshots,usedbydataset,usedbyrefreservation,usedbychildren"
JSON_OPTIONS = ("json-int", "json")


def list_(argv: list[str]) -> int:
    given = Options(argv, "d:DHpo:rs:S:t:j", usage.of("list"), JSON_OPTIONS)
    wished = given.value("o") or DEFAULT
    names = columns(SPACE if wished == "space" else wished, "list")
    keys = [(full_name(name), False) for name in given.values.get("s", [])]
    keys += [(full_name(name), True) for name in given.values.get("S", [])]
    with reading() as state:
        shown, missing = Chooser(Forest(state), given, "list", "fv").chosen()
        sort(shown, keys)
        as_json = given.has("j") or given.has("json")
        text = _text(shown, names, given) if not as_json else "" if missing else _json(shown, names, given)
    sys.stderr.write(missing)  # a slow reader of these must not keep the state from others
    sys.stdout.write(text)
    if not text and not missing and not given.has("H"):
        sys.stderr.write("no datasets available\n")
    return 1 if missing else 0


def _text(shown: list[Shown], names: list[str], given: Options) -> str:
    if not shown:
        return ""
    if given.has("p"):
        rows = [[value(item, name) for name in names] for item in shown]
    else:
        rows = [[cell(name, value(item, name), parsable=False) for name in names] for item in shown]
    if given.has("H"):
        return lines(rows)
    headings = [PROPERTIES[n].heading if n in PROPERTIES else NAME.heading if n == "name" else n.upper() for n in names]
    return table(names, headings, rows)


def _json(shown: list[Shown], names: list[str], given: Options) -> str:
    parsable = given.has("p") or given.has("json-int")
    wanted = [name for name in names if name != "name"]
    rows = [
        (item, {n: (cell(n, value(item, n), parsable=parsable), source(item, n)) for n in wanted}) for item in shown
    ]
    return json_text("zfs list", rows, ints=given.has("json-int"))
