"""What is on a dataset and what its snapshots hold: data by birth and death, in counts of the pool's changes (txg)."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Any

from calypso.lab import sizes
from calypso.lab.schema import LIVE
from calypso.lab.state import State, clock
from calypso.lab.zfs.tree import Item

PROBE = 2**40  # bytes, to see what a pool makes of them


def next_txg(pool: dict[str, Any]) -> int:
    """The number of the pool's next change."""
    pool["txg"] = int(pool.get("txg", 1)) + 1
    return int(pool["txg"])


def allocate(state: State, pool: dict[str, Any], size: int) -> None:
    """The pool has so many bytes of data more, or less; parity comes on top."""
    pool["allocated"] = max(0, pool["allocated"] + size * PROBE // sizes.deflated_pool(state, pool, PROBE))


def born(db: sqlite3.Connection, dataset: int, txg: int, size: int, logical: int) -> None:
    """New data."""
    db.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", (dataset, txg, LIVE, size, logical))


def die(db: sqlite3.Connection, dataset: int, birth: int, txg: int, size: int, logical: int) -> None:
    """Part of the data of one birth is overwritten or removed."""
    rows = db.execute("SELECT rowid FROM blocks WHERE dataset = ? AND born = ? AND died = ?", (dataset, birth, LIVE))
    (row,) = rows.fetchone()
    db.execute("UPDATE blocks SET bytes = bytes - ?, logical = logical - ? WHERE rowid = ?", (size, logical, row))
    db.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", (dataset, birth, txg, size, logical))


def settle(state: State, item: Item) -> None:
    """Work out anew what the dataset and its snapshots use after any change of either; free what nobody holds."""
    db, origin = state.db, origin_txg(item)
    before = db.execute("SELECT owned, snapped FROM datasets WHERE id = ?", (item.id,)).fetchone()
    snapshots = db.execute("SELECT * FROM snapshots WHERE dataset = ? ORDER BY txg, id", (item.id,)).fetchall()
    ages = [row["txg"] for row in snapshots]
    since = max([origin, *ages[-1:]])
    used: Counter[int] = Counter()
    written: Counter[int] = Counter()
    referenced = logical = owned = fresh = snapped = 0
    freed = []
    blocks = db.execute("SELECT rowid, born, died, bytes, logical FROM blocks WHERE dataset = ?", (item.id,))
    for row, birth, died, size, plain in blocks.fetchall():
        first, last = bisect_left(ages, birth), bisect_left(ages, died) - 1
        mine = size if birth > origin else 0
        if died == LIVE:
            referenced, logical, owned = referenced + size, logical + plain, owned + mine
            fresh += mine if birth > since else 0
        elif first > last:
            freed += [(row,)] if birth > origin else []  # what the origin holds may become its own by a promotion
            continue
        else:
            snapped += mine
            used[first] += mine if first == last else 0
        written[first] += mine
    db.executemany("DELETE FROM blocks WHERE rowid = ?", freed)
    figures = [(used[place], written[place], row["id"], row) for place, row in enumerate(snapshots)]
    changed = [figure[:3] for figure in figures if (figure[3]["used"], figure[3]["written"]) != figure[:2]]
    db.executemany("UPDATE snapshots SET used = ?, written = ? WHERE id = ?", changed)
    db.execute(
        "UPDATE datasets SET referenced = ?, logical = ?, owned = ?, fresh = ?, snapped = ? WHERE id = ?",
        (referenced, logical, owned, fresh, snapped, item.id),
    )
    allocate(state, item.pool, owned + snapped - before["owned"] - before["snapped"])


def snapshots_changed(state: State, items: Iterable[Item]) -> None:
    """Note the time at which a snapshot came, went or was renamed."""
    now = int(clock(state))
    state.db.executemany("UPDATE datasets SET snapshots_changed = ? WHERE id = ?", [(now, item.id) for item in items])


def origin_txg(item: Item) -> int:
    """Data up to there belongs to the snapshot that this is a clone of; 0 for what is no clone."""
    if not item.row["origin"]:
        return 0
    row = item.tree.state.db.execute("SELECT txg FROM snapshots WHERE id = ?", (item.row["origin"],)).fetchone()
    return int(row["txg"])


def reclaimable(item: Item, doomed: set[int]) -> int:
    """Bytes that come free when these snapshots (ids) go: what they alone hold, one by one or together."""
    db, origin = item.tree.state.db, origin_txg(item)
    rows = db.execute("SELECT id, txg FROM snapshots WHERE dataset = ? ORDER BY txg, id", (item.id,)).fetchall()
    ages, going = [row["txg"] for row in rows], [row["id"] in doomed for row in rows]
    kept = [0]
    for gone in going:
        kept.append(kept[-1] + (not gone))
    total = 0
    dead = "SELECT born, died, bytes FROM blocks WHERE dataset = ? AND died < ? AND born > ?"
    for birth, died, size in db.execute(dead, (item.id, LIVE, origin)):
        first, last = bisect_left(ages, birth), bisect_left(ages, died)
        total += size if kept[last] == kept[first] else 0
    return total


def roll_back(db: sqlite3.Connection, dataset: int, txg: int) -> None:
    """What came after is gone, what went after is back; the snapshots in between must be gone already."""
    for statement in (
        "DELETE FROM blocks WHERE dataset = ? AND born > ?",
        "DELETE FROM files WHERE dataset = ? AND born > ?",
        "UPDATE blocks SET died = 1 << 62 WHERE dataset = ? AND died > ?",
        "UPDATE files SET died = 1 << 62 WHERE dataset = ? AND died > ?",
    ):
        db.execute(statement, (dataset, txg))


def share(db: sqlite3.Connection, origin: int, txg: int, clone: int) -> None:
    """A clone begins with what the snapshot of that age sees."""
    db.execute(
        "INSERT INTO blocks SELECT ?, born, 1 << 62, bytes, logical FROM blocks"
        " WHERE dataset = ? AND born <= ? AND died > ?",
        (clone, origin, txg, txg),
    )
    db.execute(
        "INSERT INTO files SELECT ?, object, path, bytes, logical, born, 1 << 62, changed FROM files"
        " WHERE dataset = ? AND born <= ? AND died > ?",
        (clone, origin, txg, txg),
    )


def hand_over(db: sqlite3.Connection, parent: int, clone: int, txg: int) -> None:
    """A promoted clone takes what older snapshots hold, with the snapshots; the rest of both is known to both."""
    for statement in (
        "UPDATE blocks SET dataset = ? WHERE dataset = ? AND died <= ?",
        "UPDATE files SET dataset = ? WHERE dataset = ? AND died <= ?",
        "UPDATE snapshots SET dataset = ? WHERE dataset = ? AND txg <= ?",
        "UPDATE bookmarks SET dataset = ? WHERE dataset = ? AND txg <= ?",
    ):
        db.execute(statement, (clone, parent, txg))
