"""`zfs diff`."""

from __future__ import annotations

import sqlite3
import sys

from calypso.lab.options import Options, Refused
from calypso.lab.schema import LIVE
from calypso.lab.state import reading
from calypso.lab.zfs import snaps, usage
from calypso.lab.zfs.tree import Forest, Item

NOT_EARLIER = "Not an earlier snapshot from the same fs"


def diff(argv: list[str]) -> int:
    text = usage.of("diff")
    given = Options(argv, "FHth", text)
    if not given.operands:
        raise Refused("must provide at least one snapshot name\n" + text, 2)
    if len(given.operands) > 2:
        raise Refused("too many arguments\n" + text, 2)
    source, target = given.operands[0], given.operands[1] if len(given.operands) == 2 else ""
    if "@" not in source:
        raise Refused(f"cannot open '{source}': Badly formed snapshot name {source}\n")
    with reading() as state:
        forest = Forest(state)
        snap = snaps.open_(forest, source)
        until = LIVE - 1
        if "@" in target:
            other = snaps.open_(forest, target if not target.startswith("@") else snap.item.name + target)
            if other.item is not snap.item or other.row["txg"] <= snap.row["txg"]:
                raise Refused(f"unable to generate diffs\n{NOT_EARLIER}\n")
            until = other.row["txg"]
        elif target and forest.open(target) is not snap.item:
            raise Refused(f"unable to generate diffs\n{NOT_EARLIER}\n")
        if snap.item.type != "filesystem":
            raise Refused(f"cannot open '{snap.item.name}': operation not applicable to datasets of this type\n")
        lines = _lines(snap.item, snap.row["txg"], until, given)
    sys.stdout.write("".join(lines))
    return 0


def _lines(item: Item, since: int, until: int, given: Options) -> list[str]:
    db = item.tree.state.db
    seen = "SELECT * FROM files WHERE dataset = ? AND object > 1 AND born <= ? AND died > ?"
    before = {row["object"]: row for row in db.execute(seen, (item.id, since, since))}
    after = {row["object"]: row for row in db.execute(seen, (item.id, until, until))}
    base = item.mountpoint.rstrip("/")
    lines, names = [], False
    for number in sorted(before.keys() | after.keys()):
        old, new = before.get(number), after.get(number)
        names = names or old is None or new is None
        line = _line(base, old, new, given)
        lines += [line] if line else []
    if names:
        last = max((row["changed"] for row in (*before.values(), *after.values())), default=0)
        lines.append(_text(given, last, "M", "/", f"{base}/"))
    return lines


def _line(base: str, old: sqlite3.Row | None, new: sqlite3.Row | None, given: Options) -> str:
    if old is None and new is not None:
        return _text(given, new["changed"], "+", "F", base + new["path"])
    if new is None and old is not None:
        return _text(given, old["changed"], "-", "F", base + old["path"])
    assert old is not None
    assert new is not None
    if old["path"] != new["path"]:
        between = "\t" if given.has("H") else " -> "
        return _text(given, new["changed"], "R", "F", f"{base}{old['path']}{between}{base}{new['path']}")
    return _text(given, new["changed"], "M", "F", base + new["path"]) if old["born"] != new["born"] else ""


def _text(given: Options, changed: float, letter: str, kind: str, path: str) -> str:
    parts = [f"{changed:.9f}"] if given.has("t") else []
    parts += [letter, *([kind] if given.has("F") else []), _escaped(path, given)]
    return "\t".join(parts) + "\n"


def _escaped(path: str, given: Options) -> str:
    """Blanks and what is not ASCII in octal, unless -h (stream_bytes)."""
    if given.has("h"):
        return path
    data = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if (32 < byte < 127 and byte != 92) or byte == 9 else f"\\{byte:04o}" for byte in data)
