"""The lab's units: a table of their states, and what befalls them. All that happens counts `changed` up by one."""

from __future__ import annotations

import json
import sqlite3
import uuid
from typing import Any

from calypso.lab import journal
from calypso.lab.bus.default_units import DEFAULT_UNITS
from calypso.lab.state import State, clock

Unit = dict[str, Any]

TABLE = """CREATE TABLE IF NOT EXISTS units (
    name TEXT PRIMARY KEY, description TEXT NOT NULL, load TEXT NOT NULL, active TEXT NOT NULL, sub TEXT NOT NULL,
    file_state TEXT NOT NULL, result TEXT NOT NULL DEFAULT 'success', code INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0, since REAL NOT NULL DEFAULT 0, pid INTEGER NOT NULL DEFAULT 0,
    invocation TEXT NOT NULL DEFAULT '', restarts INTEGER NOT NULL DEFAULT 0, reloads INTEGER NOT NULL DEFAULT 0,
    needs TEXT NOT NULL DEFAULT '[]', broken TEXT NOT NULL DEFAULT '', changed INTEGER NOT NULL DEFAULT 0)"""
EXITED, KILLED = 1, 2  # CLD_EXITED, CLD_KILLED
FIRST_PID = 400


def are_there(state: State) -> bool:
    try:
        return state.db.execute("SELECT 1 FROM units LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError:
        return False


def ensure(state: State) -> None:
    """Makes the units on first use, also in the state of an older lab."""
    if are_there(state):
        return
    state.db.execute(TABLE)
    for number, (name, description, sub, file_state, reloads, needs) in enumerate(DEFAULT_UNITS):
        add(state, name, description, sub=sub, file_state=file_state, reloads=reloads, needs=needs, number=number)


def add(
    state: State,
    name: str,
    description: str = "",
    *,
    sub: str = "running",
    file_state: str = "enabled",
    reloads: bool = False,
    needs: tuple[str, ...] = (),
    number: int = 0,
) -> None:
    """A further unit: `sub` is running, exited, active (a target's), or dead."""
    active = "inactive" if sub == "dead" else "active"
    load = "masked" if file_state == "masked" else "loaded"
    pid = FIRST_PID + number if sub == "running" else 0
    state.db.execute(
        "INSERT OR REPLACE INTO units (name, description, load, active, sub, file_state, reloads, needs, since, pid,"
        " invocation, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(name, description or name, load, active, sub, file_state, reloads, json.dumps(needs)),
            *(clock(state), pid, uuid.uuid4().hex if active == "active" else "", newest(state) + 1),
        ),
    )


def find(state: State, name: str) -> Unit | None:
    row = state.db.execute("SELECT * FROM units WHERE name = ?", (name,)).fetchone()
    return dict(row) if row else None


def everything(state: State) -> list[Unit]:
    return [dict(row) for row in state.db.execute("SELECT * FROM units ORDER BY name")]


def newest(state: State) -> int:
    return int(state.db.execute("SELECT coalesce(max(changed), 0) FROM units").fetchone()[0])


def changed_since(state: State, number: int) -> list[Unit]:
    return [dict(row) for row in state.db.execute("SELECT * FROM units WHERE changed > ? ORDER BY changed", (number,))]


def put(state: State, unit: Unit, **values: Any) -> None:
    """Changes a unit; a new state of activity begins now."""
    if values.get("active", unit["active"]) != unit["active"] or values.get("sub", unit["sub"]) != unit["sub"]:
        values.setdefault("since", clock(state))
    values["changed"] = newest(state) + 1
    columns = ", ".join(f"{name} = ?" for name in values)
    state.db.execute(f"UPDATE units SET {columns} WHERE name = ?", (*values.values(), unit["name"]))  # noqa: S608  names of ours
    unit.update(values)


def start(state: State, unit: Unit) -> str:
    """Starts it; how the job ends. `broken` makes it fail as systemd would tell it."""
    if unit["broken"]:
        fail(state, unit, unit["broken"])
        return "failed"
    sub = {"target": "active", "socket": "listening", "timer": "waiting"}.get(
        unit["name"].rpartition(".")[2], "running"
    )
    values = {"active": "active", "sub": sub, "result": "success", "code": 0, "status": 0}
    put(state, unit, **values, pid=new_pid(state), invocation=uuid.uuid4().hex, since=clock(state))
    journal.write(state, unit["name"], f"Started {unit['name']} - {unit['description']}.")
    return "done"


def stop(state: State, unit: Unit) -> str:
    put(state, unit, active="inactive", sub="dead", pid=0, result="success")
    journal.write(state, unit["name"], f"Stopped {unit['name']} - {unit['description']}.")
    return "done"


def fail(state: State, unit: Unit, why: str = "exit-code", status: int = 1) -> None:
    """It fails: exit-code, signal, timeout …"""
    code = KILLED if why == "signal" else EXITED
    put(state, unit, active="failed", sub="failed", result=why, code=code, status=status, pid=0, since=clock(state))
    journal.write(state, unit["name"], f"{unit['name']}: Failed with result '{why}'.", priority=4)


def new_pid(state: State) -> int:
    return int(state.db.execute("SELECT max(max(pid), ?) + 1 FROM units", (FIRST_PID,)).fetchone()[0])
