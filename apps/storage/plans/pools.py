"""A wish about pools and the observed state → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from apps.storage.adapters import zpool
from apps.storage.domain.disks import disk_address
from apps.storage.domain.pool_properties import checked
from apps.storage.domain.pools import (
    PoolCreated,
    PoolDestroyed,
    PoolEvent,
    ScrubPaused,
    ScrubStarted,
    ScrubStopped,
    pool_address,
)
from apps.storage.domain.property_values import dangers, normalised
from apps.storage.domain.vdevs import VdevWish
from apps.storage.plans.candidates import check_vdevs, lost_on
from apps.storage.plans.facts import DiskFacts, PoolFacts
from apps.storage.plans.guards import check_leavable, check_writable
from apps.storage.plans.layout import check_shape, device_names, redundancy, weak_parts
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Call, Destroys, Outcome, Plan, Probe, Run

PROPERTIES = {"ashift": "12"}
FILESYSTEM_PROPERTIES = {"compression": "lz4", "atime": "off"}
CREATE_DEADLINE, DESTROY_DEADLINE, SCRUB_DEADLINE = 300.0, 900.0, 60.0  # seconds
ScrubAction = Literal["start", "pause", "stop"]


def create_pool(
    pool: UUID,
    name: str,
    vdevs: Sequence[VdevWish],
    disks: Mapping[str, DiskFacts],
    *,
    pools: Sequence[str],
    lab: bool,
    force: bool,
    properties: Mapping[str, str] | None = None,
    filesystem_properties: Mapping[str, str] | None = None,
) -> Plan:
    """`zpool create`. ``disks`` are those known by id; properties stand beside ours, or in their place.

    Raises Invalid or Conflict and names the field at fault.
    """
    zpool.check_pool_name(name)
    if name in pools:
        raise Conflict(
            f"There is a pool “{name}” already.", code="pool_exists", field="name", hint="Take another name."
        )
    check_shape(vdevs, force)
    check_vdevs(vdevs, disks, (), lab=lab, force=force)
    of_pool = PROPERTIES | checked(properties or {}, creating=True)
    of_root = FILESYSTEM_PROPERTIES | _of_root(filesystem_properties or {})
    paths = [(v.word, v.role, [disks[d].path for d in v.disks]) for v in vdevs]
    argv = zpool.create_argv(name, paths, properties=of_pool, filesystem_properties=of_root, force=force)
    step = Run(
        title=f"Create pool {name}",
        argv=tuple(argv),
        deadline=CREATE_DEADLINE,
        done=Probe(name="storage.pool_made", args={"name": name, "devices": device_names(paths)}),
        undo=tuple(zpool.destroy_argv(name)),
    )
    made = PoolCreated(
        pool=pool,
        name=name,
        vdevs=tuple(vdevs),
        properties=of_pool,
        filesystem_properties=of_root,
    )
    lost = lost_on(disks[disk] for vdev in vdevs for disk in vdev.disks)
    return Plan(
        title=f"Create pool {name}",
        resources=(pool_address(name), *(disk_address(d) for v in vdevs for d in v.disks)),
        steps=(step,),
        outcome=(Outcome.of(pool, made),),
        destroys=lost,
        confirm=name if lost else None,
        warnings=(redundancy(vdevs), *weak_parts(vdevs), *dangers(of_root)),
    )


def _of_root(wish: Mapping[str, str]) -> dict[str, str]:
    """Properties of the root dataset, which all others inherit. Raises Invalid."""
    try:
        return normalised(wish, "filesystem", creating=True)
    except Invalid as error:
        error.field = f"filesystem_{error.field}"
        raise


def destroy_pool(pool: PoolFacts) -> Plan:
    """`zpool destroy`: what is lost is counted here, for the tool has no dry run and asks nothing."""
    check_leavable(pool, "destroying it")
    step = Run(
        title=f"Destroy pool {pool.name}",
        argv=tuple(zpool.destroy_argv(pool.name)),
        deadline=DESTROY_DEADLINE,
        done=Probe(name="storage.pool_absent", args={"name": pool.name}),
    )
    forget = Call(title="Forget the keys", function="secrets.discard", args={"refs": list(pool.keys)})
    gone = PoolDestroyed(pool=pool.id, name=pool.name, disks=pool.disks)
    snapshots = f"{pool.snapshots:,} snapshot{'s' * (pool.snapshots != 1)} in it are lost, too."
    return Plan(
        title=f"Destroy pool {pool.name}",
        resources=(pool_address(pool.name), *(disk_address(d) for d in pool.disks)),
        steps=(step, *((forget,) if pool.keys else ())),
        outcome=(Outcome.of(pool.id, gone),),
        destroys=Destroys(names=pool.datasets or (pool.name,), what="datasets", bytes=pool.allocated),
        stops=pool.stops,
        confirm=pool.name,
        warnings=("Calypso can't undo this.", *((snapshots,) if pool.snapshots else ())),
    )


def scrub_pool(pool: PoolFacts, action: ScrubAction) -> Plan:
    """`zpool scrub`. Raises Conflict for a pool whose devices hang: there the tool hangs too and can't be ended."""
    check_writable(pool, "a scrub")
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
