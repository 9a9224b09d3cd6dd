"""Disks that join a vdev, leave it, or take another's place → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from apps.storage.adapters import zpool
from apps.storage.domain.disks import SIZE_FUZZ
from apps.storage.domain.members import DiskAttachedToVdev, DiskDetachedFromVdev, DiskReplaced
from apps.storage.domain.vdevs import HOLDS_DATA, worth_of
from apps.storage.plans.candidates import check_joining, lost_on
from apps.storage.plans.facts import DiskFacts, PoolFacts, VdevFacts
from apps.storage.plans.guards import check_no_checkpoint, check_writable
from apps.storage.plans.layout import device_names
from apps.storage.plans.members import Member, find, find_disk, is_dead_after, left_to_lose, without_disk, word
from apps.storage.plans.steps import LONG, of, plan, probe, run
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Plan, Probe

EXPANSION_SINCE = (2, 3)  # the version of ZFS that can grow a raidz by a disk
_PAIRS = ("replacing", "spare")


def attach_disk(pool: PoolFacts, to: str, disk: str, disks: Mapping[str, DiskFacts], *, lab: bool, force: bool) -> Plan:
    """`zpool attach`: a further side for a mirror or single disk, or one more disk for a raidz."""
    check_writable(pool, "attaching a disk")
    check_no_checkpoint(pool, "attaching a disk")
    member = find(pool, to, "to")
    raidz = member.vdev.type.startswith("raidz")
    _check_target(pool, member, raidz)
    target = _side(member)
    own = [disks[each] for each in pool.disks if each in disks]
    new = check_joining(disks.get(disk, disk), own, "disk", lab=lab, force=force)
    _check_size(new, member.vdev, disks, "disk")
    known = member.vdev.name if raidz else word(target, disks)
    step = run(
        f"Attach {disk} to {member.vdev.name} in {pool.name}",
        zpool.attach_argv(pool.name, known, new.path, force=force),
        _in(pool, new),
        () if raidz else zpool.detach_argv(pool.name, new.path),
        LONG,
    )
    fact = DiskAttachedToVdev(**of(pool), disk=disk, vdev=member.vdev.name, guid=target.guid)
    return plan(pool, [step], fact, disks=[disk], destroys=lost_on([new]), warnings=_after_attaching(member, raidz))


def _check_target(pool: PoolFacts, member: Member, raidz: bool) -> None:
    parent = member.parent
    fits = member.vdev.type == "mirror" or (
        member.is_disk and (parent is None or parent.type == "mirror") and member.role not in ("cache", "spare")
    )
    if raidz and pool.version < EXPANSION_SINCE:
        raise Conflict(
            "This version of ZFS can't grow a raidz by a disk.",
            field="to",
            code="not_attachable",
            hint="OpenZFS 2.3 can. Until then add a vdev, or replace all its disks with bigger ones.",
        )
    if not raidz and not fits:
        raise Conflict(
            f"Nothing can be attached to {member.vdev.name}: it is a {member.role} {member.vdev.type}"
            + (f" of {parent.name}." if parent else "."),
            field="to",
            code="not_attachable",
            hint="Name a mirror, a single disk, a disk of a mirror, or a raidz.",
        )


def _side(member: Member) -> VdevFacts:
    """The member itself, or for a mirror its first disk that works: zpool takes a disk to attach to."""
    if member.vdev.type != "mirror":
        return member.vdev
    leaves = member.vdev.leaves()
    return next((leaf for leaf in leaves if leaf.state == "ONLINE"), leaves[0])


def _after_attaching(member: Member, raidz: bool) -> tuple[str, ...]:
    if raidz:
        return (
            "Calypso can't undo this: a raidz can't be made narrower again.",
            "Data that is there keeps the old ratio of data to parity until it is written anew.",
        )
    top = member.top.vdev
    sides = len(top.children) if top.type == "mirror" else 1
    return (f"When the copying has ended, {top.name} {worth_of(sides)}.",)


def detach_disk(pool: PoolFacts, named: str, disks: Mapping[str, DiskFacts], *, force: bool) -> Plan:
    """`zpool detach`: a side of a mirror leaves, or a replacement or a spare's service ends."""
    check_writable(pool, "detaching a disk")
    member = find_disk(pool, named, "disk")
    check_no_checkpoint(pool, "detaching a disk")
    _check_detachable(pool, member)
    assert member.parent is not None
    rest = without_disk(member.top.vdev, member.vdev.guid)
    left = left_to_lose(rest)
    if left == 0 and member.parent.type not in _PAIRS and member.role in HOLDS_DATA and not force:
        raise Conflict(
            f"Without {named}, {member.top.vdev.name} has {worth_of(0)}.",
            field="disk",
            code="no_redundancy",
            hint="Attach another disk first, use replace, or set force.",
        )
    step = run(
        f"Detach {named} from {member.parent.name} in {pool.name}",
        zpool.detach_argv(pool.name, word(member.vdev, disks)),
        probe("member_gone", pool, guid=member.vdev.guid),
    )
    return plan(
        pool,
        [step],
        DiskDetachedFromVdev(**of(pool), guid=member.vdev.guid, disk=member.vdev.disk),
        warnings=(
            "Calypso can't undo this: attached again, the disk gets a new copy of all data.",
            f"Then {rest.name} has {worth_of(0)}." if left <= 0 else f"Then {rest.name} {worth_of(left)}.",
        ),
    )


