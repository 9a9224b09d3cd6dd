"""`zpool status` as text: what goes on in a pool: scan, removal, expansion, checkpoint, trim, initialisation."""

from __future__ import annotations

import re
from typing import Literal

from apps.storage.adapters.zpool.model import Activity, Checkpoint, Expansion, Function, Removal, Scan
from apps.storage.adapters.zpool.values import DATE, DURATION, duration, garbage, timestamp

_KIND = r"(?:\(\S+\) )?"  # a sequential rebuild names its vdev: "resilver (mirror-0) in progress"
_ENDED = re.compile(
    rf"(?:scrub repaired|resilvered) {_KIND}\S+ in ({DURATION}) with ([0-9]{{1,20}}) errors on ({DATE})"
)
_CANCELED = re.compile(rf"(scrub|resilver) {_KIND}canceled on ({DATE})")
_RUNNING = re.compile(rf"(scrub|resilver) {_KIND}in progress since ({DATE})")
_PAUSED = re.compile(rf"scrub paused since {DATE}.*scrub started on ({DATE})")
_PERCENT = re.compile(r"([0-9]{1,3}\.[0-9]{2})% done")
_TO_GO = re.compile(rf"% done, ({DURATION}) to go")
_EVACUATING = re.compile(rf"Evacuation of .* in progress since ({DATE})")
_REMOVED = re.compile(rf"Removal of vdev .* completed on ({DATE})")
_REMOVAL_CANCELED = re.compile(rf"Removal of .* canceled on ({DATE})")
_EXPANDING = re.compile(rf"expansion of (\S+) in progress since ({DATE})")
_EXPANDED = re.compile(rf"expanded (\S+) copied .* on ({DATE})")
_CHECKPOINT = re.compile(rf"created ({DATE})")
_ACTIVITY = re.compile(rf"\(([0-9]{{1,3}})% (trimm|initializ)ed, (suspended, |)(started|completed) at ({DATE})\)")


def scan(words: str) -> Scan | None:
    if ended := _ENDED.search(words):
        end = timestamp(ended[3])
        return Scan(
            "scrub" if words.startswith("scrub") else "resilver",
            "finished",
            started_at=end - duration(ended[1]),
            ended_at=end,
            errors=int(ended[2]),
        )
    if canceled := _CANCELED.search(words):
        return Scan(_function(canceled[1]), "canceled", ended_at=timestamp(canceled[2]))
    if paused := _PAUSED.search(words):
        return Scan("scrub", "paused", started_at=timestamp(paused[1]), percent=_percent(words))
    if running := _RUNNING.search(words):
        to_go = _TO_GO.search(words)
        return Scan(
            _function(running[1]),
            "in_progress",
            started_at=timestamp(running[2]),
            percent=_percent(words),
            seconds_to_go=duration(to_go[1]) if to_go else None,
        )
    if words in ("", "none requested"):
        return None
    garbage("a scan line of an unknown form", words)


def _function(word: str) -> Function:
    return "scrub" if word == "scrub" else "resilver"


def _percent(words: str) -> float | None:
    found = _PERCENT.search(words)
    return float(found[1]) if found else None


def removal(words: str) -> Removal | None:
    """The latest evacuation of a vdev."""
    if running := _EVACUATING.search(words):
        return Removal("in_progress", timestamp(running[1]), None, _percent(words))
    for state, pattern in _ENDS_OF_REMOVAL:
        if ended := pattern.search(words):
            return Removal(state, None, timestamp(ended[1]))
    return None


_ENDS_OF_REMOVAL: tuple[tuple[Literal["finished", "canceled"], re.Pattern[str]], ...] = (
    ("finished", _REMOVED),
    ("canceled", _REMOVAL_CANCELED),
)


def expansion(words: str) -> Expansion | None:
    """The latest growth of a raidz."""
    if running := _EXPANDING.search(words):
        return Expansion(running[1], "in_progress", timestamp(running[2]), None, _percent(words))
    if ended := _EXPANDED.search(words):
        return Expansion(ended[1], "finished", None, timestamp(ended[2]))
    return None


def checkpoint(words: str) -> Checkpoint | None:
    if created := _CHECKPOINT.search(words):
        return Checkpoint("exists", timestamp(created[1]))
    return Checkpoint("discarding") if words.startswith("discarding") else None


def activity(tail: str, verb: Literal["trimm", "initializ"]) -> Activity | None:
    """The trim or initialisation that a disk's row ends with."""
    for percent, word, suspended, deed, at in _ACTIVITY.findall(tail):
        if word == verb:
            if deed == "completed":
                return Activity("complete", int(percent), timestamp(at))
            return Activity("suspended" if suspended else "active", int(percent), timestamp(at))
    return None
