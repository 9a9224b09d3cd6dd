"""The lab's journal: a table of what its units wrote, the newest lines of it."""

from __future__ import annotations

import sqlite3
import uuid
from typing import Any

from calypso.lab.state import State, clock

TABLE = """CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, unit TEXT NOT NULL, priority INTEGER NOT NULL,
    identifier TEXT NOT NULL, pid INTEGER NOT NULL, message TEXT NOT NULL)"""
KEPT = 20_000  # lines
BOOT = "3494782c08be4d23af13866f4cfb04e9"
ID = "cfe88f045c9246cfaffa38f6695df4b2"

Line = dict[str, Any]


def write(
    state: State, unit: str, message: str, *, priority: int = 6, identifier: str = "systemd", pid: int = 1
) -> None:
    """One more line; the oldest ones go when there are too many."""
    state.db.execute(TABLE)
    row = (clock(state), unit, priority, identifier, pid, message)
    done = state.db.execute(
        "INSERT INTO journal (at, unit, priority, identifier, pid, message) VALUES (?,?,?,?,?,?)", row
    )
    state.db.execute("DELETE FROM journal WHERE seq <= ?", ((done.lastrowid or 0) - KEPT,))


def rotate(state: State, keep: int) -> None:
    """As `journalctl --vacuum-…`: only so many of the newest lines stay."""
    state.db.execute(TABLE)
    state.db.execute("DELETE FROM journal WHERE seq <= (SELECT max(seq) FROM journal) - ?", (keep,))


def lines(state: State, unit: str, *, behind: int = 0) -> list[Line]:
    """Of a unit or, for "", of all, in the order in which they were written."""
    try:
        found = state.db.execute(
            "SELECT * FROM journal WHERE (unit = ? OR ? = '') AND seq > ? ORDER BY seq", (unit, unit, behind)
        )
        return [dict(row) for row in found]
    except sqlite3.OperationalError:
        return []  # nobody has written yet


def newest(state: State) -> int:
    try:
        return int(state.db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def exported(line: Line) -> dict[str, str]:
    """As `journalctl --output=json` prints it."""
    at, number = int(line["at"] * 1_000_000), line["seq"]
    unlike = uuid.uuid5(uuid.NAMESPACE_OID, str(number)).int >> 64
    return {
        "__CURSOR": f"s={ID};i={number:x};b={BOOT};m={number:x};t={at:x};x={unlike:x}",
        "__REALTIME_TIMESTAMP": str(at),
        "__MONOTONIC_TIMESTAMP": str(number),
        "_BOOT_ID": BOOT,
        "MESSAGE": line["message"],
        "PRIORITY": str(line["priority"]),
        "SYSLOG_IDENTIFIER": line["identifier"],
        "_PID": str(line["pid"]),
        "_SYSTEMD_UNIT": line["unit"] if line["pid"] != 1 else "init.scope",
    }
