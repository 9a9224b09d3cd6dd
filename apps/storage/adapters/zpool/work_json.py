"""`zpool status -j`: what goes on in a pool: scan, removal, expansion, checkpoint."""

from __future__ import annotations

from typing import Any, Literal

from apps.storage.adapters.zpool import json_values as values
from apps.storage.adapters.zpool.model import Checkpoint, Expansion, Function, Removal, Scan

_SLOWEST_ESTIMATE = 10 * 1024 * 1024  # bytes/s; below it zpool gives no estimate
_STATES: dict[str, Literal["in_progress", "finished", "canceled"]] = {
    "SCANNING": "in_progress",
    "FINISHED": "finished",
    "CANCELED": "canceled",
}


def scan(scanned: dict[str, Any], now: float | None) -> Scan | None:
    state = values.text(scanned, "state")
    function: Function = "resilver" if values.text(scanned, "function") == "RESILVER" else "scrub"
    if state == "FINISHED":
        start, end = values.moment(scanned, "start_time"), values.moment(scanned, "end_time")
        return Scan(function, "finished", start, end, errors=values.count(scanned, "errors"))
    if state == "CANCELED":
        return Scan(function, "canceled", ended_at=values.moment(scanned, "end_time"))
    if state != "SCANNING":
        return None
    start, percent = values.moment(scanned, "start_time"), _percent(*_work(scanned))
    if values.moment(scanned, "scrub_pause"):
        return Scan("scrub", "paused", start, percent=percent)
    return Scan(function, "in_progress", start, percent=percent, seconds_to_go=_to_go(scanned, now))


def _work(scanned: dict[str, Any]) -> tuple[int, int]:
    """(bytes issued, bytes to issue in all)."""
    total = values.whole(scanned.get("to_examine", 0)) - values.whole(scanned.get("skipped", 0))
    return values.whole(scanned.get("issued", 0)), total


def _percent(done: int, total: int) -> float:
    return round(100 * done / total, 2) if total > 0 else 0.0


def _to_go(scanned: dict[str, Any], now: float | None) -> int | None:
    begun = values.moment(scanned, "pass_start")
    if now is None or begun is None:
        return None
    elapsed = max(1, int(now) - begun - values.whole(scanned.get("scrub_spent_paused", 0)))
    issued, total = _work(scanned)
    rate = values.whole(scanned.get("issued_bytes_per_scan", 0)) // elapsed
    return (total - issued) // rate if rate >= _SLOWEST_ESTIMATE and total >= issued else None


def removal(pool: dict[str, Any]) -> Removal | None:
    """The latest evacuation of a vdev."""
    told = _told(pool, "removal_stats", ("copied", "to_copy"))
    return Removal(*told) if told else None


def expansion(pool: dict[str, Any]) -> Expansion | None:
    """The latest growth of a raidz."""
    told = _told(pool, "raidz_expand_stats", ("reflowed", "to_reflow"))
    return Expansion(values.text(values.record(pool["raidz_expand_stats"]), "name"), *told) if told else None


def _told(
    pool: dict[str, Any], key: str, amounts: tuple[str, str]
) -> tuple[Literal["in_progress", "finished", "canceled"], int | None, int | None, float | None] | None:
    work = values.record(pool.get(key, {}))
    state = _STATES.get(values.text(work, "state")) if work else None
    if state is None:
        return None
    if state != "in_progress":
        return state, None, values.moment(work, "end_time"), None
    done, total = (values.whole(work.get(name, 0)) for name in amounts)
    return state, values.moment(work, "start_time"), None, _percent(done, total)


def checkpoint(pool: dict[str, Any]) -> Checkpoint | None:
    stats = values.record(pool.get("checkpoint_stats", {}))
    state = values.text(stats, "state") if stats else ""
    if state == "EXISTS":
        return Checkpoint("exists", values.moment(stats, "start_time"))
    return Checkpoint("discarding") if state == "DISCARDING" else None
