"""What users of the datasets do: write and remove files, write to volumes, keep things busy."""

from __future__ import annotations

from typing import Any

from calypso.lab.schema import LIVE
from calypso.lab.state import State, clock
from calypso.lab.zfs import quotas, space
from calypso.lab.zfs.tree import Forest, Item

KINDS = ("process", "mount", "loop", "swap", "zvol")  # of holders
NO_SPACE = "No space left on device"
OVER_QUOTA = "Disk quota exceeded"
RECORDS, RECORDS_SIZE = 1, 65_536  # as recorded
LIVE_FILES = "SELECT rowid, * FROM files WHERE dataset = ? AND died = 1 << 62 AND object > 1 ORDER BY object"


def write(state: State, name: str, size: int, *, files: int = 1, ratio: float = 1.0, owner: str = "root") -> str:
    """Write new files of `size` bytes in all, or that much to a volume. ratio: how well it compresses.

    What is written when it does not all fit stays. The kernel's words for that; "" when all was written.
    """
    item = _writable(state, name)
    if item.setting("compression") == "off":
        ratio = 1.0
    room, why = _room(item, owner)
    physical = min(int(size / ratio), max(0, room - _records_cost(item)))
    if item.type == "volume":
        _overwrite_volume(item, physical)
    _store(item, physical, int(physical * ratio), files, owner)
    space.settle(state, item)
    return why if physical < int(size / ratio) else ""


def _writable(state: State, name: str) -> Item:
    item = Forest(state).open(name)
    if item.type == "filesystem" and not item.row["mounted"]:
        raise ValueError(f"{name} is not mounted")
    if not item.key_loaded:
        raise ValueError(f"the key of {name} is not loaded")
    return item


def _room(item: Item, owner: str) -> tuple[int, str]:
    """Bytes that may still be written, and what happens beyond them."""
    limit = quotas.room(item, owner)
    if limit is not None and limit < item.available:
        return limit, OVER_QUOTA
    return item.available, OVER_QUOTA if item.available < item.tree.root.available else NO_SPACE


def _overwrite_volume(item: Item, size: int) -> None:
    """What does not fit into a volume any more replaces what was written first."""
    over = item.row["referenced"] + size - int(item.setting("volsize"))
    db, txg = item.tree.state.db, space.next_txg(item.pool)
    rows = db.execute(
        "SELECT born, bytes, logical FROM blocks WHERE dataset = ? AND died = ? ORDER BY born", (item.id, LIVE)
    )
    for birth, there, logical in rows.fetchall():
        gone = min(there, over)
        if gone > 0:
            space.die(db, item.id, birth, txg, gone, logical * gone // there)
            over -= gone


def _store(item: Item, size: int, logical: int, files: int, owner: str) -> None:
    db, txg = item.tree.state.db, space.next_txg(item.pool)
    space.born(db, item.id, txg, size, logical)
    if item.type == "volume":
        return
    _touch(item, txg)
    row = db.execute("SELECT max(object) FROM files WHERE dataset = ?", (item.id,)).fetchone()
    first, now = max(row[0] or 0, RECORDS) + 1, clock(item.tree.state)
    shares = [(size * (n + 1) // files - size * n // files, logical // files) for n in range(files)]
    db.executemany(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(item.id, first + n, f"/f{first + n - RECORDS}", *share, txg, LIVE, now) for n, share in enumerate(shares)],
    )
    if owner != "root":
        quotas.charge(item, "user", owner, size, files)


def _records_birth(item: Item) -> int:
    db = item.tree.state.db
    own = "SELECT born FROM files WHERE dataset = ? AND object = ? AND died = ?"
    first = "SELECT min(born) FROM blocks WHERE dataset = ? AND died = ?"
    row = db.execute(own, (item.id, RECORDS, LIVE)).fetchone() or db.execute(first, (item.id, LIVE)).fetchone()
    return int(row[0])


def _records_cost(item: Item) -> int:
    """Bytes that a change of a file takes beside the file: none unless a snapshot holds the records as they are."""
    if item.type == "volume":
        return 0
    birth, newer = _records_birth(item), "SELECT 1 FROM snapshots WHERE dataset = ? AND txg >= ?"
    held = item.tree.state.db.execute(newer, (item.id, birth)).fetchone()
    return RECORDS_SIZE if held or birth <= space.origin_txg(item) else 0


def _touch(item: Item, txg: int) -> None:
    """Any change of a file writes the file system's own records anew; object 1 stands for them."""
    db, birth = item.tree.state.db, _records_birth(item)
    known = "UPDATE files SET died = ? WHERE dataset = ? AND object = ? AND died = ?"
    db.execute(known, (txg, item.id, RECORDS, LIVE))
    space.die(db, item.id, birth, txg, RECORDS_SIZE, RECORDS_SIZE // 4)
    space.born(db, item.id, txg, RECORDS_SIZE, RECORDS_SIZE // 4)
    same = (item.id, RECORDS, "", RECORDS_SIZE, RECORDS_SIZE // 4, txg, LIVE, 0.0)
    db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", same)


def erase(state: State, name: str, *, files: int = 1) -> int:
    """Remove the oldest files; how many there were."""
    return _end(state, name, files, again=False)


def rewrite(state: State, name: str, *, files: int = 1) -> int:
    """Write the oldest files anew: their data of before lives on in snapshots only. How many there were."""
    return _end(state, name, files, again=True)


def _end(state: State, name: str, files: int, *, again: bool) -> int:
    item = _writable(state, name)
    db, txg, now = state.db, space.next_txg(item.pool), clock(state)
    rows = db.execute(LIVE_FILES, (item.id,)).fetchmany(files)
    if rows:
        _touch(item, txg)
    for row in rows:
        space.die(db, item.id, row["born"], txg, row["bytes"], row["logical"])
        db.execute("UPDATE files SET died = ? WHERE rowid = ?", (txg, row["rowid"]))
        if again:
            space.born(db, item.id, txg, row["bytes"], row["logical"])
            same = (item.id, row["object"], row["path"], row["bytes"], row["logical"], txg, LIVE, now)
            db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", same)
    space.settle(state, item)
    return len(rows)


def hold(state: State, name: str, holder: str, *, pid: int = 0, kind: str = "process") -> None:
    """Something keeps the dataset busy. pid 0: the kernel."""
    item = Forest(state).open(name)
    state.db.execute("INSERT INTO holders VALUES (?, ?, ?, ?)", (item.id, kind, pid, holder))


def let_go(state: State, name: str) -> int:
    """Nothing keeps the dataset busy any more; how many did."""
    item = Forest(state).open(name)
    return state.db.execute("DELETE FROM holders WHERE dataset = ?", (item.id,)).rowcount


def holders(state: State) -> list[dict[str, Any]]:
    """Who keeps which dataset busy: dataset (full name), kind, pid, name."""
    pools = {pool["guid"]: pool["name"] for pool in state["pools"]}
    rows = state.db.execute(
        "SELECT pool, datasets.name AS place, kind, pid, holders.name AS who"
        " FROM holders JOIN datasets ON datasets.id = holders.dataset ORDER BY pool, place, pid"
    )
    return [
        {"dataset": f"{pools[row['pool']]}/{row['place']}".rstrip("/"), "kind": row["kind"], "pid": row["pid"]}
        | {"name": row["who"]}
        for row in rows
        if row["pool"] in pools
    ]
