"""What the disk tools share: finding the lab's disk, and what their writing does to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from calypso.lab import contents, disks
from calypso.lab.bays import Disk
from calypso.lab.damage import corrupt
from calypso.lab.state import VARIABLE, State, change

TEXTS = {"away": "No such file or directory", "busy": "Device or resource busy", "broken": "Input/output error"}
SECONDS = "CALYPSO_LAB_WIPE_SECONDS"
WHOLE_DISK = 30.0  # seconds that it takes to go over a disk once, whatever its size
SECTORS = 1_000  # damaged blocks of a pool whose disk was overwritten under it


def run(main: Callable[[list[str]], int]) -> None:
    """Run a stand-in as a program."""
    if VARIABLE not in os.environ:
        sys.stderr.write(f"This is a stand-in of the lab: {VARIABLE} must name its state file\n")
        sys.exit(1)
    sys.exit(main(sys.argv[1:]))


def wrong(state: State, path: str, *, alone: bool) -> str:
    """Why a disk can't be opened, as strerror(3) says it; "" when it can. alone: with O_EXCL."""
    disk = disks.by_path(state, path)
    if disk is None:
        return TEXTS["away"]
    if disk["broken"]:
        return TEXTS["broken"]
    return TEXTS["busy"] if alone and in_use(state, disk) else ""


def in_use(state: State, disk: Disk) -> bool:
    """Whether an imported pool, a mount or something else holds the disk."""
    active = disks.pool_of(state, disk["name"])[1] == "active"
    return bool(active or disk.get("mounted") or disk.get("holder") or _mounted_part(disk))


def _mounted_part(disk: Disk) -> bool:
    return any(part.get("mountpoint") for part in disk.get("partitions", []))


def seconds(state: State, disk: Disk, length: int) -> float:
    """How long it takes to go over so many bytes: `options.wipe_seconds` for a disk, or CALYPSO_LAB_WIPE_SECONDS."""
    whole = state["options"].get("wipe_seconds", os.environ.get(SECONDS))
    return (WHOLE_DISK if whole is None else float(whole)) * length / int(disk["size"])


def erased(state: State, disk: Disk) -> None:
    """The beginning of the disk was overwritten: no file system, partition or label is found any more."""
    disk["fstype"] = ""
    disk.pop("partitions", None)
    disks.wipe_labels(state, disk["name"])
    for pool in state["pools"]:
        leaf = disks.member(pool, disk["name"])
        if leaf is not None:
            leaf["wiped"] = True
            corrupt(leaf, SECTORS, [])
    contents.forget_lost(state)


def zeroed(path: str, start: int, end: int) -> None:
    """These bytes are zeros now. What comes at 0 erases, and what follows it is remembered as blank."""
    with change() as state:
        disk = disks.by_path(state, path)
        if disk is None:
            return
        if start == 0:
            erased(state, disk)
        if start <= disk.get("blank", 0):
            disk["blank"] = max(disk.get("blank", 0), end)


def signatures(state: State, disk: Disk) -> list[dict[str, Any]]:
    """What libblkid finds on the whole disk, last first as wipefs lists it: type, offset, bytes in hexadecimal."""
    found = []
    if disk.get("partitions") or _labelled(state, disk):
        tail = disk["size"] - 512
        found += [("gpt", 0x200, "45 46 49 20 50 41 52 54"), ("gpt", tail, "45 46 49 20 50 41 52 54")]
        found += [("PMBR", 0x1FE, "55 aa")]
    elif disk["fstype"]:
        found += [SUPERBLOCKS.get(disk["fstype"], (disk["fstype"], 0x0, "00 00 00 00"))]
    return [{"type": kind, "offset": offset, "bytes": text} for kind, offset, text in found]


def _labelled(state: State, disk: Disk) -> bool:
    pools = (pool for key in ("pools", "exported", "destroyed") for pool in state[key])
    leaves = (disks.member(pool, disk["name"]) for pool in pools)
    return any(leaf is not None and not leaf.get("wiped") for leaf in leaves)


SUPERBLOCKS = {
    "ext4": ("ext4", 0x438, "53 ef"),
    "xfs": ("xfs", 0x0, "58 46 53 42"),
    "LVM2_member": ("LVM2_member", 0x218, "4c 56 4d 32 20 30 30 31"),
    "linux_raid_member": ("linux_raid_member", 0x1000, "fc 4e 2b a9"),
    "swap": ("swap", 0xFF6, "53 57 41 50 53 50 41 43 45 32"),
    "vfat": ("vfat", 0x52, "46 41 54 33 32 20 20 20"),
    "ntfs": ("ntfs", 0x3, "4e 54 46 53 20 20 20 20"),
    "btrfs": ("btrfs", 0x10040, "5f 42 48 52 66 53 5f 4d"),
}
