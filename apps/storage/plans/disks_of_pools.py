"""What is done to disks where they are: offline, online, clear, expand, trim, initialize → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from apps.storage.adapters import zpool
from apps.storage.domain.members import DiskBroughtOnline, DiskTakenOffline
from apps.storage.domain.upkeep import (
    DisksEvent,
    InitializeCancelled,
    InitializeStarted,
    InitializeSuspended,
    PoolCleared,
    PoolExpanded,
    TrimCancelled,
    TrimStarted,
    TrimSuspended,
)
from apps.storage.plans.facts import DiskFacts, PoolFacts
from apps.storage.plans.guards import check_answers, check_present, check_writable
from apps.storage.plans.members import Member, find_disk, is_dead_after, word, worth_without
from apps.storage.plans.steps import LONG, of, plan, probe, run
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Plan

ActivityAction = zpool.ActivityAction
Kind = Literal["trim", "initialize"]
AWAY = ("OFFLINE", "REMOVED", "UNAVAIL", "FAULTED")


def offline_disk(pool: PoolFacts, named: str, disks: Mapping[str, DiskFacts], *, temporary: bool) -> Plan:
    """`zpool offline`. Raises Conflict where the data could not be read without the disk: ZFS can't be forced to."""
    check_answers(pool, "taking a disk offline")
    member = find_disk(pool, named, "disk")
    _check_spareable(member, named)
    known = word(member.vdev, disks)
    step = run(
        f"Take {named} in {pool.name} offline",
        zpool.offline_argv(pool.name, known, temporary=temporary),
        probe("member_state", pool, guid=member.vdev.guid, states=["OFFLINE"]),
        zpool.online_argv(pool.name, [known]),
    )
    fact = DiskTakenOffline(**of(pool), guid=member.vdev.guid, disk=member.vdev.disk, temporary=temporary)
    worth = worth_without(pool, member.vdev.guid)
    after = f"Meanwhile the pool {worth}." if worth.startswith("survives") else f"Meanwhile the pool has {worth}."
    return plan(pool, [step], fact, warnings=(after,))


def _check_spareable(member: Member, named: str) -> None:
    if member.role == "spare" and member.parent is None:
        raise Conflict(
            f"{named} is a spare that is not in use.",
            field="disk",
            code="device_is_spare",
            hint="Remove it from the pool instead.",
        )
    if member.vdev.state == "OFFLINE":
        raise Conflict(f"{named} is offline already.", field="disk", code="already_offline")
    if member.role != "cache" and is_dead_after(member.top.vdev, member.vdev.guid):
        raise Conflict(
            f"Without {named}, {member.top.vdev.name} would have no replica of its data left.",
            field="disk",
            code="no_replicas",
            hint="Replace or reconnect the disks that are away first. Force does not help: ZFS itself refuses.",
        )


def online_disk(pool: PoolFacts, named: str, disks: Mapping[str, DiskFacts], *, expand: bool) -> Plan:
    """`zpool online`; ``expand``: use the whole of a disk that grew."""
    check_answers(pool, "bringing a disk online")
    member = find_disk(pool, named, "disk")
    known = word(member.vdev, disks)
    was_offline = member.vdev.state == "OFFLINE"
    step = run(
        f"Bring {named} in {pool.name} online",
        zpool.online_argv(pool.name, [known], expand=expand),
        probe("member_state", pool, guid=member.vdev.guid, states=["ONLINE", "DEGRADED"]),
        zpool.offline_argv(pool.name, known) if was_offline else (),
    )
    return plan(pool, [step], DiskBroughtOnline(**of(pool), guid=member.vdev.guid, disk=member.vdev.disk))


