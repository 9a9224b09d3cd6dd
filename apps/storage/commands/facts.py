"""What plans need to know, read from the read models."""

from __future__ import annotations

from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.plans.facts import DiskFacts, PoolFacts
from calypso.kernel.errors import NotFound


def find_pool(name: str) -> Pool:
    """Raises NotFound."""
    pool = Pool.objects.named(name)
    if pool is None:
        raise NotFound(f"There is no pool “{name}”.", code="no_such_pool", field="name")
    return pool


def pool_facts(pool: Pool, usage: PoolUsage | None = None) -> PoolFacts:
    """What a plan needs to know of a pool; ``usage``, the latest sample, only where something is destroyed."""
    return PoolFacts(
        id=pool.id,
        name=pool.name,
        state=pool.state,
        disks=tuple(pool.disks),
        allocated=usage.allocated if usage else 0,
        datasets=tuple(usage.datasets) if usage else (),
    )


def disk_facts(ids: list[str]) -> dict[str, DiskFacts]:
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
        for disk in Disk.objects.by_id(ids).values()
    }
