"""The lab's one state file: JSON, changed only under a lock, replaced whole, so that nobody ever reads half of it.

It must not know what the values mean. Its path comes from the environment variable CALYPSO_LAB_STATE.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from calypso.lab.bays import default_disks

VARIABLE = "CALYPSO_LAB_STATE"
State = dict[str, Any]


def state_path() -> Path:
    """Where the state is kept. Raises KeyError when CALYPSO_LAB_STATE is not set."""
    return Path(os.environ[VARIABLE])


def fresh() -> State:
    """The box on its first day: all disks, no pools. options: see clock(), pools.scrub_seconds()."""
    return {"version": 1, "options": {}, "disks": default_disks(), "pools": [], "exported": []}


def read(path: Path | None = None) -> State:
    """The state now; the file is made on first use."""
    path = path or state_path()
    with contextlib.suppress(FileNotFoundError):
        return _load(path)
    with change(path) as state:
        return state


@contextlib.contextmanager
def change(path: Path | None = None, initial: Callable[[], State] = fresh) -> Iterator[State]:
    """The state to be changed in place; written when the block ends without an exception and something differs."""
    path = path or state_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        exists = path.exists()
        state = _load(path) if exists else initial()
        before = _dump(state) if exists else ""
        yield state
        if _dump(state) != before:
            _replace(path, _dump(state))


def clock(state: State) -> float:
    """Unix seconds: the real time, or `options.now` where a test stopped the clock."""
    now = state["options"].get("now")
    return time.time() if now is None else float(now)


def new_guid() -> str:
    """A pool's or vdev's identity: 64 random bits, as ZFS makes them."""
    return str(secrets.randbits(63) + 2**62)


def _load(path: Path) -> State:
    state: State = json.loads(path.read_text(encoding="utf-8"))
    return state


def _dump(state: State) -> str:
    return json.dumps(state, indent=1, ensure_ascii=False)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
