"""How listings look: cells with and without -p, tables, tabbed lines, JSON."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from calypso.lab.json_text import header
from calypso.lab.json_text import text as text_of
from calypso.lab.sizes import nice
from calypso.lab.zfs.figures import Shown, source
from calypso.lab.zfs.properties import NAME, PROPERTIES, ZERO_IS_NONE, of_quota
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Item


def cell(name: str, value: str, *, parsable: bool) -> str:
    """A value as it is printed; value: as -p shows it."""
    if parsable or value == "-":
        return value
    found = PROPERTIES.get(name)
    kind = found.kind if found else "size" if of_quota(name) or name.startswith("written@") else ""
    if kind == "time":
        return when(int(value), "%a %b %e %k:%M %Y")
    if kind == "ratio":
        return value + "x"
    if kind != "size":
        return value
    if value == "0" and (name in ZERO_IS_NONE[:-1] or of_quota(name)):
        return "none"
    return nice(int(value), "B") if value.isdigit() else value


def when(seconds: int, form: str) -> str:
    return time.strftime(form, time.localtime(seconds))


def source_text(shown: Shown, name: str) -> str:
    kind, parent = source(shown, name)
    return f"inherited from {parent}" if parent else kind


def lines(rows: Iterable[list[str]]) -> str:
    return "".join(["\t".join(row) + "\n" for row in rows])


def table(columns: list[str], headings: list[str], rows: list[list[str]]) -> str:
    """Numbers to the right; the last column is not padded."""
    found = [PROPERTIES.get(column, NAME) for column in columns]
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(columns))]
    widths = [max(width, 5) if p.kind == "size" else width for p, width in zip(found, widths, strict=True)]
    text = []
    for row in (headings, *rows):
        parts = [
            f"{value:>{width}}" if p.right else f"{value:<{width}}"
            for p, value, width in zip(found, row, widths, strict=True)
        ]
        if not found[-1].right:
            parts[-1] = row[-1]
        text.append("  ".join(parts) + "\n")
    return "".join(text)


def json_text(command: str, rows: Iterable[tuple[Shown, dict[str, tuple[str, tuple[str, str]]]]], *, ints: bool) -> str:
    """rows: what is shown, with its properties: value and source."""

    def number(text: str) -> Any:
        return int(text) if ints and text.isdigit() else text

    datasets = {}
    for shown, properties in rows:
        entry = _entry(shown, number)
        entry["properties"] = {
            name: {"value": number(value), "source": _source(*whence)} for name, (value, whence) in properties.items()
        }
        datasets[shown.name] = entry
    return text_of({**header(command), "datasets": datasets})


def _entry(shown: Shown, number: Any) -> dict[str, Any]:
    item = shown if isinstance(shown, Item) else shown.item
    entry = {"name": shown.name, "type": shown.type.upper(), "pool": item.pool["name"]}
    entry["createtxg"] = number(str(shown.row["txg"]))
    if isinstance(shown, Snap):
        entry |= {"dataset": item.name, "snapshot_name": shown.short}
    return entry


def _source(kind: str, parent: str) -> dict[str, str]:
    return {"type": "NONE" if kind == "-" else kind.upper(), "data": parent or "-"}
