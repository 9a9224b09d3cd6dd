"""A wish to mount or unmount a file system and the observed state → a plan. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from apps.storage.adapters.zfs import argv
from apps.storage.domain.datasets import DatasetMounted, DatasetUnmounted
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState
from apps.storage.plans.dataset_rules import check_not_held, check_pool, resources_of
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Dependent, Outcome, Plan, Probe, Run

DEADLINE = 120.0  # seconds
NO_PATHS = ("", "none", "legacy")


def mount(it: DatasetFacts, pool: PoolState) -> Plan:
    """`zfs mount`. Raises Conflict for what can't be mounted."""
    check_pool(pool, it.name)
    _check_filesystem(it)
    if it.mounted:
        raise Conflict(f"“{it.name}” is mounted already.", code="already_mounted", hint="There is nothing to do.")
    if it.key_status == "unavailable":
        raise Conflict(
            f"The key of “{it.encryption_root}” is not loaded.", code="key_unavailable", hint="Load that key first."
        )
    if not can_be_mounted(it):
        raise Conflict(
            f"“{it.name}” can't be mounted: its canmount is {it.values.get('canmount', 'on')}, its mountpoint "
            f"{it.mountpoint or 'none'}.",
            code="not_mountable",
            hint="Change these properties first.",
        )
    fact = DatasetMounted(dataset=it.id, pool=it.pool, name=it.name)
    return Plan(
        title=f"Mount {it.name}",
        resources=resources_of(it.name),
        steps=(mount_step(it),),
        outcome=(Outcome.of(it.id, fact),),
    )


def unmount(
    it: DatasetFacts, pool: PoolState, below: Sequence[DatasetFacts], users: Sequence[Dependent], *, force: bool
) -> Plan:
    """`zfs unmount`, with what is mounted below it. force: even when something uses it."""
    check_pool(pool, it.name)
    _check_filesystem(it)
    if not it.mounted:
        raise Conflict(f"“{it.name}” is not mounted.", code="not_mounted", hint="There is nothing to do.")
    if not force:
        check_not_held(it.name, users, "unmounted", "End that first, or set force: it then gets errors.")
    inner = [child for child in below if child.mounted and child.mountpoint.startswith(f"{it.mountpoint.rstrip('/')}/")]
    fact = DatasetUnmounted(dataset=it.id, pool=it.pool, name=it.name, datasets=(it.id, *(child.id for child in inner)))
    return Plan(
        title=f"Unmount {it.name}",
        resources=resources_of(it.name),
        steps=(unmount_step(it, force=force),),
        outcome=(Outcome.of(it.id, fact),),
        stops=tuple(users),
        warnings=(f"{len(inner)} mounted below it go with it.",) if inner else (),
    )


def can_be_mounted(it: DatasetFacts) -> bool:
    return it.type == "filesystem" and it.values.get("canmount") != "off" and it.mountpoint not in NO_PATHS


def mount_step(it: DatasetFacts) -> Run:
    return Run(
        title=f"Mount {it.name}",
        argv=tuple(argv.mount_argv(it.name)),
        deadline=DEADLINE,
        done=Probe(name="storage.mounted_is", args={"name": it.name, "mounted": True}),
        undo=tuple(argv.unmount_argv(it.name)),
    )


def unmount_step(it: DatasetFacts, *, force: bool = False) -> Run:
    return Run(
        title=f"Unmount {it.name}",
        argv=tuple(argv.unmount_argv(it.name, force=force)),
        deadline=DEADLINE,
        done=Probe(name="storage.mounted_is", args={"name": it.name, "mounted": False}),
        undo=tuple(argv.mount_argv(it.name)),
    )


def _check_filesystem(it: DatasetFacts) -> None:
    if it.type != "filesystem":
        raise Conflict(f"“{it.name}” is a volume: it is not mounted.", code="not_a_filesystem")
