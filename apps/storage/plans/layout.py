"""The rules that a layout of vdevs must meet, of a new pool or added to an old one, and what it is worth. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from apps.storage.domain.vdevs import VdevWish, survives, worth
from calypso.kernel.errors import Invalid


def device_names(vdevs: Sequence[tuple[str, str, Sequence[str]]]) -> list[str]:
    """The names under which a pool lists these device paths."""
    return sorted(path.rsplit("/", 1)[-1] for _, _, paths in vdevs for path in paths)


def check_shape(vdevs: Sequence[VdevWish], force: bool, there: Sequence[VdevWish] = ()) -> None:
    """``there``: the vdevs that the pool has already. Raises Invalid, and says what redundancy would result."""
    if not any(v.role == "data" for v in (*there, *vdevs)):
        raise Invalid("A pool needs at least one data vdev.", field="vdevs", code="no_data_vdev")
    for at, vdev in enumerate(vdevs):
        _check_vdev(vdev, f"vdevs.{at}")
    count = Counter(disk for vdev in vdevs for disk in vdev.disks)
    if twice := [disk for disk, times in count.items() if times > 1]:
        raise Invalid(f"Disk {twice[0]} is named twice.", field="vdevs", code="disk_twice", hint="Name each disk once.")
    if not force:
        _check_redundancy(vdevs, there)
        _check_likeness(vdevs, there)


def _check_vdev(vdev: VdevWish, at: str) -> None:
    draid = vdev.type.startswith("draid")
    if vdev.role in ("cache", "spare") and vdev.type != "stripe":
        raise Invalid(
            f"Disks in the role {vdev.role} stand alone.", field=f"{at}.type", code="role_type", hint="Use type stripe."
        )
    if vdev.role == "log" and vdev.type not in ("stripe", "mirror"):
        raise Invalid("A log is a stripe or a mirror.", field=f"{at}.type", code="role_type")
    if not draid and (vdev.group_data is not None or vdev.distributed_spares):
        raise Invalid(
            f"A {vdev.type} has no redundancy groups and no spares within it.",
            field=f"{at}.{'group_data' if vdev.group_data is not None else 'distributed_spares'}",
            code="draid_only",
            hint="These two are for draid1, draid2 and draid3.",
        )
    if len(vdev.disks) < vdev.fewest:
        raise Invalid(
            f"{_this(vdev)} takes at least {vdev.fewest} disks, not {len(vdev.disks)}.",
            field=f"{at}.disks",
            code="too_few_disks",
        )


def _this(vdev: VdevWish) -> str:
    if not vdev.type.startswith("draid"):
        return f"A {vdev.type}"
    groups = f"{vdev.group_data or 1} data disks per group and {vdev.distributed_spares} distributed spares"
    return f"A {vdev.type} with {groups}"


def _check_redundancy(vdevs: Sequence[VdevWish], there: Sequence[VdevWish]) -> None:
    """A vdev that is lost takes the pool with it, whatever the others could stand."""
    for at, vdev in enumerate(vdevs):
        if vdev.role in ("special", "dedup") and vdev.survives == 0:
            raise Invalid(
                f"A {vdev.role} vdev without redundancy is a danger: if its disk fails, the whole pool is lost.",
                field=f"vdevs.{at}",
                code="no_redundancy",
                hint=f"Make it a mirror, or set force. As asked the pool {_has(worth([*there, *vdevs]))}.",
            )
        if there and vdev.role == "data" and vdev.survives < survives(there):
            what = "A bare disk" if vdev.type == "stripe" else f"This {vdev.type}"
            raise Invalid(
                f"{what} is less redundant than the pool it would join, and it could not be taken out again safely.",
                field=f"vdevs.{at}",
                code="less_redundant",
                hint=f"Did you mean attach, replace or spare? With force the pool {_has(worth([*there, *vdevs]))}.",
            )


def _check_likeness(vdevs: Sequence[VdevWish], there: Sequence[VdevWish]) -> None:
    if not any(vdev.role == "data" for vdev in vdevs):
        return
    if len({v.shape for v in (*there, *vdevs) if v.role == "data"}) > 1:
        raise Invalid(
            "The data vdevs differ in type or width; a pool is only as safe and fast as its weakest.",
            field="vdevs",
            code="mixed_vdevs",
            hint=f"Make them alike, or set force. As asked the pool {_has(worth([*there, *vdevs]))}.",
        )


def _has(words: str) -> str:
    return words if words.startswith("survives") else f"has {words}"


def redundancy(vdevs: Sequence[VdevWish]) -> str:
    """What all vdevs of a pool together are worth."""
    return f"The pool {_has(worth(vdevs))}."


def weak_parts(vdevs: Sequence[VdevWish], there: Sequence[VdevWish] = ()) -> tuple[str, ...]:
    """What a person should know of the vdevs that are no danger to the pool, or that force let pass."""
    data = survives([v for v in (*there, *vdevs) if v.role == "data"])
    found = []
    for vdev in vdevs:
        if vdev.role in ("special", "dedup") and vdev.survives < data:
            found.append(f"The {vdev.role} vdev is less redundant than the data: losing it loses the pool.")
        if vdev.role == "log" and vdev.survives == 0 and data:
            found.append("The log is not mirrored: if it fails together with the power, the last seconds are lost.")
    return tuple(dict.fromkeys(found))
