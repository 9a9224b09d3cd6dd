"""The lab's disks: which there are, and which one a path or name means."""

from __future__ import annotations

import contextlib
from typing import Any

from calypso.lab.bays import Disk
from calypso.lab.state import State

BY_ID = "/dev/disk/by-id/"
DISTRIBUTED = {  # a spare that is spread over a draid vdev: no disk of its own, never lost alone
    "name": "", "size": 2**60, "attached": True, "broken": False, "rotational": False, "fstype": "",
}  # fmt: skip


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
    found = next((found for found in state["disks"] if found["name"] == kernel_name), None)
    return dict_of(DISTRIBUTED if found is None else found)


def dict_of(found: Any) -> Disk:
    """The same object, typed: JSON says nothing about types."""
    assert isinstance(found, dict)
    return found


def partition(path: str) -> str:
    """The path of the first partition, which ZFS uses when given a whole disk."""
    if not path.startswith("/"):
        return path  # a distributed spare
    if path.startswith(BY_ID):
        return path + "-part1"
    return path + ("p1" if path[-1].isdigit() else "1")


def pool_of(state: State, kernel_name: str) -> tuple[str, str]:
    """(pool name, "active" or "exported") that the disk belongs to, or ("", "")."""
    for key, word in (("pools", "active"), ("exported", "exported")):
        for pool in state[key]:
            with contextlib.suppress(StopIteration):
                next(leaf for leaf in leaves(pool) if leaf["disk"] == kernel_name and not leaf.get("wiped"))
                return pool["name"], word
    return "", ""


def owners(state: State) -> dict[str, tuple[str, str]]:
    """What pool_of() says of every disk that is in a pool, found in one pass."""
    found: dict[str, tuple[str, str]] = {}
    for key, word in (("pools", "active"), ("exported", "exported")):
        for pool in state[key]:
            for leaf in leaves(pool):
                if not leaf.get("wiped"):
                    found.setdefault(leaf["disk"], (pool["name"], word))
    return found


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    """All disks of a pool or vdev, in order, spares in use once as a child and once as a spare."""
    if "disk" in node:
        return [node]
    children = node["children"] if "children" in node else [v for vs in node.get("groups", {}).values() for v in vs]
    return [leaf for child in children for leaf in leaves(child)]


def member(pool: dict[str, Any], kernel_name: str) -> dict[str, Any] | None:
    """The pool's leaf on a disk."""
    return next((leaf for leaf in leaves(pool) if leaf["disk"] == kernel_name), None)


def wipe_labels(state: State, kernel_name: str) -> None:
    """The disk's ZFS labels are overwritten: no exported or destroyed pool finds it again."""
    for former in ("exported", "destroyed"):
        for pool in state[former]:
            for leaf in leaves(pool):
                if leaf["disk"] == kernel_name:
                    leaf["wiped"] = True
