"""The lab's disks: which there are, and which one a path or name means."""

from __future__ import annotations

import contextlib
from typing import Any

from calypso.lab.bays import Disk
from calypso.lab.state import State

BY_ID = "/dev/disk/by-id/"


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
