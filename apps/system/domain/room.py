"""How full the file systems are that Calypso itself writes to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from calypso.kernel.health import Health, State

NEARLY_FULL, FULL = 90, 97  # percent


@dataclass(frozen=True)
class Room:
    """A file system: bytes and files in all, and free for whoever is not root."""

    path: str
    total: int
    free: int
    files: int
    files_free: int
    read_only: bool

    @property
    def percent(self) -> int:
        """How full it is, of bytes or of files, whichever is worse; 0 where it does not count."""
        parts = ((self.total, self.free), (self.files, self.files_free))
        return max(round(100 * (total - free) / total) if total else 0 for total, free in parts)


def judge_room(rooms: Sequence[Room]) -> Health:
    """The worst of them tells the state. Figures stand in the evidence, so that the words do not flutter."""
    evidence = {"file_systems": [{**asdict(room), "percent": room.percent} for room in rooms]}
    worst = max(rooms, key=lambda room: (room.read_only, room.percent))
    state: State = "ok"
    message, advice = "There is room where Calypso writes.", ""
    if worst.read_only:
        state, message = "failed", f"{worst.path} is read-only."
        advice = "The kernel does this after errors of a disk: see its log, check the file system, and mount it again."
    elif worst.percent >= FULL:
        state, message = "failed", f"{worst.path} is full: {FULL} % or more."
        advice = "Make room: old logs, support bundles, packages. A database without room stops."
    elif worst.percent >= NEARLY_FULL:
        state, message = "degraded", f"{worst.path} is nearly full: {NEARLY_FULL} % or more."
        advice = "Make room: old logs, support bundles, packages."
    return Health(state=state, message=message, evidence=evidence, advice=advice)
