"""A wish and the observed state → a plan. Pure: every rule about pools that Calypso itself checks is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from apps.storage.adapters import zpool
from apps.storage.domain import (
    SIZE_FUZZ,
    SPA_MIN_DEVICE,
    PoolCreated,
    PoolDestroyed,
    PoolEvent,
    ScrubPaused,
    ScrubStarted,
    ScrubStopped,
    VdevWish,
    disk_address,
    pool_address,
    worth,
)
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Destroys, Outcome, Plan, Probe, Run

PROPERTIES = {"ashift": "12"}
FILESYSTEM_PROPERTIES = {"compression": "lz4", "atime": "off"}
CREATE_DEADLINE, DESTROY_DEADLINE, SCRUB_DEADLINE = 300.0, 900.0, 60.0  # seconds

# What `-f` may override: traces of former use. Anything else on a disk is in use now.
OVERRIDABLE = frozenset({"partition_table", "filesystem", "zfs_member"})

ScrubAction = Literal["start", "pause", "stop"]


@dataclass(frozen=True)
class DiskFacts:
    """What a plan needs to know of a disk. ``uses`` are (kind, name); ``size`` in bytes."""

    id: str
    path: str
    serial: str
    size: int
    simulated: bool
    system: bool
    broken: bool
    read_only: bool
    uses: tuple[tuple[str, str], ...] = ()
    pool: str = ""


@dataclass(frozen=True)
class PoolFacts:
    """What a plan needs to know of a pool. ``allocated`` in bytes; ``datasets`` are names."""

    id: UUID
    name: str
    state: str
    disks: tuple[str, ...]
    allocated: int = 0
    datasets: tuple[str, ...] = ()


def create_pool(
    pool: UUID,
    name: str,
    vdevs: Sequence[VdevWish],
    disks: Mapping[str, DiskFacts],
    *,
    pools: Sequence[str],
    lab: bool,
    force: bool,
) -> Plan:
    """`zpool create`. ``disks`` are those known by id. Raises Invalid or Conflict and names the field at fault."""
    zpool.check_pool_name(name)
    if name in pools:
        raise Conflict(
            f"There is a pool “{name}” already.", code="pool_exists", field="name", hint="Take another name."
        )
    _check_shape(vdevs, force)
    for at, vdev in enumerate(vdevs):
        for disk in vdev.disks:
            _check_disk(disk, disks.get(disk), f"vdevs.{at}.disks", lab, force)
        _check_sizes(vdev, disks, f"vdevs.{at}.disks", force)
    _check_serials(vdevs, disks, force)
    paths = [(v.type, v.role, [disks[d].path for d in v.disks]) for v in vdevs]
    argv = zpool.create_argv(
        name, paths, properties=PROPERTIES, filesystem_properties=FILESYSTEM_PROPERTIES, force=force
    )
    step = Run(
        title=f"Create pool {name}",
        argv=tuple(argv),
        deadline=CREATE_DEADLINE,
        done=Probe(name="storage.pool_made", args={"name": name, "devices": _names(paths)}),
        undo=tuple(zpool.destroy_argv(name)),
    )
    made = PoolCreated(
        pool=pool,
        name=name,
        vdevs=tuple(vdevs),
        properties=PROPERTIES,
        filesystem_properties=FILESYSTEM_PROPERTIES,
    )
    lost = _lost(vdevs, disks)
    return Plan(
        title=f"Create pool {name}",
        resources=(pool_address(name), *(disk_address(d) for v in vdevs for d in v.disks)),
        steps=(step,),
        outcome=(Outcome.of(pool, made),),
        destroys=Destroys(names=lost, what="disks", bytes=None) if lost else None,
        confirm=name if lost else None,
        warnings=(_redundancy(vdevs),),
    )


def _names(vdevs: Sequence[tuple[str, str, Sequence[str]]]) -> list[str]:
    """The names under which a pool lists these device paths."""
    return sorted(path.rsplit("/", 1)[-1] for _, _, paths in vdevs for path in paths)


def destroy_pool(pool: PoolFacts) -> Plan:
    """`zpool destroy`: what is lost is counted here, for the tool has no dry run and asks nothing."""
    step = Run(
        title=f"Destroy pool {pool.name}",
        argv=tuple(zpool.destroy_argv(pool.name)),
        deadline=DESTROY_DEADLINE,
        done=Probe(name="storage.pool_absent", args={"name": pool.name}),
    )
    gone = PoolDestroyed(pool=pool.id, name=pool.name, disks=pool.disks)
    return Plan(
        title=f"Destroy pool {pool.name}",
        resources=(pool_address(pool.name), *(disk_address(d) for d in pool.disks)),
        steps=(step,),
        outcome=(Outcome.of(pool.id, gone),),
        destroys=Destroys(names=pool.datasets or (pool.name,), what="datasets", bytes=pool.allocated),
        confirm=pool.name,
        warnings=("Calypso can't undo this.",),
    )


def scrub_pool(pool: PoolFacts, action: ScrubAction) -> Plan:
    """`zpool scrub`. Raises Conflict for a pool whose devices hang: there the tool hangs too and can't be ended."""
    if pool.state in ("SUSPENDED", "UNAVAIL", "FAULTED"):
        raise Conflict(
            f"Pool “{pool.name}” is {pool.state}: a scrub would hang.",
            code="pool_suspended",
            hint="Bring its disks back and clear the pool first.",
        )
    words, fact = _SCRUBS[action]
    step = Run(
        title=f"{words} scrub of {pool.name}",
        argv=tuple(zpool.scrub_argv(pool.name, action)),
        deadline=SCRUB_DEADLINE,
        done=Probe(name="storage.scrub", args={"name": pool.name, "action": action}),
    )
    return Plan(
        title=f"{words} scrub of {pool.name}",
        resources=(pool_address(pool.name),),
        steps=(step,),
        outcome=(Outcome.of(pool.id, fact(pool=pool.id, name=pool.name)),),
    )


_SCRUBS: dict[str, tuple[str, type[PoolEvent]]] = {
    "start": ("Start", ScrubStarted),
    "pause": ("Pause", ScrubPaused),
    "stop": ("Stop", ScrubStopped),
}


def _check_shape(vdevs: Sequence[VdevWish], force: bool) -> None:
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


def _check_disk(disk: str, facts: DiskFacts | None, field: str, lab: bool, force: bool) -> None:
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


def _check_sizes(vdev: VdevWish, disks: Mapping[str, DiskFacts], field: str, force: bool) -> None:
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


def _check_serials(vdevs: Sequence[VdevWish], disks: Mapping[str, DiskFacts], force: bool) -> None:
    serials = Counter(disks[d].serial for v in vdevs for d in v.disks if disks[d].serial)
    if not force and (double := [serial for serial, times in serials.items() if times > 1]):
        raise Invalid(
            f"Two of the disks have the serial number {double[0]}: they may be one disk seen over two paths.",
            field="vdevs",
            code="duplicate_serial",
            hint="Take one of them, or set force if you are sure.",
        )


def _lost(vdevs: Sequence[VdevWish], disks: Mapping[str, DiskFacts]) -> tuple[str, ...]:
    """What force would overwrite, disk by disk."""
    old = {d: [f"{k} {n}".strip() for k, n in disks[d].uses if k in OVERRIDABLE] for v in vdevs for d in v.disks}
    return tuple(f"{disk}: {', '.join(uses)}" for disk, uses in old.items() if uses)


def _redundancy(vdevs: Sequence[VdevWish]) -> str:
    words = worth(vdevs)
    return f"The pool {words}." if words.startswith("survives") else f"The pool has {words}."
