"""The lab's disks: which there are, and which one a path or name means."""

from __future__ import annotations

import contextlib
from typing import Any

from calypso.lab.state import State

Disk = dict[str, Any]
BY_ID = "/dev/disk/by-id/"
GIB = 1024**3


def disk(number: int, size: int, model: str, *, transport: str = "sas", fstype: str = "") -> Disk:
    """One disk, attached and sound. number: from 0, gives all its names. size: bytes."""
    nvme, rotational = transport == "nvme", model.startswith("HDD")
    tail = f"{number + 1:02d}"
    return {
        "name": f"lab{number}",
        "id": f"nvme-eui.0025385b000000{tail}" if nvme else f"wwn-0x5000c500000000{tail}",
        "serial": f"LAB{number + 1:04d}",
        "model": model,
        "wwn": f"eui.0025385b000000{tail}" if nvme else f"0x5000c500000000{tail}",
        "size": size,
        "rotational": rotational,
        "transport": transport,
        "slot": number + 1,
        "attached": True,
        "broken": False,
        "fstype": fstype,
        "phys_path": f"pci-0000:01:00.{number}-nvme-1" if nvme else f"pci-0000:00:05.0-scsi-0:0:{number + 1}:0",
        "devid": f"nvme-eui.0025385b000000{tail}-part1" if nvme else f"scsi-35000c500000000{tail}-part1",
    }


def default_disks() -> list[Disk]:
    """Sixteen bays: ten 4 TB disks, two SSDs, two NVMe, one small disk, one with an ext4 file system on it."""
    hdds = [disk(n, 4_000_787_030_016, "HDD ST4000NM0025") for n in range(10)]
    ssds = [disk(n, 1_920_383_410_176, "SSD MZILT1T9HBJR", transport="sas") for n in (10, 11)]
    nvmes = [disk(n, 400_088_457_216, "NVMe INTEL SSDPED1K", transport="nvme") for n in (12, 13)]
    small = disk(14, 8 * GIB, "SSD DOM 8GB", transport="sata")
    used = disk(15, 4_000_787_030_016, "HDD ST4000NM0025", fstype="ext4")
    return [*hdds, *ssds, *nvmes, small, used]


def by_path(state: State, path: str) -> Disk | None:
    """The attached disk with this device path. The lab looks at no real device: any other path means nothing."""
    for found in state["disks"]:
        if found["attached"] and path in (BY_ID + found["id"], "/dev/" + found["name"]):
            return dict_of(found)
    return None


def by_name(state: State, name: str) -> Disk | None:
    """The disk with this by-id name, kernel name, serial number or device path, attached or not."""
    for found in state["disks"]:
        if name in (found["id"], found["name"], found["serial"], BY_ID + found["id"], "/dev/" + found["name"]):
            return dict_of(found)
    return None


def named(state: State, kernel_name: str) -> Disk:
    """The disk of a vdev, by the kernel name that is kept there."""
    return dict_of(next(found for found in state["disks"] if found["name"] == kernel_name))


def dict_of(found: Any) -> Disk:
    """The same object, typed: JSON says nothing about types."""
    assert isinstance(found, dict)
    return found


def partition(path: str) -> str:
    """The path of the first partition, which ZFS uses when given a whole disk."""
    if path.startswith(BY_ID):
        return path + "-part1"
    return path + ("p1" if path[-1].isdigit() else "1")


def pool_of(state: State, kernel_name: str) -> tuple[str, str]:
    """(pool name, "active" or "exported") that the disk belongs to, or ("", "")."""
    for key, word in (("pools", "active"), ("exported", "exported")):
        for pool in state[key]:
            with contextlib.suppress(StopIteration):
                next(leaf for leaf in leaves(pool) if leaf["disk"] == kernel_name)
                return pool["name"], word
    return "", ""


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    """All disks of a pool or vdev, in order, spares in use once as a child and once as a spare."""
    if "disk" in node:
        return [node]
    children = node.get("children") or [vdev for vdevs in node["groups"].values() for vdev in vdevs]
    return [leaf for child in children for leaf in leaves(child)]
