"""Work on one disk or vdev in simulated time (trim, initialize, evacuation …): when it began, the rest follows."""

from __future__ import annotations

import os
from typing import Any

from calypso.lab.state import State, clock

VARIABLE = "CALYPSO_LAB_WORK_SECONDS"
SHORTEST = 8.0  # seconds
SPEED = 400 * 1024**2  # bytes/s

Activity = dict[str, Any]


def work_seconds(state: State, size: int) -> float:
    """How long it takes: by size, or CALYPSO_LAB_WORK_SECONDS, or `options.work_seconds`."""
    wanted = state["options"].get("work_seconds", os.environ.get(VARIABLE))
    return max(SHORTEST, size / SPEED) if wanted is None else float(wanted)


def begin(state: State, size: int, **more: Any) -> Activity:
    """Work that starts now. size: bytes to go through."""
    now = clock(state)
    return {"start": now, "action": now, "seconds": work_seconds(state, size), "size": size, "spent": 0.0} | more


def share(state: State, activity: Activity) -> float:
    """How much is done, 0 to 1."""
    until = activity.get("suspended") or activity.get("canceled") or clock(state)
    spent = float(activity["spent"]) + until - float(activity["action"])
    return min(1.0, spent / activity["seconds"]) if activity["seconds"] else 1.0


def done(state: State, activity: Activity) -> int:
    """Bytes gone through."""
    return int(activity["size"] * share(state, activity))


def word(state: State, activity: Activity | None) -> str:
    """ "" (never done), ACTIVE, SUSPENDED, CANCELED or COMPLETE."""
    if activity is None:
        return ""
    if activity.get("canceled"):
        return "CANCELED"
    if share(state, activity) >= 1:
        return "COMPLETE"
    return "SUSPENDED" if activity.get("suspended") else "ACTIVE"


def ended(activity: Activity) -> float:
    """Unix seconds when complete work ended."""
    return float(activity["action"]) + float(activity["seconds"]) - float(activity["spent"])


def suspend(state: State, activity: Activity) -> None:
    activity["suspended"] = clock(state)


def resume(state: State, activity: Activity) -> None:
    now = clock(state)
    activity["spent"] += (activity.pop("suspended", None) or now) - activity["action"]
    activity["action"] = now
