"""What zpool(8) checks before it takes disks: get_replication() and its like in zpool_vdev.c."""

from __future__ import annotations

import os
from typing import Any

from calypso.lab import disks
from calypso.lab.options import UNPRIVILEGED, Refused
from calypso.lab.sizes import phys_space
from calypso.lab.state import State
from calypso.lab.zpool.spec import Groups, every

OVERRIDE = "invalid vdev specification\nuse '-f' to override the following errors:\n"
REPAIR = "invalid vdev specification\nthe following errors must be manually repaired:\n"
FUZZ = 64 * 1024**2  # bytes: ZPOOL_FUZZ is 16 MiB; labels and alignment take the rest

Level = tuple[str, int, int]  # kind, parity, disks


def check_use(state: State, groups: Groups, *, force: bool) -> None:
    """Refuse disks that belong to an imported pool or are mounted, and without force those that hold something."""
    lines = []
    for role, vdevs in groups.items():
        for leaf in disks.leaves({"groups": {role: vdevs}}):
            if role == "spare":
                _check_spare(state, leaf, force=force)
            else:
                _check_busy(state, leaf)
            lines += _holds(state, leaf)
    if lines and not force:
        raise Refused(OVERRIDE + "".join(lines))


def _check_busy(state: State, leaf: dict[str, Any]) -> None:
    disk = disks.named(state, leaf["disk"])
    if disks.pool_of(state, leaf["disk"])[1] == "active":
        raise Refused(f"{leaf['path']} is in use and contains a unknown filesystem.\n")
    if disk.get("mounted") or disk.get("holder") or any(p.get("mountpoint") for p in disk.get("partitions", [])):
        raise Refused(f"{leaf['path']} is in use and contains a {disk['fstype'] or 'unknown'} filesystem.\n")


def _check_spare(state: State, leaf: dict[str, Any], *, force: bool) -> None:
    """A hot spare may be shared by pools; a disk of a pool may not become one."""
    pool, word = disks.pool_of(state, leaf["disk"])
    if word != "active":
        return _check_busy(state, leaf)
    owner = next(found for found in state["pools"] if found["name"] == pool)
    if not any(spare["disk"] == leaf["disk"] for spare in owner["groups"].get("spare", [])):
        head = REPAIR if force else OVERRIDE
        raise Refused(f"{head}{disks.partition(leaf['path'])} is part of active pool '{pool}'\n")
    return None


def _holds(state: State, leaf: dict[str, Any]) -> list[str]:
    pool, word = disks.pool_of(state, leaf["disk"])
    disk = disks.named(state, leaf["disk"])
    if word == "exported":
        foreign = any(found["name"] == pool and found.get("foreign_host") for found in state["exported"])
        kind = "potentially active" if foreign else "exported"
        return [f"{disks.partition(leaf['path'])} is part of {kind} pool '{pool}'\n"]
    parts = [part for part in disk.get("partitions", []) if part["fstype"]]
    if parts:
        base = disks.partition(leaf["path"])[:-1]
        return [f"{base}{part['number']} contains a filesystem of type '{part['fstype']}'\n" for part in parts]
    return [f"{leaf['path']} contains a filesystem of type '{disk['fstype']}'\n"] if disk["fstype"] and not word else []


def check_replication(state: State, groups: Groups, pool: dict[str, Any] | None = None) -> None:
    """The new vdevs must be alike, and like those of the pool that they are added to. Logs and caches may differ."""
    wished = [vdev for role in ("data", "special", "dedup") for vdev in groups.get(role, [])]
    current = _pool_level(pool) if pool else None
    if pool and current is None:
        return
    first: Level | None = None
    for vdev in wished:
        sizes = [phys_space(state, leaf) for leaf in disks.leaves(vdev)]
        if max(sizes) - min(sizes) > FUZZ:
            raise Refused(f"{OVERRIDE}{vdev['kind']} contains devices of different sizes\n")
        if first is not None:
            _refuse(_both(first, level(vdev)))
        first = first or level(vdev)
    if current and first:
        _refuse(_against(current, first))


def level(vdev: dict[str, Any]) -> Level:
    return vdev["kind"], vdev.get("parity", 0), len(vdev.get("children", [1]))


def _pool_level(pool: dict[str, Any]) -> Level | None:
    """The replication of a pool; None where it is mixed already."""
    vdevs = [vdev for role in ("data", "special", "dedup") for vdev in pool["groups"].get(role, [])]
    levels = {level(vdev) for vdev in vdevs if vdev["kind"] != "indirect"}
    return levels.pop() if len(levels) == 1 else None


def _refuse(what: str) -> None:
    if what:
        raise Refused(f"{OVERRIDE}mismatched replication level: {what}\n")


def _both(one: Level, other: Level) -> str:
    if {one[0], other[0]} == {"raidz", "mirror"}:
        redundancy = [parity or width - 1 for _, parity, width in (one, other)]
        if redundancy[0] == redundancy[1]:
            return ""
        found = f"{one[0]} and {other[0]} vdevs with different redundancy, {redundancy[0]} vs. {redundancy[1]}"
        return f"{found} ({other[2]}-way) are present"
    if one[0] != other[0]:
        return f"both {one[0]} and {other[0]} vdevs are present"
    if one[1] != other[1]:
        return f"both {one[1]} and {other[1]} device parity {one[0]} vdevs are present"
    return f"both {one[2]}-way and {other[2]}-way {one[0]} vdevs are present" if one[2] != other[2] else ""


def _against(current: Level, new: Level) -> str:
    if {current[0], new[0]} == {"raidz", "mirror"}:
        raidz, mirror = (current, new) if current[0] == "raidz" else (new, current)
        if raidz[1] == mirror[2] - 1:
            return ""
        found = f"pool and new vdev with different redundancy, raidz and mirror vdevs, {raidz[1]} vs. {mirror[2] - 1}"
        return f"{found} ({mirror[2]}-way)"
    if current[0] != new[0]:
        return f"pool uses {current[0]} and new vdev is {new[0]}"
    if current[1] != new[1]:
        return f"pool uses {current[1]} device parity and new vdev uses {new[1]}"
    found = f"pool uses {current[2]}-way {current[0]} and new vdev uses {new[2]}-way {new[0]}"
    return found if current[2] != new[2] else ""


def check_twice(words: str, groups: Groups) -> None:
    """words: ``cannot create 'tank'``."""
    names = [leaf["disk"] for leaf in every(groups)]
    if len(names) != len(set(names)):
        why = "one or more vdevs refer to the same device, or one of\nthe devices is part of an active md or lvm device"
        raise Refused(f"{words}: {why}\n")


def check_privilege(words: str, groups: Groups) -> None:
    if os.environ.get(UNPRIVILEGED):
        raise Refused(f"cannot open '{every(groups)[0]['path']}': Permission denied\n{words}: permission denied\n")
