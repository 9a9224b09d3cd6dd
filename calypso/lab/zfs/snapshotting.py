"""`zfs snapshot`, `zfs rollback` and `zfs bookmark`."""

from __future__ import annotations

import json

from calypso.lab.options import Options, Refused
from calypso.lab.state import State, change, clock, new_guid
from calypso.lab.zfs import destroying, names, snaps, space, usage
from calypso.lab.zfs.creating import valid
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item
from calypso.lab.zfs.values import pairs

MARKED = ("guid", "created", "txg", "referenced", "logical")
SNAPSHOTS = "cannot create snapshots : "


def snapshot(argv: list[str]) -> int:
    """All or none of the wished ones."""
    text = usage.of("snapshot")
    given = Options(argv, "ro:", text)
    properties = pairs(given.values.get("o", []), text)
    if not given.operands or any("@" not in name for name in given.operands):
        raise Refused(text, 2)
    with change() as state:
        forest = Forest(state)
        wanted = _wanted(forest, given, text)
        for name in given.operands:
            names.check(name, what="create snapshot", kind="snapshot")
        properties = valid(properties, "snapshot", given.operands[0], "create snapshot")
        _check(state, wanted)
        _make(state, wanted, properties)
    return 0


def _wanted(forest: Forest, given: Options, text: str) -> list[tuple[Item, str]]:
    found: dict[str, tuple[Item, str]] = {}
    for name in given.operands:
        dataset, _, short = name.partition("@")
        try:
            item = forest.open(dataset)
        except Refused as refused:
            raise Refused(refused.stderr + text, 2) from None
        for one in [item, *(item.all_below() if given.has("r") else [])]:
            found[f"{one.name}@{short}"] = (one, short)
    return list(found.values())


def _check(state: State, wanted: list[tuple[Item, str]]) -> None:
    if why := denial(wanted[0][0].pool):
        raise Refused(f"{SNAPSHOTS}{why}\n")
    if len({item.pool["name"] for item, _ in wanted}) > 1:
        raise Refused(SNAPSHOTS + "Invalid cross-device link\n")
    if len({item.id for item, _ in wanted}) < len(wanted):
        raise Refused("cannot create snapshots : multiple snapshots of same fs not allowed\n")
    said = ""
    for item, short in wanted:
        there = "SELECT 1 FROM snapshots WHERE dataset = ? AND name = ?"
        if state.db.execute(there, (item.id, short)).fetchone():
            said += f"cannot create snapshot '{item.name}@{short}': dataset already exists\n"
    if said:
        raise Refused(said)
    for item, _ in wanted:
        again = min(item.row["fresh"], item.size("refreservation"))  # is reserved anew beside what the snapshot keeps
        if item.tree.root.available <= 0 or (again and item.available - item.held < again):
            raise Refused(SNAPSHOTS + "out of space\n")


