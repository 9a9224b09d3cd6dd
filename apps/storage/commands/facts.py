"""What plans need to know, read from the read models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.storage.adapters.zpool import ROLES
from apps.storage.models.datasets import Dataset
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.snapshots import Snapshot
from apps.storage.models.zfs import ZfsState
from apps.storage.plans.facts import DiskFacts, PoolFacts, Top, VdevFacts
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Dependent


def find_pool(name: str) -> Pool:
    """Raises NotFound."""
    pool = Pool.objects.named(name)
    if pool is None:
        raise NotFound(f"There is no pool “{name}”.", code="no_such_pool", field="name")
    return pool


def pool_contents(pool: Pool) -> dict[str, Any]:
    """What a plan that destroys the pool needs to know beside: what is in it."""
    usage = PoolUsage.objects.filter(pool=pool.id).first()
    rows = Dataset.objects.filter(pool=pool.id, missing=False).order_by("name").values_list("name", "key")
    return {
        "allocated": usage.allocated if usage else 0,
        "datasets": tuple(name for name, _ in rows),
        "keys": tuple(key for _, key in rows if key),
        "snapshots": Snapshot.objects.filter(pool=pool.id).count(),
    }


def pool_facts(pool: Pool, stops: tuple[Dependent, ...] = ()) -> PoolFacts:
    """What a plan needs to know of a pool."""
    return PoolFacts(
        id=pool.id,
        name=pool.name,
        state=pool.state,
        disks=tuple(pool.disks),
        guid=pool.guid,
        read_only=pool.read_only,
        tops=tuple(Top(role, _vdev(vdev)) for role in ROLES for vdev in pool.layout.get(role, [])),
        properties=pool.properties,
        upgradable=pool.upgradable,
        checkpoint=pool.checkpoint,
        removing=pool.removal is not None and pool.removal["state"] == "in_progress",
        stops=stops,
        version=zfs_version(),
    )


def _vdev(vdev: dict[str, Any]) -> VdevFacts:
    return VdevFacts(
        name=vdev["name"],
        type=vdev["type"],
        state=vdev["state"],
        guid=vdev.get("guid", ""),
        path=vdev.get("path", ""),
        disk=vdev.get("disk", ""),
        errors=sum(vdev[kind] or 0 for kind in ("read", "write", "checksum")),
        children=tuple(_vdev(child) for child in vdev["children"]),
    )


def zfs_version() -> tuple[int, ...]:
    """As the latest scan found it; () before the first."""
    state = ZfsState.objects.filter(pk="zfs").first()
    return tuple(int(part) for part in state.zfs_version.split(".") if part.isdigit()) if state else ()


def disk_facts(ids: Iterable[str]) -> dict[str, DiskFacts]:
    """What is known of these disks, by id."""
    members = Pool.objects.members()
    return {
        disk.id: DiskFacts(
            id=disk.id,
            path=disk.path,
            serial=disk.serial,
            size=disk.size,
            simulated=disk.simulated,
            system=disk.system,
            broken=disk.broken,
            read_only=disk.read_only,
            uses=tuple((u["kind"], u["name"]) for u in disk.uses),
            pool=members.get(disk.id, ""),
        )
        for disk in Disk.objects.by_id(list(ids)).values()
    }
