"""Pools that leave the box and come to it → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.storage.adapters import zpool
from apps.storage.domain.disks import disk_address
from apps.storage.domain.pools import pool_address
from apps.storage.domain.transfer import PoolExported, PoolImported
from apps.storage.plans.facts import DiskFacts, PoolFacts
from apps.storage.plans.guards import check_leavable
from apps.storage.plans.steps import LONG, of, plan, run
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Outcome, Plan, Probe

BY_ID = "/dev/disk/by-id"
MOUNT_ALL = ("zfs", "mount", "-a")


def export_pool(pool: PoolFacts, *, force: bool) -> Plan:
    """`zpool export`. What uses the pool stands in the plan; ``force`` unmounts file systems that are in use.

    A pool that is busy is refused by ZFS after some of its file systems were unmounted: they are mounted again.
    """
    check_leavable(pool, "exporting")
    step = run(
        f"Export {pool.name}",
        zpool.export_argv(pool.name, force=force),
        Probe(name="storage.pool_absent", args={"name": pool.name}),
        MOUNT_ALL,
        LONG,
        leaves_traces=True,
    )
    gone = PoolExported(**of(pool), guid=pool.guid, disks=pool.disks)
    warnings = ["All its file systems are unmounted, and volumes go away. Nothing is lost: it can be imported again."]
    if force:
        warnings.append("Programs with open files in it lose them without notice.")
    return plan(pool, [step], gone, disks=pool.disks, stops=pool.stops, confirm=pool.name, warnings=tuple(warnings))


@dataclass(frozen=True)
class FoundPool:
    """A pool that the latest search found on attached disks; ``leaves``: the names that its devices have there."""

    guid: str
    name: str
    state: str
    destroyed: bool
    foreign: bool
    missing_log: bool
    usable: bool
    disks: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True)
class ImportWish:
    """How a pool is to be imported."""

    name: str = ""
    read_only: bool = False
    altroot: str = ""
    destroyed: bool = False
    missing_log: bool = False
    rewind: bool = False
    force: bool = False


def import_pool(
    pool: UUID,
    found: FoundPool,
    wish: ImportWish,
    disks: Mapping[str, DiskFacts],
    *,
    pools: Sequence[str],
    lab: bool,
) -> Plan:
    """`zpool import` by GUID. ``disks``: those of the pool that are known. Raises Invalid or Conflict."""
    name = wish.name or found.name
    if wish.name:
        zpool.check_pool_name(wish.name, "new_name")
    if name in pools:
        raise Conflict(
            f"There is a pool “{name}” already.", code="pool_exists", field="new_name", hint="Give it another name."
        )
    _check_found(found, wish)
    _check_disks(found, disks, lab)
    by_id = bool(found.leaves) and all(_has_stable_path(leaf, disks) for leaf in found.leaves)
    argv = zpool.import_argv(
        found.guid,
        wish.name,
        folders=[BY_ID] if by_id else [],
        read_only=wish.read_only,
        altroot=wish.altroot,
        destroyed=wish.destroyed,
        missing_log=wish.missing_log,
        rewind=wish.rewind,
        force=wish.force,
    )
    step = run(
        f"Import {found.name}" + (f" as {name}" if name != found.name else ""),
        argv,
        Probe(name="storage.pool_imported", args={"name": name, "guid": found.guid}),
        zpool.export_argv(name),
        LONG,
    )
    fact = PoolImported(
        pool=pool,
        name=name,
        guid=found.guid,
        before=found.name,
        disks=found.disks,
        read_only=wish.read_only,
        altroot=wish.altroot,
        destroyed=found.destroyed,
        rewound=wish.rewind,
    )
    return Plan(
        title=step.title,
        resources=(pool_address(name), *(disk_address(disk) for disk in found.disks)),
        steps=(step,),
        outcome=(Outcome.of(pool, fact),),
        warnings=_warnings(found, wish),
        confirm=found.name if wish.rewind and not wish.read_only else None,
    )


def _has_stable_path(leaf: str, disks: Mapping[str, DiskFacts]) -> bool:
    return any(disk.path == f"{BY_ID}/{leaf}" for disk in disks.values())


def _check_found(found: FoundPool, wish: ImportWish) -> None:
    if found.destroyed != wish.destroyed:
        raise Conflict(
            f"Pool “{found.name}” was {'destroyed' if found.destroyed else 'not destroyed'}.",
            code="pool_destroyed" if found.destroyed else "pool_not_destroyed",
            field="destroyed",
            hint="Set destroyed to bring it back." if found.destroyed else "Leave destroyed out.",
        )
    if not found.usable:
        raise Conflict(
            f"Pool “{found.name}” is {found.state}: too many of its disks are missing or damaged.",
            code="pool_damaged",
            field="guid",
            hint="Reconnect them and search again. Force does not help.",
        )
    if found.missing_log and not wish.missing_log:
        raise Conflict(
            f"A log of pool “{found.name}” is missing.",
            code="missing_devices",
            field="missing_log",
            hint="Reconnect it, or set missing_log to give up the last writes that were only there.",
        )
    if found.foreign and not wish.force:
        raise Conflict(
            f"Pool “{found.name}” was last used by another system, which may be using it now.",
            code="pool_foreign",
            field="force",
            hint="Make sure that it is off there, then set force. Two systems on one pool destroy it.",
        )


def _check_disks(found: FoundPool, disks: Mapping[str, DiskFacts], lab: bool) -> None:
    real = [disk for disk in found.disks if lab and disk in disks and not disks[disk].simulated]
    if real:
        raise Invalid(
            f"{real[0]} is a real disk of this machine; the lab uses simulated disks only.",
            field="guid",
            code="real_disk",
            hint="Search for a pool of simulated disks, or start Calypso without the lab.",
        )


def _warnings(found: FoundPool, wish: ImportWish) -> tuple[str, ...]:
    told = []
    if found.state != "ONLINE":
        told.append(f"The pool is {found.state}: some of its disks are missing.")
    if found.missing_log:
        told.append("Without its log, the last writes before it was exported may be lost.")
    if found.foreign:
        told.append("If another system is using it now, the pool will be destroyed.")
    if wish.rewind:
        since = "All that was written, made and destroyed in it since its checkpoint"
        told.append(f"{since} is {'not seen' if wish.read_only else 'lost for good'}.")
    if wish.read_only:
        told.append("Read-only: nothing in it can be changed until it is exported and imported again.")
    return tuple(told)