def _check_detachable(pool: PoolFacts, member: Member) -> None:
    if member.parent is None and member.role == "spare":
        raise Conflict(
            f"{member.vdev.name} is a spare that is not in use.",
            field="disk",
            code="device_is_spare",
            hint="Remove it from the pool instead.",
        )
    if member.parent is None or member.parent.type not in ("mirror", *_PAIRS):
        raise Conflict(
            f"{member.vdev.name} is no side of a mirror.",
            field="disk",
            code="not_detachable",
            hint="Only a disk of a mirror, or one being replaced, can be detached. Use replace instead.",
        )
    if is_dead_after(member.top.vdev, member.vdev.guid) and not is_dead_after(member.top.vdev, None):
        raise Conflict(
            f"No other disk holds the data of {member.vdev.name}.",
            field="disk",
            code="no_replicas",
            hint="Wait for the copying to end, or bring the other disk back. Force does not help.",
        )


def replace_disk(
    pool: PoolFacts, old: str, new: str, disks: Mapping[str, DiskFacts], *, lab: bool, force: bool
) -> Plan:
    """`zpool replace`: a disk takes a member's place when it has a copy of its data."""
    check_writable(pool, "replacing a disk")
    check_no_checkpoint(pool, "replacing a disk")
    member = find_disk(pool, old, "old")
    _check_replaceable(member, old, force)
    taken = _new_disk(pool, new, disks, lab, force)
    _check_size(taken, member.vdev if member.parent is None else member.parent, disks, "new", member.vdev)
    step = run(
        f"Replace {old} in {pool.name} by {new}",
        zpool.replace_argv(pool.name, word(member.vdev, disks), taken.path, force=force),
        probe("replacing", pool, device=device_names([("", "", [taken.path])])[0]),
        zpool.detach_argv(pool.name, taken.path),
        LONG,
    )
    fact = DiskReplaced(**of(pool), guid=member.vdev.guid, disk=member.vdev.disk, by=new)
    away = "" if member.vdev.state == "ONLINE" else f" It is {member.vdev.state} now."
    warnings = (f"{old} stays in the pool until {new} has a copy of its data.{away}",)
    return plan(pool, [step], fact, disks=[new], destroys=lost_on([taken]), warnings=warnings)


def _check_replaceable(member: Member, old: str, force: bool) -> None:
    if member.role == "spare" and member.parent is None:
        raise Conflict(
            f"{old} is a spare.",
            field="old",
            code="device_is_spare",
            hint="Remove it and add another one.",
        )
    if member.parent is not None and member.parent.type == "replacing":
        raise Conflict(
            f"{old} is being replaced already.",
            field="old",
            code="already_replacing",
            hint="Wait for its end, or detach one of the two disks.",
        )
    healthy = member.vdev.state == "ONLINE" and member.vdev.errors == 0
    if healthy and not force:
        raise Conflict(
            f"{old} is ONLINE and without errors: replacing a healthy disk puts the pool's redundancy at risk.",
            field="old",
            code="healthy_disk",
            hint="Check that it is the right one. Set force if you mean it.",
        )


def _new_disk(pool: PoolFacts, new: str, disks: Mapping[str, DiskFacts], lab: bool, force: bool) -> DiskFacts:
    """A disk to be had, or one of the pool's own spares that waits."""
    spares = [top.vdev for top in pool.tops if top.role == "spare" and top.vdev.disk == new]
    if spares and spares[0].state == "AVAIL" and new in disks:
        return disks[new]
    own = [disks[each] for each in pool.disks if each in disks]
    return check_joining(disks.get(new, new), own, "new", lab=lab, force=force)


def _check_size(
    new: DiskFacts, group: VdevFacts, disks: Mapping[str, DiskFacts], field: str, old: VdevFacts | None = None
) -> None:
    """Force does not help here. A member that is away is as big as the others of its vdev, as far as is known."""
    known = [disks[leaf.disk].size for leaf in group.leaves() if leaf.disk in disks]
    needed = disks[old.disk].size if old is not None and old.disk in disks else min(known, default=0)
    if new.size + SIZE_FUZZ < needed:
        raise Invalid(
            f"{new.id} is too small: {new.size} bytes, where {needed} are needed.",
            field=field,
            code="disk_too_small",
            hint="Take a disk of at least that size. ZFS itself refuses a smaller one; force does not help.",
        )


def _in(pool: PoolFacts, new: DiskFacts) -> Probe:
    return probe("members_in", pool, devices=device_names([("", "", [new.path])]))
