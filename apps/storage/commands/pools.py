"""The commands on pools."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.storage.commands.facts import disk_facts, find_pool, pool_facts
from apps.storage.domain.vdevs import VdevWish
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.plans import pools as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, Reason, command, mint
from calypso.kernel.plans import Plan

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
