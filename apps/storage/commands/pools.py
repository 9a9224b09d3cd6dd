"""The commands on pools."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.conf import settings
from pydantic import Field

from apps.storage.commands.base import OnPool, PoolName, PoolRequest, PropertyValues
from apps.storage.commands.facts import disk_facts, find_pool, pool_contents, pool_facts
from apps.storage.domain.pools import pool_address
from apps.storage.domain.vdevs import VdevWish
from apps.storage.models.pools import Pool
from apps.storage.plans import pools as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.dependents import used_by
from calypso.kernel.plans import Plan


@command("storage.CreatePool", Permission.ADMINISTER)
class CreatePool(Command):
    """Makes a pool of disks, which lose what is on them."""

    name: PoolName
    vdevs: tuple[VdevWish, ...] = Field(min_length=1, max_length=255)
    properties: PropertyValues = Field({}, description="Of the pool: see /pools/property-definitions.")
    filesystem_properties: PropertyValues = Field(
        {}, description="Of the root dataset, which all others inherit: see /datasets/properties."
    )
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
            properties=self.properties,
            filesystem_properties=self.filesystem_properties,
        )


@command("storage.DestroyPool", Permission.ADMINISTER)
class DestroyPool(OnPool):
    """Destroys a pool and all data in it."""

    def plan(self, operation: UUID) -> Plan:
        pool = find_pool(self.name)
        facts = replace(pool_facts(pool, used_by(pool_address(self.name))), **pool_contents(pool))
        return plans.destroy_pool(facts)


class ScrubRequest(PoolRequest):
    """What to do about a scrub."""

    action: plans.ScrubAction = "start"


@command("storage.ScrubPool", Permission.OPERATE)
class ScrubPool(ScrubRequest, OnPool):
    """Reads all data of a pool and repairs what is wrong."""

    def plan(self, operation: UUID) -> Plan:
        return plans.scrub_pool(self.facts(), self.action)
