"""Snapshots and bookmarks as they are listed: read only for the datasets that are asked about."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from calypso.lab.options import Refused
from calypso.lab.zfs.tree import Forest, Item, Tree

OF_DATASET = "SELECT * FROM snapshots WHERE dataset = ? ORDER BY txg, id"
HELD = """SELECT snapshot, count(*) FROM holds
    WHERE snapshot IN (SELECT id FROM snapshots WHERE dataset = ?) GROUP BY snapshot"""
HELD_IN_POOL = """SELECT snapshot, count(*) FROM holds WHERE snapshot IN
    (SELECT id FROM snapshots WHERE dataset IN (SELECT id FROM datasets WHERE pool = ?)) GROUP BY snapshot"""
CLONES = "SELECT origin, id FROM datasets WHERE origin IN (SELECT id FROM snapshots WHERE dataset = ?)"


class Snap:
    """A snapshot. item: its dataset; holds: how many; clones: their full names."""

    __slots__ = ("clones", "holds", "id", "item", "local", "name", "row")
    type = "snapshot"

    def __init__(self, row: sqlite3.Row, item: Item, holds: int = 0, clones: list[str] | None = None) -> None:
        self.row, self.item, self.id, self.holds, self.clones = row, item, int(row["id"]), holds, clones or []
        self.name = f"{item.name}@{row['name']}"
        self.local: dict[str, str] = json.loads(row["properties"]) if row["properties"] != "{}" else {}

    @property
    def short(self) -> str:
        return str(self.row["name"])


class Mark:
    """A bookmark."""

    __slots__ = ("item", "name", "row")
    type = "bookmark"

    def __init__(self, row: sqlite3.Row, item: Item) -> None:
        self.row, self.item, self.name = row, item, f"{item.name}#{row['name']}"


def of(item: Item) -> list[Snap]:
    """The snapshots of a dataset, oldest first, with holds and clones."""
    db = item.tree.state.db
    rows = db.execute(OF_DATASET, (item.id,)).fetchall()
    holds = dict(tuple(row) for row in db.execute(HELD, (item.id,)))
    clones = _by_origin(item.tree, db.execute(CLONES, (item.id,)))
    return [Snap(row, item, holds.get(row["id"], 0), clones.get(row["id"])) for row in rows]


def of_tree(tree: Tree) -> Iterator[Snap]:
    """All snapshots of a pool by dataset and age, in one pass."""
    db, guid = tree.state.db, (tree.pool["guid"],)
    holds = dict(tuple(row) for row in db.execute(HELD_IN_POOL, guid))
    clones = _by_origin(tree, db.execute("SELECT origin, id FROM datasets WHERE origin > 0 AND pool = ?", guid))
    for item in tree.by_name.values():
        for row in db.execute(OF_DATASET, (item.id,)):
            yield Snap(row, item, holds.get(row["id"], 0), clones.get(row["id"]))


def _by_origin(tree: Tree, rows: Iterable[sqlite3.Row]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for origin, clone in sorted((row[0], tree.by_id[row[1]].name) for row in rows):
        found.setdefault(origin, []).append(clone)
    return found


def marks(item: Item) -> list[Mark]:
    """The bookmarks of a dataset."""
    rows = item.tree.state.db.execute("SELECT * FROM bookmarks WHERE dataset = ? ORDER BY txg, name", (item.id,))
    return [Mark(row, item) for row in rows.fetchall()]


def find(item: Item, short: str) -> Snap | None:
    """The snapshot of that short name."""
    rows = item.tree.state.db.execute("SELECT * FROM snapshots WHERE dataset = ? AND name = ?", (item.id, short))
    found = rows.fetchone()
    return complete(Snap(found, item)) if found is not None else None


def complete(snap: Snap) -> Snap:
    """With its holds and clones."""
    db, tree = snap.item.tree.state.db, snap.item.tree
    snap.holds = int(db.execute("SELECT count(*) FROM holds WHERE snapshot = ?", (snap.id,)).fetchone()[0])
    clones = db.execute("SELECT origin, id FROM datasets WHERE origin = ?", (snap.id,))
    snap.clones = _by_origin(tree, clones).get(snap.id, [])
    return snap


def open_(forest: Forest, name: str) -> Snap:
    """The snapshot of that full name; raises Refused as zfs_open() words it."""
    dataset, _, short = name.partition("@")
    pool = forest.pool(dataset)
    if pool is not None and pool["suspended"]:
        raise Refused(f"cannot open '{name}': pool I/O is currently suspended\n")
    item = forest.find(dataset)
    found = find(item, short) if item is not None else None
    if found is None:
        raise Refused(f"cannot open '{name}': dataset does not exist\n")
    return found


def snapshot_name(tree: Tree, snapshot: int) -> str:
    """The full name of a snapshot of this pool."""
    row = tree.state.db.execute("SELECT dataset, name FROM snapshots WHERE id = ?", (snapshot,)).fetchone()
    return f"{tree.by_id[row['dataset']].name}@{row['name']}"


def written_since(item: Item, short: str) -> str:
    """Bytes written since a snapshot (written@name); ``-`` when there is no such snapshot."""
    db = item.tree.state.db
    row = db.execute("SELECT txg FROM snapshots WHERE dataset = ? AND name = ?", (item.id, short)).fetchone()
    if row is None:
        return "-"
    born = "SELECT total(bytes) FROM blocks WHERE dataset = ? AND born > ? AND died = 1 << 62"
    return str(int(db.execute(born, (item.id, row["txg"])).fetchone()[0]))
