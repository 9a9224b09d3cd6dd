"""How big things are: the arithmetic of vdev_metaslab_set_size(), vdev_raidz and zfs_nicenum()."""

from __future__ import annotations

from typing import Any

from calypso.lab.disks import leaves, named
from calypso.lab.state import State

MIB = 1024**2
RESERVED = 10 * MIB  # gap before the first partition, and the ninth partition of 8 MiB
LABELS = 9 * MIB // 2  # four labels and the boot area
CACHE_HEADER = 4096  # a cache device keeps one sector for itself
FRESH = 393_216  # allocated on a new mirror or disk, as recorded
FRESH_RAIDZ = 753_664


def phys_space(state: State, leaf: dict[str, Any]) -> int:
    """Bytes of the partition that holds the vdev."""
    return int(named(state, leaf["disk"])["size"]) - RESERVED


def asize(state: State, vdev: dict[str, Any], *, grown: bool = False) -> int:
    """Raw bytes that a top-level vdev offers: whole metaslabs, parity included.

    A vdev keeps its size when its disks are replaced by bigger ones, until it is expanded.
    grown: the size that it could have.
    """
    raw = smallest(state, vdev)
    if not grown:
        raw = min(raw, vdev.get("limit", raw))
    raw = (raw - LABELS) * _width(vdev) if raw else 0
    shift = _metaslab_shift(raw)
    return raw >> shift << shift


def smallest(state: State, vdev: dict[str, Any]) -> int:
    """Bytes of its smallest disk; 0 for what an evacuation left."""
    disks = [vdev] if "disk" in vdev else vdev.get("children", [])
    return min((phys_space(state, leaf) for child in disks for leaf in leaves(child)), default=0)


def _width(vdev: dict[str, Any]) -> int:
    """How many disks' worth of raw space there is."""
    if vdev["kind"] not in ("raidz", "draid"):
        return 1
    return len(vdev["children"]) - int(vdev.get("expanding", 0)) - int(vdev.get("spares", 0))


def _metaslab_shift(raw: int) -> int:
    if raw >> 29 < 16:
        return (raw // 16).bit_length()
    if raw >> 29 > 200:
        return min(34, (raw // 200).bit_length())
    return 29


def deflated(vdev: dict[str, Any], raw: int) -> int:
    """Bytes left for data once parity is taken off (vdev_set_deflate_ratio: what a 128 KiB block costs).

    A raidz that was expanded keeps the ratio of its first width.
    """
    sectors = 32
    if vdev["kind"] == "draid":
        cost = -(-sectors // vdev["data"]) * (vdev["data"] + vdev["parity"])
    elif vdev["kind"] == "raidz":
        parity = vdev["parity"]
        rows = -(-sectors // (vdev.get("width", len(vdev["children"])) - parity))
        cost = -(-(sectors + parity * rows) // (parity + 1)) * (parity + 1)
    else:
        return raw
    ratio: int = 131_072 // (cost * 8)
    return (raw >> 9) * ratio


def rep_dev_size(state: State, vdev: dict[str, Any], top: dict[str, Any] | None) -> int:
    """The least size that a replacement must have. top: the top-level vdev that it is in, None if it is one."""
    labels = LABELS if "disk" in vdev else 0
    if top is None:
        return asize(state, vdev) + labels
    return -(-asize(state, top) // _width(top)) + labels


def counted(pool: dict[str, Any]) -> list[dict[str, Any]]:
    """The top-level vdevs whose space is the pool's."""
    found = [vdev for role in ("data", "special", "dedup") for vdev in pool["groups"].get(role, [])]
    return [vdev for vdev in found if vdev["kind"] != "indirect"]


def top_space(state: State, vdev: dict[str, Any], role: str, pool: dict[str, Any]) -> tuple[int, int, int]:
    """(allocated, total, data bytes) of a top-level vdev; the pool's contents are spread evenly over its data vdevs."""
    total = asize(state, vdev)
    data = [one for one in pool["groups"]["data"] if one["kind"] != "indirect"]
    allocated = pool["allocated"] // len(data) if role == "data" and vdev["kind"] != "indirect" else 0
    return allocated, total, deflated(vdev, total)


def pool_size(state: State, pool: dict[str, Any]) -> int:
    """Raw bytes of all vdevs for data."""
    return sum(asize(state, vdev) for vdev in counted(pool))


def usable(state: State, pool: dict[str, Any]) -> int:
    """Bytes for data, less what ZFS keeps back (1/32, at least 128 MiB, at most 128 GiB)."""
    space = sum(deflated(vdev, asize(state, vdev)) for vdev in counted(pool))
    slop = max(min(space >> 5, 128 * 1024 * MIB), min(space >> 1, 128 * MIB))
    return space - slop


def deflated_pool(state: State, pool: dict[str, Any], raw: int) -> int:
    """What so many raw bytes of the pool come to once parity is taken off."""
    vdevs = counted(pool)
    if all(vdev["kind"] not in ("raidz", "draid") for vdev in vdevs):
        return raw
    whole = [(asize(state, vdev), vdev) for vdev in vdevs]
    return raw * sum(deflated(vdev, size) for size, vdev in whole) // (sum(size for size, _ in whole) or 1)


def nice(number: int, zero_unit: str = "") -> str:
    """A number in at most five characters, base 1024 (zfs_nicenum; zero_unit "B" as zfs_nicebytes)."""
    index = min(6, max(0, (number.bit_length() - 1) // 10)) if number else 0
    unit = (zero_unit, "K", "M", "G", "T", "P", "E")[index]
    scale = 1024**index
    if number % scale == 0:
        return f"{number // scale}{unit}"
    texts = [f"{number / scale:.{digits}f}{unit}" for digits in (2, 1, 0)]
    return next((text for text in texts if len(text) <= 5), texts[-1])


def parse_size(text: str) -> int | None:
    """Bytes of ``64M`` or ``1.5G``; None if it is no size."""
    digits, unit = text.upper().removesuffix("B"), ""
    if digits[-1:] in "KMGTPE" and digits:
        digits, unit = digits[:-1], digits[-1]
    try:
        return int(float(digits) * 1024 ** " KMGTPE".index(unit or " "))
    except (ValueError, OverflowError):
        return None
