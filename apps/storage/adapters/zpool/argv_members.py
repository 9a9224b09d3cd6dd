"""Argument lists for what zpool(8) does to the vdevs and disks of a pool.

A member is named by its path or by its GUID, which every version takes, and which alone names one that is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

ActivityAction = Literal["start", "suspend", "cancel"]
_ACTIVITY: dict[ActivityAction, list[str]] = {"start": [], "suspend": ["-s"], "cancel": ["-c"]}


def attach_argv(pool: str, to: str, device: str, *, force: bool = False) -> list[str]:
    """Joins a device to the mirror of the member ``to``, or to the raidz ``to`` (OpenZFS 2.3 on)."""
    return ["zpool", "attach", *["-f"] * force, "--", pool, to, device]


def detach_argv(pool: str, member: str) -> list[str]:
    """Takes a member out of its mirror, or ends a replacement by the other."""
    return ["zpool", "detach", "--", pool, member]


def replace_argv(pool: str, old: str, new: str, *, force: bool = False) -> list[str]:
    """Puts a device in a member's place. It returns when the copying has begun."""
    return ["zpool", "replace", *["-f"] * force, "--", pool, old, new]


def remove_argv(pool: str, members: Sequence[str]) -> list[str]:
    """Removes spares, caches, logs, or starts to copy a top-level vdev away."""
    return ["zpool", "remove", "--", pool, *members]


def cancel_removal_argv(pool: str) -> list[str]:
    """Stops the copying away of a top-level vdev, which stays."""
    return ["zpool", "remove", "-s", "--", pool]


def offline_argv(pool: str, member: str, *, temporary: bool = False) -> list[str]:
    """``temporary``: until the pool is imported again."""
    return ["zpool", "offline", *["-t"] * temporary, "--", pool, member]


def online_argv(pool: str, members: Sequence[str], *, expand: bool = False) -> list[str]:
    """``expand``: use the whole of disks that grew."""
    return ["zpool", "online", *["-e"] * expand, "--", pool, *members]


def clear_argv(pool: str, member: str = "") -> list[str]:
    """Sets the error counts of a pool or one member to zero, and lets suspended I/O go on."""
    return ["zpool", "clear", "--", pool, *([member] if member else [])]


def trim_argv(pool: str, action: ActivityAction, members: Sequence[str] = (), *, rate: int | None = None) -> list[str]:
    """Tells the disks of a pool which blocks are free. ``rate``: bytes a second and disk."""
    slowly = ["-r", str(rate)] if rate is not None and action == "start" else []
    return ["zpool", "trim", *_ACTIVITY[action], *slowly, "--", pool, *members]


def initialize_argv(pool: str, action: ActivityAction, members: Sequence[str] = ()) -> list[str]:
    """Writes to all free space of a pool's disks."""
    return ["zpool", "initialize", *_ACTIVITY[action], "--", pool, *members]
