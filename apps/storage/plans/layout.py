"""The rules that disks and layouts must meet before ZFS is asked. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from apps.storage.domain.disks import SIZE_FUZZ, SPA_MIN_DEVICE
from apps.storage.domain.vdevs import VdevWish, worth
from apps.storage.plans.facts import OVERRIDABLE, DiskFacts
from calypso.kernel.errors import Conflict, Invalid


def device_names(vdevs: Sequence[tuple[str, str, Sequence[str]]]) -> list[str]:
    """The names under which a pool lists these device paths."""
    return sorted(path.rsplit("/", 1)[-1] for _, _, paths in vdevs for path in paths)


def check_shape(vdevs: Sequence[VdevWish], force: bool) -> None:
    if not any(v.role == "data" for v in vdevs):
        raise Invalid("A pool needs at least one data vdev.", field="vdevs", code="no_data_vdev")
    for at, vdev in enumerate(vdevs):
        _check_vdev(vdev, f"vdevs.{at}")
    count = Counter(disk for vdev in vdevs for disk in vdev.disks)
    if twice := [disk for disk, times in count.items() if times > 1]:
        raise Invalid(f"Disk {twice[0]} is named twice.", field="vdevs", code="disk_twice", hint="Name each disk once.")
    shapes = {(v.type, len(v.disks) if v.type != "stripe" else 0) for v in vdevs if v.role == "data"}
    if len(shapes) > 1 and not force:
        raise Invalid(
            "The data vdevs differ in type or width; a pool is only as safe and fast as its weakest.",
            field="vdevs",
            code="mixed_vdevs",
            hint=f"Make them alike, or set force. As asked it {worth(vdevs)}.",
        )


def _check_vdev(vdev: VdevWish, at: str) -> None:
    if vdev.role in ("cache", "spare") and vdev.type != "stripe":
        raise Invalid(
            f"Disks in the role {vdev.role} stand alone.", field=f"{at}.type", code="role_type", hint="Use type stripe."
        )
    if vdev.role == "log" and vdev.type not in ("stripe", "mirror"):
        raise Invalid("A log is a stripe or a mirror.", field=f"{at}.type", code="role_type")
    if len(vdev.disks) < vdev.fewest:
        raise Invalid(
            f"A {vdev.type} takes at least {vdev.fewest} disks, not {len(vdev.disks)}.",
            field=f"{at}.disks",
            code="too_few_disks",
        )


def check_disk(disk: str, facts: DiskFacts | None, field: str, lab: bool, force: bool) -> None:
    if facts is None:
        raise Invalid(f"There is no disk {disk}.", field=field, code="unknown_disk", hint="See /api/v1/storage/disks.")
    if lab and not facts.simulated:
        raise Invalid(
            f"{disk} is a real disk of this machine; the lab uses simulated disks only.", field=field, code="real_disk"
        )
    if facts.system:
        raise Conflict(f"{disk} holds the running system.", field=field, code="system_disk")
    if facts.pool:
        raise Conflict(f"{disk} is in pool “{facts.pool}”.", field=field, code="disk_in_use", hint="Take another disk.")
    if facts.broken or facts.read_only:
        raise Conflict(f"{disk} is {'broken' if facts.broken else 'read-only'}.", field=field, code="disk_unusable")
    if facts.size < SPA_MIN_DEVICE:
        raise Invalid(f"{disk} is smaller than 64 MiB, ZFS's least.", field=field, code="disk_too_small")
    _check_uses(disk, facts, field, force)


def _check_uses(disk: str, facts: DiskFacts, field: str, force: bool) -> None:
    for kind, name in facts.uses:
        if kind == "loop_backing" or (force and kind in OVERRIDABLE):
            continue
        what = f"{kind.replace('_', ' ')} {name}".strip()
        hint = "Set force to overwrite it." if kind in OVERRIDABLE else "Free the disk first."
        raise Conflict(f"{disk} is in use: {what}.", field=field, code="disk_in_use", hint=hint)


def check_sizes(vdev: VdevWish, disks: Mapping[str, DiskFacts], field: str, force: bool) -> None:
    if vdev.type == "stripe" or force:
        return
    sizes = {disk: disks[disk].size for disk in vdev.disks}
    small = min(sizes, key=lambda disk: sizes[disk])
    if max(sizes.values()) - sizes[small] > SIZE_FUZZ:
        raise Invalid(
            f"{small} is too small: {sizes[small]} bytes, where others of the {vdev.type} have {max(sizes.values())}.",
            field=field,
            code="disk_too_small",
            hint="Take disks of one size, or set force: each is then used only as far as the smallest reaches.",
        )


def check_serials(vdevs: Sequence[VdevWish], disks: Mapping[str, DiskFacts], force: bool) -> None:
    serials = Counter(disks[d].serial for v in vdevs for d in v.disks if disks[d].serial)
    if not force and (double := [serial for serial, times in serials.items() if times > 1]):
        raise Invalid(
            f"Two of the disks have the serial number {double[0]}: they may be one disk seen over two paths.",
            field="vdevs",
            code="duplicate_serial",
            hint="Take one of them, or set force if you are sure.",
        )


def lost_on(vdevs: Sequence[VdevWish], disks: Mapping[str, DiskFacts]) -> tuple[str, ...]:
    """What force would overwrite, disk by disk."""
    old = {d: [f"{k} {n}".strip() for k, n in disks[d].uses if k in OVERRIDABLE] for v in vdevs for d in v.disks}
    return tuple(f"{disk}: {', '.join(uses)}" for disk, uses in old.items() if uses)


def redundancy(vdevs: Sequence[VdevWish]) -> str:
    words = worth(vdevs)
    return f"The pool {words}." if words.startswith("survives") else f"The pool has {words}."
