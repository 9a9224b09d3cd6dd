"""`manage.py lab`: what befalls disks and pools (faults, damage, SMART values), and further disks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from calypso.lab import bays, disks, happenings
from calypso.lab.damage import corrupt
from calypso.lab.settle import settle
from calypso.lab.sizes import parse_size
from calypso.lab.smart.program import describe
from calypso.lab.state import State, clock
from calypso.lab.zpool.transfer import at_rest

VERBS = ("corrupt", "smart", "foreign", "add-disk")
BLOCKS = 41  # as in the recordings
FOREIGN_ID = "5f33fb90"  # host id of the other box
TRANSPORTS = ("sas", "sata", "nvme")


def add_verbs(actions: Any) -> None:
    """The sub-commands."""
    damage = actions.add_parser("corrupt", help="damage blocks of a pool's disk, for the next scrub to find")
    damage.add_argument("disk")
    damage.add_argument("--blocks", type=int, default=BLOCKS)
    damage.add_argument("--file", action="append", default=[], help="what is lost where nothing can repair it")
    _of_smart(actions.add_parser("smart", help="set what a disk tells of itself"))
    foreign = actions.add_parser("foreign", help="give a pool to another host: its next import here needs force")
    foreign.add_argument("pool")
    foreign.add_argument("--host", default="otherbox")
    _of_new_disks(actions.add_parser("add-disk", help="put a further disk into a free bay"))


def _of_smart(parser: ArgumentParser) -> None:
    parser.add_argument("disk")
    health = parser.add_mutually_exclusive_group()
    health.add_argument("--fail", action="store_true", help="the disk says that it will fail soon")
    health.add_argument("--ok", action="store_true", help="the disk is sound again; all values as at first")
    parser.add_argument("--temperature", type=int, help="Celsius, from now on")
    for name in ("reallocated", "pending", "media-errors", "used"):
        parser.add_argument(f"--{name}", type=int)


def _of_new_disks(parser: ArgumentParser) -> None:
    parser.add_argument("--size", default="4T", help="such as 4T or 400G")
    parser.add_argument("--model", default="HDD ST4000NM0025", help="beginning with HDD, SSD or NVMe")
    parser.add_argument("--transport", choices=TRANSPORTS, default="sas")
    parser.add_argument("--serial", help="may be that of another disk")
    parser.add_argument("--fstype", default="", help="a file system on the whole disk")
    parser.add_argument("--partitions", action="store_true", help="two partitions, vfat and ext4")
    parser.add_argument("--lvm", metavar="GROUP", help="a partition that belongs to a volume group in use")
    parser.add_argument("--mounted", metavar="WHERE", help="where its file system is mounted; / makes a system disk")


def act(state: State, action: str, options: dict[str, Any]) -> str:
    """Do it; what to tell. Raises LookupError for what is not there, ValueError for what can't be."""
    settle(state)
    if action == "foreign":
        return _foreign(state, options["pool"], options["host"])
    if action == "add-disk":
        return _add_disk(state, options)
    disk = disks.by_name(state, options["disk"])
    if disk is None:
        raise LookupError(f"There is no disk “{options['disk']}”.")
    return _smart(state, disk, options) if action == "smart" else _corrupt(state, disk, options)


def _corrupt(state: State, disk: bays.Disk, options: dict[str, Any]) -> str:
    leaf = next((leaf for pool in state["pools"] if (leaf := disks.member(pool, disk["name"]))), None)
    if leaf is None:
        raise ValueError(f"{disk['name']} is in no pool.")
    corrupt(leaf, options["blocks"], options["file"])
    return f"{disk['name']}: {options['blocks']} blocks damaged"


def _smart(state: State, disk: bays.Disk, options: dict[str, Any]) -> str:
    if options["ok"]:
        disk["smart"] = {"tests": disk.get("smart", {}).get("tests", [])}
    kept = disk.setdefault("smart", {})
    kept |= {"failing": True} if options["fail"] else {}
    for name in ("temperature", "reallocated", "pending", "media_errors", "used"):
        if options[name] is not None:
            kept[name] = options[name]
    return describe(state, disk)


def _foreign(state: State, name: str, host: str) -> str:
    """As if the pool was moved here from a box that never exported it."""
    for key in ("pools", "exported"):
        for pool in list(state[key]):
            if pool["name"] == name:
                state[key].remove(pool)
                state["exported"].append(at_rest(state, pool))
                pool["foreign_host"] = {"name": host, "id": FOREIGN_ID, "at": int(clock(state))}
                return f"{name}: last used by {host}"
    raise LookupError(f"There is no pool “{name}”.")


def _add_disk(state: State, options: dict[str, Any]) -> str:
    size = parse_size(options["size"])
    if not size or size < happenings.SMALLEST_DISK:
        raise ValueError(f"“{options['size']}” is no size of a disk.")
    number = max((int(disk["slot"]) for disk in state["disks"]), default=0)
    about = {"transport": options["transport"], "fstype": options["fstype"]}
    disk = bays.disk(number, size // 4096 * 4096, options["model"], **about)
    disk |= {"serial": options["serial"]} if options["serial"] else {}
    parts = []
    if options["partitions"]:
        parts = [_part(1, 512 * 1024**2, "vfat"), _part(2, size // 2, "ext4")]
    if options["lvm"]:
        parts.append(_part(len(parts) + 1, size // 3, "LVM2_member") | {"holder": options["lvm"]})
        disk["holder"] = options["lvm"]
    if options["mounted"] and parts:
        parts[-1]["mountpoint"] = options["mounted"]
    elif options["mounted"]:
        disk |= {"mounted": options["mounted"], "fstype": options["fstype"] or "ext4"}
    disk |= {"partitions": parts} if parts else {}
    state["disks"].append(disk)
    return f"{disk['name']} in slot {disk['slot']}: {disk['serial']}, {disk['id']}"


def _part(number: int, size: int, fstype: str) -> dict[str, Any]:
    return {"number": number, "size": size, "start": 2048 * number, "fstype": fstype}
