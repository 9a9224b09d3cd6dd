"""The disks of the box as it is now: udev's database and sysfs (works without a udev daemon), /proc, blkid."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyudev

from apps.storage.devices import naming
from apps.storage.devices.model import BlockDevice
from apps.storage.devices.nodes import Node, read_nodes
from apps.storage.devices.proc import parse_mountinfo, parse_swaps
from apps.storage.devices.signatures import probe
from apps.storage.devices.uses import Box, is_system, uses_of

SECTOR = 512  # bytes; sysfs counts in these whatever the disk's own sector size is
GIVEN_UP = frozenset({"offline", "transport-offline", "dead"})  # scsi_device state, nvme controller state
_NOT_DISKS = re.compile(r"(zram|ram|zd|dm-|md|fd|sr|mtdblock)[0-9]|mmcblk[0-9]+(boot[0-9]|rpmb)")
_EMPTY_WHEN_UNBOUND = re.compile(r"(loop|nbd)[0-9]")


def real_disks(context: Any = None) -> list[BlockDevice]:
    """Whole disks, and loop devices with a file behind them, sorted by kernel name. context: a pyudev.Context.

    Raises ToolGarbage when /proc can't be understood: no disk is called free on half the truth.
    """
    box = read_box(read_nodes(context or pyudev.Context()))
    disks = {name: node for name, node in box.nodes.items() if is_disk(node)}
    wanted = {name: naming.candidates(node) for name, node in disks.items()}
    ids = naming.assign_ids(wanted, _link_owners(wanted))
    return [_disk(disks[name], ids[name], box) for name in ids]


def read_box(nodes: Mapping[str, Node]) -> Box:
    """The nodes with the mounts, swap areas and btrfs groups of now."""
    numbers = {node.number: name for name, node in nodes.items()}
    return Box(
        nodes=nodes,
        mounts=parse_mountinfo(_text("/proc/self/mountinfo")),
        swaps=parse_swaps(_text("/proc/swaps")),
        btrfs=_btrfs_groups(),
        resolve=lambda path: numbers.get(_number(path)) or Path(os.path.realpath(path)).name,
        probe=probe,
    )


def is_disk(node: Node) -> bool:
    """True for a whole disk that could hold data: no partition, mapping, array, zvol, RAM disk, floppy or CD."""
    if node.partition or _NOT_DISKS.match(node.name) or node.attr("hidden") == "1":
        return False
    if node.name.startswith("loop") and not node.attr("loop/backing_file"):
        return False
    return _size(node) > 0 or not _EMPTY_WHEN_UNBOUND.match(node.name)


def _disk(node: Node, disk_id: str, box: Box) -> BlockDevice:
    uses = uses_of(node.name, box)
    return BlockDevice(
        id=disk_id,
        name=node.name,
        path=_path(disk_id, node.name),
        serial=naming.serial(node),
        wwn=naming.wwn(node),
        model=naming.model(node),
        size=_size(node),
        rotational={"0": False, "1": True}.get(node.attr("queue/rotational")),
        transport=naming.transport(node),
        removable=node.attr("removable") == "1",
        read_only=node.attr("ro") == "1",
        simulated=False,
        uses=uses,
        slot=node.bay or node.prop("ID_PATH"),
        broken=node.attr("device/state") in GIVEN_UP,
        system=is_system(node.name, uses, box),
    )


def _size(node: Node) -> int:
    text = node.attr("size")
    return int(text) * SECTOR if text.isdecimal() else 0


def _path(disk_id: str, name: str) -> str:
    link = naming.BY_ID + disk_id
    return link if _leads_to(link) == name else f"/dev/{name}"


def _link_owners(wanted: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Which kernel name each existing link among the candidates leads to."""
    names = {name for names in wanted.values() for name in names}
    return {name: owner for name in names if (owner := _leads_to(naming.BY_ID + name))}


def _leads_to(link: str) -> str:
    return Path(os.path.realpath(link)).name if Path(link).exists() else ""


def _number(path: str) -> str:
    try:
        device = Path(path).stat().st_rdev
    except OSError:
        return ""
    return f"{os.major(device)}:{os.minor(device)}"


def _btrfs_groups() -> list[frozenset[str]]:
    """Devices of each mounted btrfs, from /sys/fs/btrfs/<uuid>/devices (Documentation/ABI: sysfs-fs-btrfs)."""
    folders = Path("/sys/fs/btrfs").glob("*/devices")
    return [frozenset(entry.name for entry in folder.iterdir()) for folder in folders]


def _text(path: str) -> str:
    """A /proc file; one that isn't there (no swap in the kernel) is empty."""
    try:
        return Path(path).read_text(errors="replace")
    except FileNotFoundError:
        return ""
