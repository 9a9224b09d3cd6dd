"""The lab's time service: what its file names, read when chrony.service starts, and how well that is followed."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from typing import Any

from calypso.lab import etc
from calypso.lab.state import State, clock

UNIT = "chrony.service"
FILE = "etc/chrony/chrony.conf"
OF_A_POOL = 4  # sources that chronyd takes of one
SETTLES = 2.0  # seconds after its start until it has chosen; the real one takes some more
UNREACHABLE = (".invalid", ".example")  # names that nobody has (RFC 2606)


@dataclass(frozen=True)
class Peer:
    name: str
    answers: bool
    offset: float  # seconds


def ensure(state: State) -> dict[str, Any] | None:
    """The unit of the time service, whose file is read at each of its starts. None: it does not run."""
    unit = _unit(state)
    if unit["active"] != "active":
        return None
    kept: dict[str, Any] = state.setdefault("chrony", {})
    if kept.get("invocation") != unit["invocation"]:
        kept.update(invocation=unit["invocation"], sources=_named())
    return unit


def _unit(state: State) -> dict[str, Any]:
    """Read here, not by calypso.lab.bus: a stand-in needs nothing but the standard library."""
    try:
        row = state.db.execute("SELECT * FROM units WHERE name = ?", (UNIT,)).fetchone()
    except sqlite3.OperationalError:  # nobody has asked systemd yet: it has run since the box started
        return {"active": "active", "invocation": "first", "since": 0.0}
    return dict(row) if row else {"active": "inactive"}


def _named() -> list[str]:
    try:
        lines = (etc.root() / FILE).read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return ["2.debian.pool.ntp.org"] * OF_A_POOL  # nobody has looked at a file yet: as it is installed
    found: list[str] = []
    for words in (line.split() for line in lines):
        if len(words) > 1 and words[0].lower() in ("server", "pool"):
            found += [words[1]] * (OF_A_POOL if words[0].lower() == "pool" else 1)
    return found


def peers(state: State, unit: dict[str, Any]) -> list[Peer]:
    """Those that are asked. `lab ntp lost` makes none of them answer."""
    lost = not state.get("time", {}).get("synchronised", True)
    settled = clock(state) - unit["since"] >= SETTLES
    return [
        Peer(name, settled and not lost and not name.endswith(UNREACHABLE), _offset(f"{name}{number}"))
        for number, name in enumerate(state["chrony"]["sources"])
    ]


def _offset(name: str) -> float:
    """Up to half a millisecond, always the same of one server."""
    return (zlib.crc32(name.encode()) % 1000 - 500) / 1e6
