"""A big box made at once, for benchmarks: disks, pools over them, datasets in the pools, snapshots of the datasets."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from calypso.lab import bays, contents
from calypso.lab.disks import BY_ID
from calypso.lab.history import emit
from calypso.lab.schema import LIVE
from calypso.lab.state import State, clock, new_guid
from calypso.lab.zfs import space

DISK = 4_000_787_030_016
DATA = 64 * 1024**2  # bytes of each dataset
CHANGED = 65_536  # bytes, times 1 to 4, that only one snapshot holds
HOUR = 3600
LEVEL = 10  # datasets beside each other; every tenth is a volume
FIRST_TXG = 10
SNAPSHOT = (
    "INSERT INTO snapshots (dataset, name, guid, created, txg, referenced, logical, used, written)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
DATASET = (
    "INSERT INTO datasets (id, pool, name, type, guid, created, txg, mounted, properties, referenced, logical, owned,"
    " fresh, snapped, snapshots_changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def fill(state: State, *, pools: int, disks: int, datasets: int, snapshots: int) -> None:
    """Add so many of each to the box; pools are named fill001 and so on."""
    first = len(state["disks"])
    new = [bays.disk(first + n, DISK, "HDD ST4000NM0025") for n in range(disks)]
    state["disks"] += new
    width = max(1, disks // pools) if pools else 0
    taken = {pool["name"] for key in ("pools", "exported") for pool in state[key]}
    free = (name for number in count(1) if (name := f"fill{number:03d}") not in taken)
    made = [_pool(state, next(free), new[n * width : (n + 1) * width]) for n in range(pools)]
    each, more = divmod(datasets, pools) if pools else (0, 0)
    per, rest = divmod(snapshots, datasets) if datasets else (0, 0)
    for place, pool in enumerate(made):
        here = each + (place < more)
        extra = min(rest, here)
        rest -= extra
        _datasets(state, pool, here, per, extra)


def _pool(state: State, name: str, disks: list[bays.Disk]) -> dict[str, Any]:
    kind, parity = ("raidz", 2) if len(disks) > 3 else ("mirror", 0)
    members = [_leaf(disk) for disk in disks]
    group = {"kind": kind, "parity": parity, "number": 0, "guid": new_guid(), "children": members}
    pool = copy.deepcopy(BLANK) | {
        "name": name,
        "guid": new_guid(),
        "load_guid": new_guid(),
        "created": int(clock(state)),
        "groups": {"data": [group] if len(members) > 1 else members},
        "allocated": 10 * CHANGED,
    }
    state["pools"].append(pool)
    contents.begin(state, pool, {"compression": "lz4", "atime": "off"})
    emit(state, pool, "sysevent.fs.zfs.pool_create")
    return pool


def _leaf(disk: bays.Disk) -> dict[str, Any]:
    counters = {"read": 0, "write": 0, "checksum": 0}
    path = BY_ID + disk["id"]
    leaf = {"kind": "disk", "disk": disk["name"], "path": path, "guid": new_guid(), "offline": False, "fault": ""}
    return leaf | counters


BLANK: dict[str, Any] = {
    "properties": {}, "disabled_features": [], "altroot": "", "readonly": False, "suspended": False, "errors": 0,
    "lost": [], "spares_in_use": {}, "scan": None,
}  # fmt: skip


def names(wanted: int) -> Iterator[str]:
    """Names of datasets, parents first: data0, data0/part0, data0/part1 …, data1 …"""
    for number in range(wanted):
        level, place = divmod(number, LEVEL + 1)
        yield f"data{level:03d}" + (f"/part{place - 1}" if place else "")


def _datasets(state: State, pool: dict[str, Any], wanted: int, per: int, extra: int) -> None:
    db, now = state.db, int(clock(state))
    first = db.execute("SELECT max(id) FROM datasets").fetchone()[0] + 1
    mounts = db.execute("SELECT max(mounted) FROM datasets").fetchone()[0]
    datasets, snapshots, blocks, total = [], [], [], 0
    for place, name in enumerate(names(wanted)):
        dataset, depth = first + place, per + (place < extra)
        held = [CHANGED * (n % 4 + 1) for n in range(depth)]
        volume = name.endswith(f"part{LEVEL - 1}")
        figures = (DATA, DATA, DATA, 0 if depth else DATA, sum(held), now - HOUR if depth else 0)
        head = (dataset, pool["guid"], name, "volume" if volume else "filesystem", new_guid(), now - 400 * HOUR * 24, 2)
        datasets.append((*head, 0 if volume else mounts + place + 1, _properties(place, volume), *figures))
        blocks.append((dataset, 2, LIVE, DATA, DATA))
        for n, size in enumerate(held):
            txg = FIRST_TXG + 2 * n
            blocks.append((dataset, txg - 1, txg + 1, size, size))
            sizes = (DATA + size, DATA + size, size, size if n else DATA + size)
            when = now - HOUR * (depth - n)
            snapshots.append((dataset, f"auto-{n:05d}", new_guid(), when, txg, *sizes))
        total += DATA + sum(held)
    db.executemany(DATASET, datasets)
    db.executemany(SNAPSHOT, snapshots)
    db.executemany("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", blocks)
    pool["txg"] = FIRST_TXG + 2 * (per + 1) + 1
    space.allocate(state, pool, total)


def _properties(place: int, volume: bool) -> str:
    if volume:
        return json.dumps({"volsize": str(2 * DATA)})
    found = {"quota": str(1024 * DATA)} if place % 3 == 0 else {}
    found |= {"recordsize": "1048576"} if place % 5 == 0 else {}
    found |= {"calypso:note": f"number {place}"} if place % 7 == 0 else {}
    return json.dumps(found) if found else "{}"