def clear_pool(pool: PoolFacts, named: str | None, disks: Mapping[str, DiskFacts]) -> Plan:
    """`zpool clear`: the one thing to do about a suspended pool, once its disks are back."""
    check_present(pool)
    member = find_disk(pool, named, "disk") if named else None
    step = run(
        f"Clear the errors of {named + ' in ' if named else ''}{pool.name}",
        zpool.clear_argv(pool.name, word(member.vdev, disks) if member else ""),
        probe("errors_cleared", pool, guid=member.vdev.guid if member else ""),
    )
    warnings = (
        (f"The pool is {pool.state}: this succeeds only when its disks are back.",) if pool.state == "SUSPENDED" else ()
    )
    ids = (member.vdev.disk,) if member and member.vdev.disk else ()
    return plan(pool, [step], PoolCleared(**of(pool), disks=ids), warnings=warnings)


def expand_pool(pool: PoolFacts, named: Sequence[str], disks: Mapping[str, DiskFacts]) -> Plan:
    """`zpool online -e` of some or all disks: the pool uses what they have more than before."""
    check_writable(pool, "expanding")
    chosen = _chosen(pool, named) if named else _working(pool)
    step = run(
        f"Expand {pool.name} to all of its disks",
        zpool.online_argv(pool.name, [word(member.vdev, disks) for member in chosen], expand=True),
        probe("expanded", pool),
        deadline=LONG,
    )
    fact = PoolExpanded(**of(pool), disks=_ids(chosen))
    return plan(pool, [step], fact, warnings=("Calypso can't undo this: a pool can't be made smaller again.",))


def _chosen(pool: PoolFacts, named: Sequence[str]) -> list[Member]:
    return [find_disk(pool, each, f"disks.{at}") for at, each in enumerate(named)]


def _working(pool: PoolFacts) -> list[Member]:
    """All disks that hold data and are there."""
    leaves = [leaf for top in pool.tops if top.role not in ("cache", "spare") for leaf in top.vdev.leaves()]
    return [find_disk(pool, leaf.guid or leaf.name, "disks") for leaf in leaves if leaf.state not in AWAY]


def _ids(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(member.vdev.disk for member in members if member.vdev.disk)


def trim_pool(
    pool: PoolFacts,
    action: ActivityAction,
    named: Sequence[str],
    disks: Mapping[str, DiskFacts],
    *,
    rate: int | None = None,
) -> Plan:
    """`zpool trim` of some or all disks. ``rate``: bytes a second and disk."""
    check_writable(pool, "a trim of its disks")
    chosen = _chosen(pool, named)
    words = [word(member.vdev, disks) for member in chosen]
    argv = zpool.trim_argv(pool.name, action, words, rate=rate)
    return _activity(pool, "trim", action, argv, chosen)


def initialize_pool(
    pool: PoolFacts, action: ActivityAction, named: Sequence[str], disks: Mapping[str, DiskFacts]
) -> Plan:
    """`zpool initialize` of some or all disks: all free space is written to once."""
    check_writable(pool, "an initialisation of its disks")
    chosen = _chosen(pool, named)
    argv = zpool.initialize_argv(pool.name, action, [word(member.vdev, disks) for member in chosen])
    return _activity(pool, "initialize", action, argv, chosen)


def _activity(
    pool: PoolFacts, kind: Kind, action: ActivityAction, argv: Sequence[str], chosen: Sequence[Member]
) -> Plan:
    """What was started is taken back by a cancel of the same disks."""
    where = f"{len(chosen)} disk{'s' if len(chosen) > 1 else ''} of {pool.name}" if chosen else pool.name
    members = argv[argv.index("--") + 2 :]
    build = zpool.trim_argv if kind == "trim" else zpool.initialize_argv
    step = run(
        f"{action.capitalize()} {kind} of {where}",
        argv,
        probe("activity", pool, kind=kind, action=action, guids=[member.vdev.guid for member in chosen]),
        build(pool.name, "cancel", members) if action == "start" else (),
    )
    return plan(pool, [step], _ACTIVITIES[kind, action](**of(pool), disks=_ids(chosen)))


_ACTIVITIES: dict[tuple[str, str], type[DisksEvent]] = {
    ("trim", "start"): TrimStarted,
    ("trim", "suspend"): TrimSuspended,
    ("trim", "cancel"): TrimCancelled,
    ("initialize", "start"): InitializeStarted,
    ("initialize", "suspend"): InitializeSuspended,
    ("initialize", "cancel"): InitializeCancelled,
}
