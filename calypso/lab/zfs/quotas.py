"""Space by user, group and project: userspace and its kin, and the properties userquota@someone and so on."""

from __future__ import annotations

import sys
from typing import Any

from calypso.lab.options import Options, Refused
from calypso.lab.sizes import nice
from calypso.lab.state import reading
from calypso.lab.zfs import usage
from calypso.lab.zfs.tree import Forest, Item

KINDS = ("user", "group", "project")
FIELDS = {
    "type": "TYPE",
    "name": "NAME",
    "used": "USED",
    "quota": "QUOTA",
    "objused": "OBJUSED",
    "objquota": "OBJQUOTA",
}
LABELS = {"user": "POSIX User", "group": "POSIX Group", "project": "Project"}
FIRST = {"user": "root", "group": "root", "project": "0"}
OWNER_OBJECTS = 3  # of an empty filesystem


def split(name: str) -> tuple[str, str, str]:
    """``userobjquota@ann`` → ("user", "objquota", "ann")."""
    word, _, who = name.partition("@")
    kind = next(kind for kind in KINDS if word.startswith(kind))
    return kind, word[len(kind) :], who


def value(item: Item, name: str) -> str:
    """The value of such a property; an unset quota is 0."""
    kind, column, who = split(name)
    if item.type != "filesystem":
        return "-"
    return str(next((row[column] for row in _rows(item, kind) if row["name"] == who), 0))


def set_(item: Item, name: str, size: int) -> None:
    """Limit what someone may use; 0: no limit."""
    kind, column, who = split(name)
    db = item.tree.state.db
    db.execute("INSERT OR IGNORE INTO quotas VALUES (?, ?, ?, 0, 0, 0, 0)", (item.id, kind, who))
    if column == "quota":
        db.execute(
            "UPDATE quotas SET quota = ? WHERE dataset = ? AND kind = ? AND name = ?", (size, item.id, kind, who)
        )
    else:
        db.execute(
            "UPDATE quotas SET objquota = ? WHERE dataset = ? AND kind = ? AND name = ?", (size, item.id, kind, who)
        )


def charge(item: Item, kind: str, who: str, size: int, objects: int) -> None:
    """Note that someone uses so many bytes and objects more."""
    db = item.tree.state.db
    db.execute("INSERT OR IGNORE INTO quotas VALUES (?, ?, ?, 0, 0, 0, 0)", (item.id, kind, who))
    db.execute(
        "UPDATE quotas SET used = max(0, used + ?), objused = max(0, objused + ?)"
        " WHERE dataset = ? AND kind = ? AND name = ?",
        (size, objects, item.id, kind, who),
    )


def room(item: Item, who: str) -> int | None:
    """Bytes that a user may still write; None when there is no limit."""
    row = next((row for row in _rows(item, "user") if row["name"] == who), None)
    return max(0, row["quota"] - row["used"]) if row and row["quota"] else None


def _rows(item: Item, kind: str) -> list[dict[str, Any]]:
    """All who have something or a limit; what nobody else has is the owner's."""
    found = item.tree.state.db.execute(
        "SELECT * FROM quotas WHERE dataset = ? AND kind = ? ORDER BY name", (item.id, kind)
    )
    rows = [dict(row) for row in found]
    first = next((row for row in rows if row["name"] == FIRST[kind]), None)
    if first is None:
        first = {"name": FIRST[kind], "used": 0, "quota": 0, "objused": 0, "objquota": 0}
        rows.append(first)
    first["used"] += max(0, item.row["owned"] - sum(row["used"] for row in rows))
    first["objused"] += OWNER_OBJECTS
    return sorted(rows, key=lambda row: str(row["name"]))


def userspace(argv: list[str]) -> int:
    return _space("user", argv)


def groupspace(argv: list[str]) -> int:
    return _space("group", argv)


def projectspace(argv: list[str]) -> int:
    return _space("project", argv)


def _space(kind: str, argv: list[str]) -> int:
    text = usage.of(f"{kind}space")
    given = Options(argv, "nHpo:s:S:t:i", text)
    if not given.operands:
        raise Refused("missing dataset name\n" + text, 2)
    if len(given.operands) > 1:
        raise Refused("too many arguments\n" + text, 2)
    default = "name,used,quota,objused,objquota" if kind == "project" else ",".join(FIELDS)
    fields = (given.value("o") or default).split(",")
    for field in fields:
        if field not in FIELDS:
            raise Refused(f"invalid type '{field}' for -o option\n" + text, 2)
    for field in (*given.values.get("s", []), *given.values.get("S", [])):
        if field not in FIELDS:
            raise Refused(f"invalid field '{field}'\n{text}", 2)
    with reading() as state:
        item = Forest(state).open(given.operands[0].partition("@")[0])
        if item.type != "filesystem":
            raise Refused(f"cannot open '{item.name}': operation not applicable to datasets of this type\n")
        rows = [{**row, "type": LABELS[kind]} for row in _rows(item, kind)]
    for field in reversed(given.values.get("s", [])):
        rows.sort(key=lambda row: row[field])
    for field in reversed(given.values.get("S", [])):
        rows.sort(key=lambda row: row[field], reverse=True)
    cells = [[_cell(row, field, given.has("p")) for field in fields] for row in rows]
    sys.stdout.write(_table(fields, cells, scripted=given.has("H")))
    return 0


# Seen on OpenZFS 2.3.2: of somebody who uses nothing and has no limit, ZFS knows neither.
_BYTES, _OBJECTS = ("used", "quota"), ("objused", "objquota")
_PAIRS = {**dict.fromkeys(_BYTES, _BYTES), **dict.fromkeys(_OBJECTS, _OBJECTS)}


def _cell(row: dict[str, Any], field: str, parsable: bool) -> str:
    if field in ("name", "type"):
        return str(row[field])
    number = int(row[field])
    if not any(row[each] for each in _PAIRS[field]):
        return "-"
    if field in ("quota", "objquota") and not number and not parsable:
        return "none"
    if parsable:
        return str(number)
    return nice(number) if field.startswith("obj") else nice(number, "B")


def _table(fields: list[str], cells: list[list[str]], *, scripted: bool) -> str:
    if scripted:
        return "".join("\t".join(row) + "\n" for row in cells)
    rows = [[FIELDS[field] for field in fields], *cells]
    widths = [max(len(row[place]) for row in rows) for place in range(len(fields))]
    lines = []
    for row in rows:
        parts = [
            f"{cell:<{width}}" if field in ("name", "type") else f"{cell:>{width}}"
            for field, cell, width in zip(fields, row, widths, strict=True)
        ]
        lines.append("  ".join(parts) + "\n")
    return "".join(lines)