def _make(state: State, wanted: list[tuple[Item, str]], properties: dict[str, str]) -> None:
    pool, now = wanted[0][0].pool, int(clock(state))
    txg, kept = space.next_txg(pool), json.dumps(properties) if properties else "{}"
    rows = [
        (item.id, short, new_guid(), now, txg, kept, *(item.row[key] for key in ("referenced", "logical", "fresh")))
        for item, short in wanted
    ]
    state.db.executemany(
        "INSERT INTO snapshots (dataset, name, guid, created, txg, properties, referenced, logical, written)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    ids = [(item.id,) for item, _ in wanted]
    state.db.executemany("UPDATE datasets SET fresh = 0 WHERE id = ?", ids)
    space.snapshots_changed(state, [item for item, _ in wanted])


def rollback(argv: list[str]) -> int:
    text = usage.of("rollback")
    given = Options(argv, "rRf", text)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing dataset argument\n") + text, 2)
    name = given.operands[0]
    with change() as state:
        forest = Forest(state)
        if "@" not in name:
            forest.open(name)
            raise Refused(f"cannot open '{name}': operation not applicable to datasets of this type\n")
        snap = snaps.open_(forest, name)
        if why := denial(snap.item.pool):
            raise Refused(f"cannot rollback '{snap.item.name}': {why}\n")
        later = [one for one in snaps.of(snap.item) if (one.row["txg"], one.id) > (snap.row["txg"], snap.id)]
        _check_later(snap, later, given)
        destroying.refuse_held(later)
        if given.has("R"):
            for clone in [clone for one in later for clone in one.clones]:
                destroying.remove_tree(state, clone)
        _roll_back(state, snap, later)
    return 0


def _check_later(snap: Snap, later: list[Snap], given: Options) -> None:
    """Raises Refused with the names of what would go."""
    marks = [mark.name for mark in snaps.marks(snap.item) if mark.row["txg"] > snap.row["txg"]]
    lost = [one.name for one in later] + marks
    deep = given.has("R")
    if lost and not deep and not given.has("r"):
        why = "more recent snapshots or bookmarks exist"
        more = "use '-r' to force deletion of the following snapshots and bookmarks:\n"
        raise Refused(f"cannot rollback to '{snap.name}': {why}\n{more}" + "".join(f"{one}\n" for one in lost))
    clones = [clone for one in later for clone in one.clones]
    if clones and not deep:
        more = "use '-R' to force deletion of the following clones and dependents:\n"
        why = "clones of previous snapshots exist"
        raise Refused(f"cannot rollback to '{snap.name}': {why}\n{more}" + "".join(f"{one}\n" for one in clones))


def _roll_back(state: State, snap: Snap, later: list[Snap]) -> None:
    item = snap.item
    state.db.executemany("DELETE FROM snapshots WHERE id = ?", [(one.id,) for one in later])
    state.db.execute("DELETE FROM bookmarks WHERE dataset = ? AND txg > ?", (item.id, snap.row["txg"]))
    space.next_txg(item.pool)
    space.roll_back(state.db, item.id, snap.row["txg"])
    space.settle(state, item)
    if later:
        space.snapshots_changed(state, [item])


def bookmark(argv: list[str]) -> int:
    text = usage.of("bookmark")
    given = Options(argv, "", text)
    if not given.operands:
        raise Refused("missing source argument\n" + text, 2)
    if len(given.operands) != 2:
        raise Refused(("missing bookmark argument\n" if len(given.operands) < 2 else "too many arguments\n") + text, 2)
    source, target = given.operands
    if "@" not in source and "#" not in source:
        raise Refused(f"invalid source name '{source}': must contain a '@' or '#'\n" + text, 2)
    dataset = source.partition("@")[0].partition("#")[0]
    target = dataset + target if target.startswith("#") else target
    if "#" not in target:
        raise Refused(f"invalid bookmark name '{target}': must contain a '#'\n" + text, 2)
    with change() as state:
        forest = Forest(state)
        names.check(target, what="create bookmark", kind="bookmark")
        row = _source(forest, source)
        _add_bookmark(state, forest, target, row, dataset)
    return 0


def _source(forest: Forest, name: str) -> tuple[object, ...]:
    """guid, created, txg, referenced, logical of a snapshot or bookmark."""
    if "@" in name:
        return tuple(snaps.open_(forest, name).row[key] for key in MARKED)
    for mark in snaps.marks(forest.open(name.partition("#")[0])):
        if mark.name == name:
            return tuple(mark.row[key] for key in MARKED)
    raise Refused(f"cannot open '{name}': bookmark '{name}' does not exist\n")


def _add_bookmark(state: State, forest: Forest, target: str, row: tuple[object, ...], dataset: str) -> None:
    why = ""
    owner, short = target.split("#")
    item = forest.find(owner)
    if item is None:
        why = "dataset does not exist"
    elif denial(item.pool):
        why = denial(item.pool)
    elif owner != dataset:
        why = "source is not an ancestor of the new bookmark's dataset"
    elif any(mark.name == target for mark in snaps.marks(item)):
        why = "bookmark exists"
    if why or item is None:
        raise Refused(f"cannot create bookmark '{target}': {why}\n")
    space.next_txg(item.pool)
    state.db.execute("INSERT INTO bookmarks VALUES (?, ?, ?, ?, ?, ?, ?)", (item.id, short, *row))
