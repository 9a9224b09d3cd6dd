"""The lines of `zpool status` about work on a pool: scan, remove, checkpoint, expand (zpool_main.c)."""

from __future__ import annotations

import time
from typing import Any

from calypso.lab import activities
from calypso.lab.activities import Activity
from calypso.lab.health import Health
from calypso.lab.scans import Progress
from calypso.lab.sizes import nice
from calypso.lab.state import State, clock

SLOWEST_ESTIMATE = 10 * 1024 * 1024  # bytes/s
LONGEST_ESTIMATE = 30 * 24 * 3600  # seconds


def work_lines(state: State, health: Health) -> str:
    """All of them."""
    pool, now = health.pool, clock(state)
    lines = f"  scan: {scan_words(health.scan, now)}" if health.scan else ""
    if health.scan and pool.get("checkpoint") and _overlaps(health.scan, pool["checkpoint"]):
        verb = "skipping" if health.scan.end == 0 else "skipped"
        lines += f"    scan warning: {verb} blocks that are only referenced by the checkpoint.\n"
    if pool.get("removal"):
        lines += f"remove: {_removal(state, pool['removal'])}"
    if pool.get("checkpoint"):
        lines += f"checkpoint: {_checkpoint(state, pool['checkpoint'])}"
    if pool.get("expansion"):
        lines += f"expand: {_expansion(state, pool['expansion'])}"
    return lines


def _overlaps(scan: Progress, checkpoint: dict[str, Any]) -> bool:
    return not checkpoint.get("discard") and (scan.end == 0 or scan.end >= int(checkpoint["start"]))


def scan_words(scan: Progress, now: float) -> str:
    """The words after ``scan:``, with their line ends."""
    function, word = scan.state.split()
    did = nice(scan.processed, "B")
    if word == "finished":
        what = f"scrub repaired {did}" if function == "scrub" else f"resilvered {did}"
        return f"{what} in {clock_words(scan.end - scan.start)} with {scan.errors} errors on {ctime(scan.end)}\n"
    if word == "canceled":
        return f"{function} canceled on {ctime(scan.end)}\n"
    if word == "paused":
        first = f"scrub paused since {ctime(scan.paused_at)}\n\tscrub started on {ctime(scan.start)}\n"
        return first + _progress(scan, did, rate=0) + "\n"
    elapsed = max(1, int(now) - scan.pass_start - scan.spent_paused)
    rate = scan.issued // elapsed
    left = (scan.total - scan.issued) // rate if rate else 0
    to_go = f"{clock_words(left)} to go" if rate >= SLOWEST_ESTIMATE else "no estimated completion time"
    return f"{function} in progress since {ctime(scan.start)}\n{_progress(scan, did, rate)}, {to_go}\n"


def _progress(scan: Progress, did: str, rate: int) -> str:
    total, issued = nice(scan.total, "B"), nice(scan.issued, "B")
    speed = f" at {nice(rate, 'B')}/s" if rate else ""
    share = 100 * scan.issued / scan.total if scan.total else 100.0
    verb = "repaired" if scan.function == "scrub" else "resilvered"
    return f"\t{total} / {total} scanned, {issued} / {total} issued{speed}\n\t{did} {verb}, {share:.2f}% done"


def _removal(state: State, removal: Activity) -> str:
    copied, total = activities.done(state, removal), removal["size"]
    if removal.get("canceled"):
        return f"Removal of {removal['name']} canceled on {ctime(removal['canceled'])}\n"
    if removal.get("settled"):
        minutes = int(removal["seconds"]) // 60
        took, when = f"{minutes // 60}h{minutes % 60}m", ctime(activities.ended(removal))
        memory = f"\t{nice(removal['memory'])} memory used for removed device mappings\n"
        return f"Removal of vdev {removal['number']} copied {nice(copied)} in {took}, completed on {when}\n{memory}"
    rate = _rate(state, removal, copied)
    minutes = (total - copied) // rate // 60
    share = 100 * max(1, copied) / total if total else 100.0
    went = f"\t{nice(max(1, copied))} copied out of {nice(total)} at {nice(rate)}/s, {share:.2f}% done"
    to_go = f", {minutes // 60}h{minutes % 60}m to go\n"
    if minutes * 60 >= LONGEST_ESTIMATE:
        to_go = ", (copy is slow, no estimated time)\n"
    return f"Evacuation of {removal['kind']} in progress since {ctime(removal['start'])}\n{went}{to_go}"


def _rate(state: State, activity: Activity, copied: int) -> int:
    elapsed = max(1, int(clock(state)) - int(activity["start"]))
    return max(1, max(1, copied) // elapsed)


def _checkpoint(state: State, checkpoint: dict[str, Any]) -> str:
    if checkpoint.get("discard"):
        left = checkpoint["space"] - activities.done(state, checkpoint["discard"])
        return f"discarding, {nice(left)} remaining.\n"
    return f"created {ctime(checkpoint['start'])}, consumes {nice(checkpoint['space'])}\n"


def _expansion(state: State, expansion: Activity) -> str:
    copied, total = activities.done(state, expansion), expansion["size"]
    if expansion.get("settled"):
        took, when = clock_words(int(expansion["seconds"])), ctime(activities.ended(expansion))
        return f"expanded {expansion['name']} copied {nice(copied)} in {took}, on {when}\n"
    rate = _rate(state, expansion, copied)
    share = 100 * max(1, copied) / total if total else 100.0
    left = (total - copied) // rate
    to_go = clock_words(left) + " to go" if left < LONGEST_ESTIMATE else "(copy is slow, no estimated time)"
    went = f"\t{nice(max(1, copied))} / {nice(total)} copied at {nice(rate)}/s, {share:.2f}% done, {to_go}\n"
    return f"expansion of {expansion['name']} in progress since {ctime(expansion['start'])}\n{went}"


def clock_words(seconds: int) -> str:
    """``00:01:21`` or ``2 days 00:01:21``."""
    days, rest = divmod(seconds, 86400)
    clock_ = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days} days {clock_}" if days else clock_


def ctime(seconds: float) -> str:
    """A date as ctime(3) writes it, in the zone of TZ."""
    return time.ctime(int(seconds))
