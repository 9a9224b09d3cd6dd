"""`zpool status -j`: what goes on in a pool (scan, removal, checkpoint, expansion), after zpool_main.c."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calypso.lab import activities
from calypso.lab.health import CLASS_OF, Health
from calypso.lab.scans import Progress
from calypso.lab.state import State

if TYPE_CHECKING:
    from calypso.lab.zpool.status_json import Numbers


def work(state: State, health: Health, numbers: Numbers) -> dict[str, Any]:
    """The pool's ``scan_stats``, ``removal_stats`` and so on, as far as there are."""
    pool = health.pool
    found: dict[str, Any] = {"scan_stats": _scan(health.scan, numbers)} if health.scan else {}
    if pool.get("removal"):
        found["removal_stats"] = _removal(state, pool["removal"], numbers)
    if pool.get("checkpoint"):
        found["checkpoint_stats"] = _checkpoint(state, pool["checkpoint"], numbers)
    if pool.get("expansion"):
        found["raidz_expand_stats"] = _expansion(state, pool["expansion"], numbers)
    return found


def _scan(scan: Progress, numbers: Numbers) -> dict[str, Any]:
    function, word = scan.state.upper().split()
    size, moment, exact = numbers.size, numbers.moment, numbers.exact
    return {
        "function": function,
        "state": "SCANNING" if word == "PAUSED" else word,
        "start_time": moment(scan.start),
        "end_time": moment(scan.end),
        "to_examine": size(scan.total, "B"),
        "examined": size(scan.total, "B"),
        "skipped": size(0, "B"),
        "processed": size(scan.processed, "B"),
        "errors": size(scan.errors),
        "bytes_per_scan": size(0, "B"),
        "pass_start": exact(scan.pass_start),
        "scrub_pause": moment(scan.paused_at),
        "scrub_spent_paused": exact(scan.spent_paused),
        "issued_bytes_per_scan": size(scan.issued, "B"),
        "issued": size(scan.issued, "B"),
    }


def _about(work_: dict[str, Any], numbers: Numbers, word: str) -> dict[str, Any]:
    name = {"name": work_["name"], "vdev_type": work_["kind"], "guid": numbers.exact(work_["guid"])}
    return {**name, "class": CLASS_OF[work_["role"]], "state": word}


def _word(state: State, work_: dict[str, Any]) -> str:
    found = activities.word(state, work_)
    return {"COMPLETE": "FINISHED", "CANCELED": "CANCELED"}.get(found, "SCANNING")


def _times(state: State, work_: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    complete = activities.word(state, work_) == "COMPLETE"
    end = work_.get("canceled") or (activities.ended(work_) if complete else 0)
    return {"start_time": numbers.moment(work_["start"]), "end_time": numbers.moment(end)}


def _removal(state: State, removal: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    found = _about(removal, numbers, _word(state, removal))
    found["removing_vdev"] = numbers.exact(removal["number"])
    found |= _times(state, removal, numbers)
    found |= {"to_copy": numbers.size(removal["size"], "B")}
    found["copied"] = numbers.size(activities.done(state, removal), "B")
    memory = removal["memory"] if removal.get("settled") else 0
    return found | {"mapping_memory": numbers.size(memory, "B")}


def _checkpoint(state: State, checkpoint: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    space, word = checkpoint["space"], "EXISTS"
    if checkpoint.get("discard"):
        space, word = space - activities.done(state, checkpoint["discard"]), "DISCARDING"
    return {"state": word, "start_time": numbers.moment(checkpoint["start"]), "space": numbers.size(space, "B")}


def _expansion(state: State, expansion: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    found = _about(expansion, numbers, _word(state, expansion))
    found["expanding_vdev"] = numbers.exact(expansion["number"])
    found |= _times(state, expansion, numbers)
    found["to_reflow"] = numbers.size(expansion["size"], "B")
    found["reflowed"] = numbers.size(activities.done(state, expansion), "B")
    return found | {"waiting_for_resilver": numbers.exact(0)}
