"""The commands of storage."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.storage import plans
from apps.storage.domain import VdevWish
from apps.storage.models import Disk, Pool, PoolUsage
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, Reason, command, mint
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Call, Plan

PoolName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


@command("storage.CreatePool", Permission.ADMINISTER)
class CreatePool(Command):
    """Makes a pool of disks, which lose what is on them."""

    name: PoolName
    vdevs: tuple[VdevWish, ...] = Field(min_length=1, max_length=255)
    force: bool = Field(False, description="Override: unlike vdevs, unlike sizes, traces of former use on a disk.")
    confirm: PoolName | None = Field(None, description="The pool's name again, when what is on a disk is lost.")

    def plan(self, operation: UUID) -> Plan:
        return plans.create_pool(
            mint(operation, "pool"),
            self.name,
            self.vdevs,
            disk_facts([disk for vdev in self.vdevs for disk in vdev.disks]),
            pools=list(Pool.objects.values_list("name", flat=True)),
            lab=settings.CALYPSO_LAB,
            force=self.force,
        )


@command("storage.DestroyPool", Permission.ADMINISTER)
class DestroyPool(Command):
    """Destroys a pool and all data in it."""

    name: PoolName

    def plan(self, operation: UUID) -> Plan:
        pool = find_pool(self.name)
        return plans.destroy_pool(pool_facts(pool, PoolUsage.objects.filter(pool=pool.id).first()))

    def version(self) -> int | None:
        return find_pool(self.name).version


class ScrubRequest(BaseModel):
    """What to do about a scrub."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: plans.ScrubAction = "start"
    reason: Reason = ""


@command("storage.ScrubPool", Permission.OPERATE)
class ScrubPool(Command):
    """Reads all data of a pool and repairs what is wrong."""

    name: PoolName
    action: plans.ScrubAction = "start"

    def plan(self, operation: UUID) -> Plan:
        return plans.scrub_pool(pool_facts(find_pool(self.name)), self.action)

    def version(self) -> int | None:
        return find_pool(self.name).version


@command("storage.ScanStorage", Permission.OPERATE)
class ScanStorage(Command):
    """Looks at disks and pools now instead of at the next periodic scan."""

    def plan(self, operation: UUID) -> Plan:
        look = Call(title="Look at disks and pools", function="storage.observe")
        return Plan(title="Scan disks and pools", resources=("storage",), steps=(look,))


def find_pool(name: str) -> Pool:
    """Raises NotFound."""
    pool = Pool.objects.named(name)
    if pool is None:
        raise NotFound(f"There is no pool “{name}”.", code="no_such_pool", field="name")
    return pool


def pool_facts(pool: Pool, usage: PoolUsage | None = None) -> plans.PoolFacts:
    """What a plan needs to know of a pool; ``usage``, the latest sample, only where something is destroyed."""
    return plans.PoolFacts(
        id=pool.id,
        name=pool.name,
        state=pool.state,
        disks=tuple(pool.disks),
        allocated=usage.allocated if usage else 0,
        datasets=tuple(usage.datasets) if usage else (),
    )


def disk_facts(ids: list[str]) -> dict[str, plans.DiskFacts]:
    """What is known of these disks, by id."""
    members = Pool.objects.members()
    return {
        disk.id: plans.DiskFacts(
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
