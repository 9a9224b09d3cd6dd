"""Silent damage on a disk, and what a scrub makes of it: repaired where there is redundancy, else files are lost."""

from __future__ import annotations

from typing import Any

from calypso.lab.disks import leaves
from calypso.lab.history import emit
from calypso.lab.state import State

BLOCK = 72_429  # bytes: 2,969,600 in 41 blocks, as recorded


def corrupt(leaf: dict[str, Any], blocks: int, files: list[str]) -> None:
    """Overwrite some blocks of a pool's disk behind ZFS's back. files: what is lost where nothing can repair it."""
    damage = leaf.setdefault("damage", {"blocks": 0, "files": []})
    damage["blocks"] += blocks
    damage["files"] += files


def repairable(pool: dict[str, Any], leaf: dict[str, Any]) -> bool:
    """Whether another disk of its vdev holds, or can give, the same blocks."""
    for vdevs in pool["groups"].values():
        for vdev in vdevs:
            if any(one is leaf for one in leaves(vdev)):
                return len(leaves(vdev)) > 1
    return False


def to_repair(pool: dict[str, Any]) -> int:
    """Bytes that a scrub of the pool will write."""
    found = (leaf for leaf in leaves(pool) if "damage" in leaf and repairable(pool, leaf))
    return sum(leaf["damage"]["blocks"] * BLOCK // 512 * 512 for leaf in found)


def scrubbed(state: State, pool: dict[str, Any]) -> None:
    """A scrub went over everything: count what it met, repair what can be."""
    pool["scan"]["errors"], pool["errors"], pool["errlist"] = 0, 0, []
    for leaf in leaves(pool):
        if "damage" not in leaf:
            continue
        damage = leaf["damage"]
        leaf["checksum"] += damage["blocks"] * (1 if repairable(pool, leaf) else 2)  # read again before given up
        emit(state, pool, "ereport.fs.zfs.checksum", vdev_guid=leaf["guid"], vdev_path=leaf["path"])
        if repairable(pool, leaf):
            leaf["healed"] = leaf.get("healed", 0) + damage["blocks"] * BLOCK // 512 * 512
            del leaf["damage"]
        else:
            pool["scan"]["errors"] += damage["blocks"]
            pool["errors"] += damage["blocks"]
            pool["errlist"] += damage["files"] or [f"{pool['name']}:<0x2>"]
