"""What the box remembers: each pool's command history, and the kernel's queue of events."""

from __future__ import annotations

import re
from typing import Any

from calypso.lab.state import State, change, clock

LOGGED = (
    "create", "add", "attach", "detach", "replace", "remove", "checkpoint", "online", "offline", "clear", "reopen",
    "scrub", "resilver", "trim", "initialize", "export", "import", "upgrade", "set",
)  # fmt: skip
QUEUE = 512  # events that the kernel keeps (zfs_zevent_len_max)
KEPT = 200  # lines of history that a pool keeps here; a real one keeps 1 GiB of them
LONGEST = 500  # letters of a line: a list of a thousand snapshots is cut off
HOST = "appliance"


def log(tool: str, argv: list[str]) -> None:
    """Keep a command in the history of each pool that it names, as log_history() of both tools does.

    The kernel tells of each change of a dataset, too; zpool's commands tell their own events.
    """
    named = {re.split("[/@#]", word)[0] for word in argv}
    with change() as state:
        for pool in state["pools"]:
            if pool["name"] in named and not pool["readonly"]:
                pool.setdefault("history", []).append([int(clock(state)), " ".join([tool, *argv])[:LONGEST]])
                del pool["history"][:-KEPT]
                if tool == "zfs":
                    told = {"history_internal_name": argv[0], "history_internal_str": " ".join(argv[1:])[:LONGEST]}
                    emit(state, pool, "sysevent.fs.zfs.history_event", **told)


def emit(state: State, pool: dict[str, Any], kind: str, **payload: Any) -> None:
    """Put an event into the queue. kind: as ``sysevent.fs.zfs.scrub_start``; payload: further pairs of `events -v`."""
    queue = state.setdefault("events", [])
    number = state["event_count"] = state.get("event_count", 0) + 1
    queue.append({"time": clock(state), "kind": kind, "pool": pool["name"], "pool_guid": pool["guid"], "eid": number})
    queue[-1] |= {"payload": payload} if payload else {}
    del queue[:-QUEUE]


def statechange(state: State, pool: dict[str, Any], leaf: dict[str, Any], word: str) -> None:
    """A disk's state became another one, as the kernel tells zed."""
    path = {"vdev_guid": leaf["guid"], "vdev_path": leaf["path"], "vdev_state": word}
    emit(state, pool, "resource.fs.zfs.statechange", **path)
