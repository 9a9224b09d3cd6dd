"""The rules that a disk must meet before a pool takes it, whether as a part, a spare or a replacement. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from apps.storage.domain.disks import SIZE_FUZZ, SPA_MIN_DEVICE
from apps.storage.domain.vdevs import VdevWish
from apps.storage.plans.facts import OVERRIDABLE, DiskFacts
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Destroys

_POOLED = "Take another disk. Force does not help: ZFS itself refuses a disk of a pool that is in use."


def check_vdevs(
    vdevs: Sequence[VdevWish],
    disks: Mapping[str, DiskFacts],
    members: Iterable[DiskFacts],
    *,
    lab: bool,
    force: bool,
) -> None:
    """Each disk of each vdev, their sizes, and their serial numbers among those of the pool's own ``members``."""
    for at, vdev in enumerate(vdevs):
        for disk in vdev.disks:
            check_disk(disk, disks.get(disk), f"vdevs.{at}.disks", lab, force)
        check_sizes(vdev, disks, f"vdevs.{at}.disks", force)
    new = [disks[disk] for vdev in vdevs for disk in vdev.disks]
    check_serials(new, members, "vdevs", force)


def check_joining(
    disk: DiskFacts | str, members: Iterable[DiskFacts], field: str, *, lab: bool, force: bool
) -> DiskFacts:
    """One disk that is to join a pool with these members; its id where it is not known. Returns what is known."""
    known = disk if isinstance(disk, DiskFacts) else None
    check_disk(known.id if known else str(disk), known, field, lab, force)
    assert known is not None
    check_serials([known], members, field, force)
    return known


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
        raise Conflict(f"{disk} is in pool “{facts.pool}”.", field=field, code="disk_in_use", hint=_POOLED)
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


def check_serials(new: Sequence[DiskFacts], members: Iterable[DiskFacts], field: str, force: bool) -> None:
    """Whether one disk seen over two paths would be in the pool twice."""
    fresh = {disk.id for disk in new}
    serials = Counter(d.serial for d in (*new, *(m for m in members if m.id not in fresh)) if d.serial)
    double = [disk.serial for disk in new if serials[disk.serial] > 1 and disk.serial]
    if double and not force:
        raise Invalid(
            f"Two of the disks have the serial number {double[0]}: they may be one disk seen over two paths.",
            field=field,
            code="duplicate_serial",
            hint="Take one of them, or set force if you are sure.",
        )


def lost_on(disks: Iterable[DiskFacts]) -> Destroys | None:
    """What force would overwrite, disk by disk; None when nothing is on them."""
    old = {disk.id: [f"{k} {n}".strip() for k, n in disk.uses if k in OVERRIDABLE] for disk in disks}
    lost = tuple(f"{disk}: {', '.join(uses)}" for disk, uses in old.items() if uses)
    return Destroys(names=lost, what="disks", bytes=None) if lost else None
