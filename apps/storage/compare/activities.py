"""What goes on in a pool, with how far it is, how fast, and when it will be done: samples. Pure.

Scrubs, resilvers, replacements and removals begin and end by PoolChanged; trims, initialisations and expansions, which
are no field of the pool, by events of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.storage.adapters.zpool import Vdev
from apps.storage.compare.pools import SeenPool
from apps.storage.domain.observed import Work, WorkEnded, WorkStarted

Sample = dict[str, Any]  # kind, vdev, state, percent, started_at, rate, seconds_to_go, at
RUNNING = ("in_progress", "active")
WORKS: tuple[Work, ...] = ("trim", "initialize", "expand")
SHORTEST = 0.5  # seconds between two looks that tell a speed


def activities(seen: SeenPool, before: Sequence[Mapping[str, Any]], now: float) -> list[Sample]:
    """What is going on or paused now; ``before`` is the sample of the look before. Times in Unix seconds, bytes/s."""
    earlier = {(each["kind"], each["vdev"]): each for each in before}
    found = [*_of_the_pool(seen), *_of_disks(seen)]
    return [_timed(each, total, earlier.get((each["kind"], each["vdev"])), now) for each, total in found]


def _of_the_pool(seen: SeenPool) -> Iterable[tuple[Sample, int]]:
    status, allocated = seen.status, seen.info.allocated
    if (scan := status.scan) and scan.state in ("in_progress", "paused"):
        kind = "replace" if scan.function == "resilver" and _has(status.groups, "replacing") else scan.function
        each = _sample(kind, "", scan.state, scan.percent, scan.started_at)
        yield each | {"to_go": scan.seconds_to_go}, allocated
    if (removal := status.removal) and removal.state == "in_progress":
        yield _sample("remove", "", removal.state, removal.percent, removal.started_at), allocated
    if (expansion := status.expansion) and expansion.state == "in_progress":
        each = _sample("expand", expansion.vdev, expansion.state, expansion.percent, expansion.started_at)
        yield each, allocated


def _of_disks(seen: SeenPool) -> Iterable[tuple[Sample, int]]:
    leaves = seen.status.leaves()
    size = seen.info.size // max(1, len(leaves))  # a disk's share: the tool tells percent only
    for _, leaf in leaves:
        for kind, work in (("trim", leaf.trim), ("initialize", leaf.initialize)):
            if work and work.state != "complete":
                yield _sample(kind, leaf.name, work.state, float(work.percent), work.at), size


def _has(groups: Iterable[tuple[str, Sequence[Vdev]]], kind: str) -> bool:
    waiting = [vdev for _, vdevs in groups for vdev in vdevs]
    while waiting:
        vdev = waiting.pop()
        if vdev.type == kind:
            return True
        waiting += vdev.children
    return False


def _sample(kind: str, vdev: str, state: str, percent: float | None, started_at: int | None) -> Sample:
    return {"kind": kind, "vdev": vdev, "state": state, "percent": percent or 0.0, "started_at": started_at}


def _timed(each: Sample, total: int, before: Mapping[str, Any] | None, now: float) -> Sample:
    """Speed since the look before; at the first look, and when it stood still, since it began."""
    to_go, percent = each.pop("to_go", None), each["percent"]
    pace = 0.0  # percent a second
    if before and now - before["at"] >= SHORTEST and percent > before["percent"]:
        pace = (percent - before["percent"]) / (now - before["at"])
    elif each["started_at"] and now > each["started_at"]:
        pace = percent / (now - each["started_at"])
    running = each["state"] in RUNNING
    rate = round(total * pace / 100) if running and pace else None
    if to_go is None and running and pace:
        to_go = round((100 - percent) / pace)
    return {**each, "rate": rate, "seconds_to_go": to_go, "at": now}


def work_facts(
    pool: UUID, name: str, before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> list[WorkStarted | WorkEnded]:
    """The starts and ends between two looks, one event for all disks that began or ended together."""
    ran, runs = _running(before), _running(now)
    facts: list[WorkStarted | WorkEnded] = []
    for work in WORKS:
        if ended := sorted(ran[work] - runs[work]):
            facts.append(WorkEnded(pool=pool, name=name, work=work, vdevs=tuple(ended)))
        if started := sorted(runs[work] - ran[work]):
            facts.append(WorkStarted(pool=pool, name=name, work=work, vdevs=tuple(started)))
    return facts


def _running(samples: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in samples:
        if each["state"] in RUNNING:
            found[each["kind"]].add(each["vdev"])
    return found
