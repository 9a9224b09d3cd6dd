"""`zfs hold`, `zfs holds` and `zfs release`."""

from __future__ import annotations

import sys

from calypso.lab.options import Options, Refused
from calypso.lab.state import change, clock, reading
from calypso.lab.zfs import snaps, usage
from calypso.lab.zfs.destroying import release_deferred
from calypso.lab.zfs.forms import when
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest

LONGEST_TAG = 255


def hold(argv: list[str]) -> int:
    given, tag = _arguments(argv, "hold")
    if tag.startswith("."):
        raise Refused(f"tag may not start with '.'\n{usage.of('hold')}", 2)
    with change() as state:
        found = [snap for name in given.operands for snap in _meant(Forest(state), name, given, "hold snapshot")]
        for snap in found:
            why = "tag too long" if len(tag) > LONGEST_TAG else ""
            why = denial(snap.item.pool) or why
            if state.db.execute("SELECT 1 FROM holds WHERE snapshot = ? AND tag = ?", (snap.id, tag)).fetchone():
                why = "tag already exists on this dataset"
            if why:
                raise Refused(f"cannot hold snapshot '{snap.name}': {why}\n")
        now = int(clock(state))
        state.db.executemany("INSERT INTO holds VALUES (?, ?, ?)", [(snap.id, tag, now) for snap in found])
    return 0


def release(argv: list[str]) -> int:
    given, tag = _arguments(argv, "release")
    what = "release hold from snapshot"
    with change() as state:
        found = [snap for name in given.operands for snap in _meant(Forest(state), name, given, what)]
        held = "SELECT 1 FROM holds WHERE snapshot = ? AND tag = ?"
        having = [snap for snap in found if state.db.execute(held, (snap.id, tag)).fetchone()]
        why = denial(found[0].item.pool)
        if why or (len(having) < len(found) and not (given.has("r") and having)):
            lacking = next((snap for snap in found if snap not in having), found[0])
            raise Refused(f"cannot {what} '{lacking.name}': {why or 'no such tag on this dataset'}\n")
        for snap in having:
            state.db.execute("DELETE FROM holds WHERE snapshot = ? AND tag = ?", (snap.id, tag))
            release_deferred(state, snap)
    return 0


def _arguments(argv: list[str], command: str) -> tuple[Options, str]:
    text = usage.of(command)
    given = Options(argv, "r", text)
    if len(given.operands) < 2:
        raise Refused(text, 2)
    return given, given.operands.pop(0)


def _meant(forest: Forest, name: str, given: Options, what: str) -> list[Snap]:
    """The snapshot, and with -r those of the same name below. Raises Refused."""
    dataset, at, short = name.partition("@")
    if not at:
        raise Refused(f"'{name}' is not a snapshot\n")
    item = forest.open(dataset)
    items = [item, *(item.all_below() if given.has("r") else [])]
    found = [snap for one in items if (snap := snaps.find(one, short)) is not None]
    if not found or (not given.has("r") and found[0].item is not item):
        raise Refused(f"cannot {what} '{name}': dataset does not exist\n")
    return found


def holds(argv: list[str]) -> int:
    text = usage.of("holds")
    given = Options(argv, "rHp", text)
    if not given.operands:
        raise Refused(text, 2)
    rows: list[tuple[str, str, str]] = []
    with reading() as state:
        forest = Forest(state)
        for name in given.operands:
            dataset, at, short = name.partition("@")
            if not at:
                raise Refused(f"'{name}' is not a snapshot\n")
            item = snaps.open_(forest, name).item if not given.has("r") else forest.open(dataset)
            for one in [item, *(item.all_below() if given.has("r") else [])]:
                snap = snaps.find(one, short)
                found = "SELECT tag, created FROM holds WHERE snapshot = ? ORDER BY tag"
                for tag, created in state.db.execute(found, (snap.id,)) if snap is not None else []:
                    date = str(created) if given.has("p") else when(created, "%a %b %e %H:%M %Y")
                    rows.append((f"{one.name}@{short}", tag, date))
    sys.stdout.write(_table(rows, scripted=given.has("H")))
    return 0


def _table(rows: list[tuple[str, str, str]], *, scripted: bool) -> str:
    if scripted:
        return "".join("\t".join(row) + "\n" for row in rows)
    if not rows:
        return ""
    names = max(len("NAME"), *(len(row[0]) for row in rows))
    tags = max(len("TAG"), *(len(row[1]) for row in rows))
    whole = [("NAME", "TAG", "TIMESTAMP"), *rows]
    return "".join(f"{name:<{names}}  {tag:<{tags}}  {date}\n" for name, tag, date in whole)
