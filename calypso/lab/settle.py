"""What has come due: a finished resilver lets go of the replaced disk, a finished evacuation leaves an indirect vdev …

The state keeps when work began; whoever looks first after its end carries out what follows from the end.
"""

from __future__ import annotations

from typing import Any

from calypso.lab import activities
from calypso.lab.damage import scrubbed
from calypso.lab.disks import named
from calypso.lab.history import emit
from calypso.lab.scans import progress
from calypso.lab.state import State, change, read

Pool = dict[str, Any]


def settled() -> None:
    """Bring the state file up to the lab's time; written only when something came due."""
    if settle(read()):
        with change() as state:
            settle(state)


def settle(state: State) -> bool:
    """Carry out what is due; whether anything was."""
    rules = (_scan_ended, _evacuated, _expanded, _discarded)
    done = [rule(state, pool) for pool in state["pools"] if not pool["suspended"] for rule in rules]
    return any(done)


def _scan_ended(state: State, pool: Pool) -> bool:
    scan = pool["scan"]
    if not scan or scan.get("settled"):
        return False
    now = progress(state, scan)
    if not now.state.endswith("finished"):
        return False
    scan["settled"] = True
    if scan["function"] == "scrub":
        scrubbed(state, pool)
    else:
        for vdevs in pool["groups"].values():
            _let_go(state, vdevs, now.disks)
        _free_spares(pool)
        _grow(pool)
    emit(state, pool, f"sysevent.fs.zfs.{scan['function']}_finish")
    return True


def _let_go(state: State, vdevs: list[dict[str, Any]], resilvered: tuple[str, ...]) -> None:
    """In each replacing vdev, the resilvered disk takes the place of the pair, and keeps its size until it may grow."""
    for index, child in enumerate(vdevs):
        _let_go(state, child.get("children", []), resilvered)
        if child["kind"] == "replacing":
            new = child["children"][-1]
            if new["disk"] in resilvered and named(state, new["disk"])["attached"]:
                vdevs[index] = new | ({"limit": child["limit"]} if "limit" in child else {})


def _free_spares(pool: Pool) -> None:
    """A hot spare is given back when the disk that it stood in for was replaced."""
    for lost in list(pool["spares_in_use"]):
        for vdev in pool["groups"]["data"]:
            for index, child in enumerate(vdev.get("children", [])):
                first = child["children"][0] if child["kind"] == "spare" else {}
                spare = pool["spares_in_use"][lost]
                if first.get("disk", lost) != lost and child["children"][1]["disk"] == spare:
                    vdev["children"][index] = first
                    del pool["spares_in_use"][lost]
                    return _free_spares(pool)
    return None


def _grow(pool: Pool) -> None:
    """With autoexpand, a vdev takes the size of its smallest disk as soon as it can."""
    if pool["properties"].get("autoexpand") == "on":
        for vdev in pool["groups"]["data"]:
            vdev.pop("limit", None)


def _evacuated(state: State, pool: Pool) -> bool:
    removal = pool.get("removal")
    if not removal or removal.get("settled") or activities.word(state, removal) != "COMPLETE":
        return False
    removal["settled"] = True
    group = pool["groups"][removal["role"]]
    place = next(place for place, vdev in enumerate(group) if vdev["guid"] == removal["guid"])
    group[place] = {"kind": "indirect", "number": removal["number"], "guid": removal["guid"]}
    emit(state, pool, "sysevent.fs.zfs.vdev_remove_dev")
    return True


def _expanded(state: State, pool: Pool) -> bool:
    expansion = pool.get("expansion")
    if not expansion or expansion.get("settled") or activities.word(state, expansion) != "COMPLETE":
        return False
    expansion["settled"] = True
    for vdev in pool["groups"]["data"]:
        if vdev["guid"] == expansion["guid"]:
            vdev.pop("expanding", None)
    return True


def _discarded(state: State, pool: Pool) -> bool:
    checkpoint = pool.get("checkpoint")
    if not checkpoint or not checkpoint.get("discard"):
        return False
    if activities.word(state, checkpoint["discard"]) != "COMPLETE":
        return False
    pool["checkpoint"] = None
    return True
