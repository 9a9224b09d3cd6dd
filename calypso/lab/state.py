"""The lab's one state file, an SQLite database: the box as one JSON document, and tables for what comes in thousands.

It must not know what the values mean. Its path comes from the environment variable CALYPSO_LAB_STATE. One writer at a
time; a change is there whole or not at all, and readers see the state before or after it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from calypso.lab.bays import default_disks
from calypso.lab.schema import TABLES

VARIABLE = "CALYPSO_LAB_STATE"
CHANGES = 24  # offset in an SQLite file of the count of its transactions (fileformat2.html, "File change counter")
MOST_WATCHED = 8  # files whose version is asked for
PATIENCE = 3600.0  # seconds that a writer waits for another: a test may hold the state for long


_watched: dict[Path, int] = {}
_watching = threading.Lock()


class State(dict[str, Any]):
    """The document: options, disks, pools, exported. db: the tables (calypso.lab.schema) in the same transaction."""

    db: sqlite3.Connection


def state_path() -> Path:
    """Where the state is kept. Raises KeyError when CALYPSO_LAB_STATE is not set."""
    return Path(os.environ[VARIABLE])


def fresh() -> State:
    """The box on its first day: all disks, no pools. options: see clock(), pools.scrub_seconds()."""
    return State(version=2, options={}, disks=default_disks(), pools=[], exported=[], destroyed=[])


def read(path: Path | None = None) -> State:
    """The document now; the file is made on first use."""
    with reading(path) as state:
        return state


def state_version(path: Path | None = None) -> int:
    """Changes whenever the state did; cheap enough to ask many times a second. 0 before the first use."""
    path = path or state_path()
    with _watching:
        try:
            file = path.stat()
        except FileNotFoundError:
            return 0
        return hash((file.st_ino, os.pread(_descriptor(path, file), 4, CHANGES)))


def _descriptor(path: Path, file: os.stat_result) -> int:
    """Kept open: to close one would drop the locks that SQLite holds on the file in this very process
    (sqlite.org/howtocorrupt.html, 2.2)."""
    kept = _watched.get(path)
    if kept is not None and os.path.samestat(os.fstat(kept), file):
        return kept
    for other in [path] if kept is not None else list(_watched)[: 1 - MOST_WATCHED]:
        os.close(_watched.pop(other))
    _watched[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return _watched[path]


@contextlib.contextmanager
def reading(path: Path | None = None) -> Iterator[State]:
    """The document and, until the block ends, the tables beside it, both as of one moment."""
    path = path or state_path()
    if not path.exists():
        with change(path):
            pass
    with contextlib.closing(_open(path)) as db:
        db.execute("BEGIN")
        state = _load(db)
        if state is None:  # its maker has not got further than an empty file
            with change(path):
                pass
            db.execute("COMMIT")
            db.execute("BEGIN")
            state = _load(db)
        assert state is not None
        yield state


@contextlib.contextmanager
def change(path: Path | None = None, initial: Callable[[], State] = fresh) -> Iterator[State]:
    """The state to be changed in place, tables too; kept when the block ends without an exception."""
    path = path or state_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(_open(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        state = _load(db)
        before = "" if state is None else _dump(state)
        if state is None:
            for statement in TABLES:
                db.execute(statement)
            state = initial()
            state.db = db
        yield state  # an exception goes up from here, and closing the connection undoes all
        text = _dump(state)
        if text != before:
            db.execute("INSERT OR REPLACE INTO document (id, text) VALUES (1, ?)", (text,))
        db.execute("COMMIT")


def clock(state: State) -> float:
    """Unix seconds: the real time, or `options.now` where a test stopped the clock."""
    now = state["options"].get("now")
    return time.time() if now is None else float(now)


def new_guid() -> str:
    """A pool's or vdev's identity: 64 random bits, as ZFS makes them."""
    return str(int.from_bytes(os.urandom(8)) // 2 + 2**62)


def _open(path: Path) -> sqlite3.Connection:
    """Not synchronous: what only a power cut can spoil is not worth an fsync at each simulated command."""
    db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous = OFF")
    return db


def _load(db: sqlite3.Connection) -> State | None:
    try:
        row = db.execute("SELECT text FROM document").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    state = State(json.loads(row["text"]))
    state.db = db
    return state


def _dump(state: State) -> str:
    return json.dumps(state, separators=(",", ":"), ensure_ascii=False)
