"""Scrubs and resilvers in simulated time: the state keeps when one began, everything else follows from the clock."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from calypso.lab.state import State, clock

SHORTEST = 8.0  # seconds: long enough for a person to see it move
SPEED = 200 * 1024**2  # bytes/s
VARIABLE = "CALYPSO_LAB_SCRUB_SECONDS"


@dataclass(frozen=True)
class Progress:
    """A scan now. state: "scrub scanning", "resilver scanning", "scrub paused", "… finished", "… canceled".

    Times are whole Unix seconds; sizes bytes.
    """

    state: str
    start: int
    pass_start: int
    paused_at: int
    spent_paused: int
    end: int
    total: int
    issued: int
    processed: int
    disks: tuple[str, ...]
    errors: int

    @property
    def function(self) -> str:
        return self.state.split()[0]


def scrub_seconds(state: State, allocated: int) -> float:
    """How long a scrub takes: by what is stored, or CALYPSO_LAB_SCRUB_SECONDS, or `options.scrub_seconds`."""
    wanted = state["options"].get("scrub_seconds", os.environ.get(VARIABLE))
    return max(SHORTEST, allocated / SPEED) if wanted is None else float(wanted)


def begin(
    state: State, function: str, total: int, seconds: float, *, processed: int = 0, disks: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A scan that starts now, as the state keeps it. processed: bytes that it will have repaired or resilvered.

    disks: kernel names of those that are written to.
    """
    now = clock(state)
    return {
        "function": function,
        "start": now,
        "pass_start": now,
        "seconds": seconds,
        "total": total,
        "processed": processed,
        "disks": list(disks),
        "paused_at": None,
        "spent_paused": 0.0,
        "canceled_at": None,
    }


def progress(state: State, scan: dict[str, Any]) -> Progress:
    """Where a scan stands at the lab's time."""
    now = clock(state)
    until = scan["canceled_at"] or scan["paused_at"] or now
    share = min(1.0, (until - scan["start"] - scan["spent_paused"]) / scan["seconds"]) if scan["seconds"] else 1.0
    word, end = "scanning", 0.0
    if scan["canceled_at"]:
        word, end = "canceled", scan["canceled_at"]
    elif scan["paused_at"]:
        word = "paused"
    elif share >= 1:
        word, end = "finished", scan["start"] + scan["spent_paused"] + scan["seconds"]
    return Progress(
        state=f"{scan['function']} {word}",
        start=int(scan["start"]),
        pass_start=int(scan["pass_start"]),
        paused_at=int(scan["paused_at"] or 0),
        spent_paused=int(scan["spent_paused"]),
        end=int(end),
        total=scan["total"],
        issued=int(scan["total"] * share),
        processed=int(scan["processed"] * share),
        disks=tuple(scan.get("disks", ())),
        errors=scan.get("errors", 0),
    )


def running(state: State, pool: dict[str, Any]) -> str:
    """ "scrub scanning", "scrub paused", "resilver scanning", or "" when no scan is going on."""
    found = progress(state, pool["scan"]).state if pool["scan"] else ""
    return found if found.endswith(("scanning", "paused")) else ""
