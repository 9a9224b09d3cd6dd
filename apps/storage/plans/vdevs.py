"""Vdevs that join a pool and leave it → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.storage.adapters import zpool
from apps.storage.domain.members import VdevRemovalCancelled, VdevRemoved, VdevsAdded
from apps.storage.domain.vdevs import HOLDS_DATA, VdevWish
from apps.storage.plans.candidates import check_vdevs, lost_on
from apps.storage.plans.facts import DiskFacts, PoolFacts, Top
from apps.storage.plans.guards import check_no_checkpoint, check_writable
from apps.storage.plans.layout import check_shape, device_names, redundancy, weak_parts
from apps.storage.plans.members import Member, as_wishes, find, is_kept, word
from apps.storage.plans.steps import LONG, of, plan, probe, run
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Plan

NO_WAY_BACK = "Calypso can't undo this: the vdev can never be taken out of the pool again."


def add_vdevs(
    pool: PoolFacts, vdevs: Sequence[VdevWish], disks: Mapping[str, DiskFacts], *, lab: bool, force: bool
) -> Plan:
    """`zpool add`. ``disks``: those to join and those of the pool, as far as known. Raises Invalid or Conflict."""
    check_writable(pool, "adding vdevs")
    there = as_wishes(pool)
    check_shape(vdevs, force, there)
    own = [disks[disk] for disk in pool.disks if disk in disks]
    check_vdevs(vdevs, disks, own, lab=lab, force=force)
    paths = [(v.word, v.role, [disks[d].path for d in v.disks]) for v in vdevs]
    names = [disk for vdev in vdevs for disk in vdev.disks]
    undo = _way_back(pool, vdevs, disks)
    step = run(
        f"Add {_what(vdevs)} to {pool.name}",
        zpool.add_argv(pool.name, paths, force=force),
        probe("members_in", pool, devices=device_names(paths)),
        undo,
        LONG,
    )
    return plan(
        pool,
        [step],
        VdevsAdded(**of(pool), vdevs=tuple(vdevs)),
        disks=names,
        destroys=lost_on(disks[disk] for disk in names),
        warnings=(redundancy([*there, *vdevs]), *weak_parts(vdevs, there), *_for_good(pool, vdevs)),
    )


def _what(vdevs: Sequence[VdevWish]) -> str:
    words = [f"{v.role} {v.type}" if v.role in HOLDS_DATA or v.type != "stripe" else v.role for v in vdevs]
    return ", ".join(dict.fromkeys(words))


def _way_back(pool: PoolFacts, vdevs: Sequence[VdevWish], disks: Mapping[str, DiskFacts]) -> list[str]:
    """Single disks are known by their paths and can be removed again; groups get a name only when they are made."""
    single = all(vdev.type == "stripe" for vdev in vdevs)
    if not single or (any(vdev.role in HOLDS_DATA for vdev in vdevs) and not _evacuable(pool)):
        return []
    return zpool.remove_argv(pool.name, [disks[disk].path for vdev in vdevs for disk in vdev.disks])


def _for_good(pool: PoolFacts, vdevs: Sequence[VdevWish]) -> tuple[str, ...]:
    kept = [vdev for vdev in vdevs if vdev.role in HOLDS_DATA]
    stays = kept and (not _evacuable(pool) or any(vdev.parity for vdev in kept))
    return (NO_WAY_BACK,) if stays else ()


def _evacuable(pool: PoolFacts) -> bool:
    """Whether data vdevs can leave the pool: only where none has parity."""
    return not any(top.vdev.type.startswith(("raidz", "draid")) for top in pool.tops if top.role in HOLDS_DATA)


def remove_vdev(pool: PoolFacts, named: str, disks: Mapping[str, DiskFacts]) -> Plan:
    """`zpool remove`: at once for a log, cache or spare; a mirror or single disk with data is copied away first."""
    check_writable(pool, "removing a vdev")
    member = find(pool, named, "vdev")
    _check_removable(pool, member)
    evacuates = member.role in HOLDS_DATA
    argv = zpool.remove_argv(pool.name, [word(member.vdev, disks)])
    undo = zpool.cancel_removal_argv(pool.name) if evacuates else _add_again(pool, member.top, disks)
    leaves = member.vdev.leaves()
    gone = VdevRemoved(
        **of(pool), vdev=member.vdev.name, guid=member.vdev.guid, disks=tuple(leaf.disk for leaf in leaves if leaf.disk)
    )
    step = run(
        f"Remove {member.role} {member.vdev.name} from {pool.name}",
        argv,
        probe("vdev_leaving", pool, guid=member.vdev.guid),
        undo,
        LONG,
    )
    return plan(pool, [step], gone, warnings=_after_removal(pool, member))


def _after_removal(pool: PoolFacts, member: Member) -> tuple[str, ...]:
    if member.role not in HOLDS_DATA:
        return ()
    rest = [wish for wish in as_wishes(pool) if member.vdev.leaves()[0].name not in wish.disks]
    return (
        "Its data is copied to the other vdevs in the background; the pool keeps a table of where it went.",
        redundancy(rest),
    )


def _check_removable(pool: PoolFacts, member: Member) -> None:
    if member.vdev is not member.top.vdev:
        raise Invalid(
            f"{member.vdev.name} is a part of {member.top.vdev.name}.",
            field="vdev",
            code="not_a_top_level_vdev",
            hint="Detach a disk of a mirror, replace one of a raidz, or remove the whole vdev.",
        )
    if member.vdev.state == "INUSE":
        raise Conflict(
            f"The spare {member.vdev.name} stands in for another disk.",
            field="vdev",
            code="spare_in_use",
            hint="Replace that disk, or detach one of the two, first.",
        )
    if member.role not in HOLDS_DATA:
        return
    check_no_checkpoint(pool, "removing a data vdev")
    if not _evacuable(pool):
        raise Conflict(
            f"No data vdev can leave a pool that has a raidz or draid, and {pool.name} has one.",
            field="vdev",
            code="not_removable",
            hint="Logs, caches and spares can be removed. To get rid of a data vdev, make another pool and copy to it.",
        )
    others = [top for top in pool.tops if top.role == member.role and is_kept(top) and top is not member.top]
    if member.role == "data" and not others:
        raise Conflict(f"{member.vdev.name} is the pool's only data vdev.", field="vdev", code="last_vdev")
    if pool.removing:
        raise Conflict(
            "Another vdev is being removed.",
            field="vdev",
            code="removal_running",
            hint="Wait for its end, or cancel it.",
        )


def _add_again(pool: PoolFacts, top: Top, disks: Mapping[str, DiskFacts]) -> list[str]:
    """How a log, cache or spare is put back, where all its disks are here."""
    leaves = top.vdev.leaves()
    if not all(leaf.disk in disks for leaf in leaves):
        return []
    kind = top.vdev.type if top.vdev.children else "stripe"
    return zpool.add_argv(pool.name, [(kind, top.role, [disks[leaf.disk].path for leaf in leaves])], force=True)


def cancel_removal(pool: PoolFacts) -> Plan:
    """`zpool remove -s`: the vdev that was being copied away stays."""
    check_writable(pool, "cancelling a removal")
    if not pool.removing:
        raise Conflict(
            f"No vdev of “{pool.name}” is being removed.", code="not_removing", hint="The removal may have ended."
        )
    step = run(
        f"Cancel the removal of a vdev from {pool.name}",
        zpool.cancel_removal_argv(pool.name),
        probe("removal_stopped", pool),
    )
    return plan(pool, [step], VdevRemovalCancelled(**of(pool)))
