"""What `zpool status` says, as frozen values that the text and the JSON form fill alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Function = Literal["scrub", "resilver"]
ROLES = ("data", "log", "cache", "spare", "special", "dedup")

_DISTRIBUTED_SPARE = re.compile(r"draid[1-3]-[0-9]+-[0-9]+\Z")
_GROUP_NAME = re.compile(r"(mirror|raidz[1-3]|draid[1-3]|replacing|spare|indirect|missing|hole)(?:[-:].*)?\Z")


@dataclass(frozen=True, slots=True)
class Activity:
    """The trim or the initialisation of a disk; of one that was cancelled, or never begun, there is none.

    percent: of the disk's space. at: Unix seconds when it began, or ended if it is complete.
    """

    state: Literal["active", "suspended", "complete"]
    percent: int
    at: int | None


@dataclass(frozen=True, slots=True)
class Vdev:
    """One row of the configuration tree.

    type: disk, file, mirror, raidz1-3, draid1-3, replacing, spare, indirect, missing, dspare for a spare within a
    draid, or root for the pool's own row.
    state: ONLINE, DEGRADED, FAULTED, OFFLINE, REMOVED, UNAVAIL; AVAIL or INUSE for a hot spare.
    read, write, checksum: error counts; None where the tool gives none (hot spares). Exact when `-p` was given.
    note: the words after the counts (``was /dev/sdx1``, ``external device fault``, ``(resilvering)``), or "". Progress
    of a trim, an initialisation or a removal is left out: the two output forms word it differently.
    guid: decimal digits. path: of a disk or file, where it is or was; "" for groups. Both are "" where not asked for.
    trim, initialize: told where they were asked for (-t, -i).
    """

    name: str
    type: str
    state: str
    read: int | None = None
    write: int | None = None
    checksum: int | None = None
    note: str = ""
    children: tuple[Vdev, ...] = ()
    guid: str = ""
    path: str = ""
    trim: Activity | None = None
    initialize: Activity | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """The latest scrub or resilver.

    started_at, ended_at: Unix seconds. percent: done, two decimals, while in progress or paused. errors: of a finished
    scan. None stands where either form is silent: a cancelled scan has no start and no errors in the text, an ended one
    no percent. seconds_to_go is None when the tool gives no estimate (slower than 10 MiB/s).
    """

    function: Function
    state: Literal["in_progress", "paused", "finished", "canceled"]
    started_at: int | None = None
    ended_at: int | None = None
    percent: float | None = None
    errors: int | None = None
    seconds_to_go: int | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """The evacuation of a top-level vdev. Times in Unix seconds; an ended one tells its end only, as the text does."""

    state: Literal["in_progress", "finished", "canceled"]
    started_at: int | None = None
    ended_at: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """The growth of a raidz by a disk: like a removal. ``vdev``: its name."""

    vdev: str
    state: Literal["in_progress", "finished", "canceled"]
    started_at: int | None = None
    ended_at: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """created_at: Unix seconds; None for one that is being discarded."""

    state: Literal["exists", "discarding"]
    created_at: int | None = None


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """One pool. A pool may be SUSPENDED while `root`, its own row in the tree, still reads ONLINE.

    status, action, see: the tool's explanation in one line each, "" when all is well. groups: (role, top-level vdevs)
    in the order of ROLES, roles without a vdev left out. errors: the tool's one line; damaged: paths named by `-v`.
    """

    name: str
    state: str
    status: str
    action: str
    see: str
    scan: Scan | None
    root: Vdev
    groups: tuple[tuple[str, tuple[Vdev, ...]], ...]
    errors: str
    damaged: tuple[str, ...] = ()
    removal: Removal | None = None
    expansion: Expansion | None = None
    checkpoint: Checkpoint | None = None

    @property
    def upgradable(self) -> bool:
        """Whether it says that features are not enabled. It says one thing at a time, and worse ones first."""
        return "features are not enabled on the pool" in self.status

    def group(self, role: str) -> tuple[Vdev, ...]:
        """The top-level vdevs of a role (see ROLES); empty when there are none."""
        return dict(self.groups).get(role, ())

    def leaves(self) -> tuple[tuple[str, Vdev], ...]:
        """(role, leaf vdev) of every disk or file, in the tool's order."""
        return tuple((role, leaf) for role, vdevs in self.groups for vdev in vdevs for leaf in _leaves(vdev))


def _leaves(vdev: Vdev) -> tuple[Vdev, ...]:
    if not vdev.children:
        return (vdev,)
    return tuple(leaf for child in vdev.children for leaf in _leaves(child))


def type_of(name: str, *, has_children: bool) -> str:
    """The vdev type that a printed name tells: the text form has no other source.

    A leaf printed with a path outside /dev is a file; of the grouping names only indirect, missing, hole may be leaves.
    """
    if _DISTRIBUTED_SPARE.match(name) and not has_children:
        return "dspare"
    found = _GROUP_NAME.match(name)
    if found and (has_children or found[1] in ("indirect", "missing", "hole")):
        return found[1]
    return "file" if name.startswith("/") and not name.startswith("/dev/") else "disk"


def ordered(groups: dict[str, list[Vdev]]) -> tuple[tuple[str, tuple[Vdev, ...]], ...]:
    """Groups in the order of ROLES, empty ones left out."""
    return tuple((role, tuple(groups[role])) for role in ROLES if groups.get(role))
