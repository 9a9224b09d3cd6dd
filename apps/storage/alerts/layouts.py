"""What a pool's layout, as the read model has it, says of disks that are away or stood in for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Vdev = Mapping[str, Any]
Layout = Mapping[str, list[Vdev]]
PARITY = {"raidz": 1, "raidz1": 1, "raidz2": 2, "raidz3": 3, "draid": 1, "draid1": 1, "draid2": 2, "draid3": 3}
ESSENTIAL = ("data", "special", "dedup")  # the loss of one of their vdevs loses the pool


def leaves(layout: Layout) -> Iterator[Vdev]:
    """The disks of all vdevs; one that is listed as a spare too comes once."""
    seen = set()
    for vdevs in layout.values():
        for vdev in vdevs:
            for leaf in _leaves(vdev):
                if leaf["name"] not in seen:
                    seen.add(leaf["name"])
                    yield leaf


def _leaves(vdev: Vdev) -> Iterator[Vdev]:
    for child in vdev["children"]:
        yield from _leaves(child)
    if not vdev["children"]:
        yield vdev


def redundancy_left(layout: Layout) -> int:
    """How many more disks may fail, wherever they are, before the pool is lost."""
    return min((_left(vdev) for role in ESSENTIAL for vdev in layout.get(role, ())), default=0)


def _left(vdev: Vdev) -> int:
    good = sum(_works(child) for child in vdev["children"])
    bad = len(vdev["children"]) - good
    if vdev["type"] == "mirror":
        return max(0, good - 1)
    return max(0, PARITY.get(_kind(vdev), 0) - bad)


def _kind(vdev: Vdev) -> str:
    """draid2:4d:9c:1s and the like are draid2."""
    return str(vdev["type"]).partition(":")[0]


def _works(vdev: Vdev) -> bool:
    """A spare or a replacement that stands in makes its place good, as far as it has been resilvered."""
    if vdev["type"] in ("spare", "replacing"):
        return any(_works(child) for child in vdev["children"])
    return vdev["state"] in ("ONLINE", "DEGRADED")


def spares_in_use(layout: Layout) -> Iterator[tuple[str, str]]:
    """(spare, the disk that it stands in for)."""
    for role in ESSENTIAL:
        for vdev in layout.get(role, ()):
            for place in (vdev, *vdev["children"]):
                if place["type"] == "spare" and len(place["children"]) > 1:
                    yield place["children"][-1]["name"], place["children"][0]["name"]
