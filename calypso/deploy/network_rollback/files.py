"""What is kept of a change, and files that are written whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STATE = "var/lib/calypso/network"
KEPT = 5  # changes that ended, with their old files

Change = dict[str, Any]


class Refused(Exception):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Box:
    """Where things lie; ``root`` is / but in a simulated box."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, root / STATE

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def folder(self, change: str) -> Path:
        return self.state / "changes" / change

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time: a rollback waits for an apply that is under way, and the other way round."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def changes(self) -> list[Change]:
        found = [json.loads(path.read_text()) for path in self.state.glob("changes/*/change.json")]
        return sorted(found, key=lambda change: change["armed_at"])

    def change(self, name: str) -> Change:
        """Raises Refused."""
        try:
            found: Change = json.loads((self.folder(name) / "change.json").read_text())
        except FileNotFoundError:
            raise Refused("no_such_change", f"There is no change {name}.") from None
        return found

    def keep(self, change: Change) -> None:
        put(self.folder(change["id"]) / "change.json", json.dumps(change, indent=1).encode(), 0o600)


def pending(box: Box, name: str) -> Change:
    """Raises Refused."""
    change = box.change(name)
    if change["state"] != "pending":
        how = "the old configuration is back" if change["state"] == "rolled_back" else "it was confirmed"
        raise Refused("change_over", f"The change {name} is over: {how}.")
    return change


def due(change: Change, seconds: int) -> None:
    """Counted by a clock that nobody sets, and that a sleeping box does not stop."""
    change["due_boottime"] = now() + seconds
    change |= {"deadline": time.time() + seconds, "boot": boot_id()}


def overdue(change: Change) -> bool:
    """Whether its time is over, or the box was started anew since."""
    early = 1  # second that a timer may come too soon
    due_at = float(change["due_boottime"])
    return change["boot"] != boot_id() or now() >= due_at - early


def now() -> float:
    """Seconds since the box was started, those asleep too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def put_back(box: Box, folder: Path, file: Change) -> None:
    path = box.at(file["path"])
    if path.exists() and digest(path.read_bytes()) != file["sha256"]:
        put(folder / f"{file['copy']}.replaced", path.read_bytes(), 0o600)
    if not file["sha256"]:
        path.unlink(missing_ok=True)
        return
    data = (folder / str(file["copy"])).read_bytes()
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, data, file["mode"], (file["uid"], file["gid"]))


def kept(box: Box, folder: Path, number: int, name: str) -> Change:
    """A copy of a file as it is, or the note that there is none."""
    path, copy = box.at(name), folder / str(number)
    found: Change = {"path": name, "copy": number, "sha256": "", "mode": 0o600, "uid": 0, "gid": 0}
    if path.is_symlink():
        raise Refused("file_is_link", f"{name} is a link.")
    if path.exists():
        data, stat = path.read_bytes(), path.stat()
        put(copy, data, 0o600)
        found |= {"sha256": digest(data), "mode": stat.st_mode & 0o7777, "uid": stat.st_uid, "gid": stat.st_gid}
    return found


def put_if_new(path: Path, data: bytes, mode: int) -> bool:
    if path.exists() and path.read_bytes() == data:
        return False
    put(path, data, mode)
    return True


def put(path: Path, data: bytes, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Whole or not at all, and on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.calypso")
    with draft.open("wb") as stream:
        os.fchmod(stream.fileno(), mode)
        if owner is not None and os.geteuid() == 0:
            os.fchown(stream.fileno(), *owner)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def forget_old(box: Box) -> None:
    over = [change["id"] for change in box.changes() if change["state"] != "pending"]
    for name in over[:-KEPT]:
        shutil.rmtree(box.folder(name), ignore_errors=True)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
