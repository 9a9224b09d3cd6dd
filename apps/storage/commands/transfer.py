"""Commands by which pools leave the box and come to it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from pydantic import Field, StringConstraints

from apps.storage.commands.base import OnPool, PoolName, PoolRequest
from apps.storage.commands.facts import disk_facts, find_pool, pool_facts
from apps.storage.commands.returning import known_before, returning
from apps.storage.domain.pools import pool_address
from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.plans import transfer as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.dependents import used_by
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Call, Plan

Guid = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Folder = Annotated[str, StringConstraints(max_length=1024, pattern=r"^(/[A-Za-z0-9_.:-]+)*$")]


class ExportRequest(PoolRequest):
    """How to export."""

    force: bool = Field(False, description="Unmount file systems that are in use.")
    confirm: PoolName | None = Field(None, description="The pool's name again.")


@command("storage.ExportPool", Permission.ADMINISTER)
class ExportPool(ExportRequest, OnPool):
    """Takes a pool off the box, whole: its disks can be moved, and it can be imported again."""

    def plan(self, operation: UUID) -> Plan:
        pool = pool_facts(find_pool(self.name), stops=used_by(pool_address(self.name)))
        return plans.export_pool(pool, force=self.force)


@command("storage.FindPools", Permission.OPERATE)
class FindPools(Command):
    """Searches attached disks for pools that are not in use here, also destroyed ones."""

    def plan(self, operation: UUID) -> Plan:
        search = Call(title="Search the disks for pools", function="storage.find_pools")
        return Plan(title="Find pools to import", resources=("storage",), steps=(search,))


@command("storage.ImportPool", Permission.ADMINISTER)
class ImportPool(Command):
    """Imports a pool that the latest search found."""

    guid: Guid
    new_name: PoolName | None = Field(None, description="The name it is to have; its own where none is given.")
    read_only: bool = False
    altroot: Folder = Field("", description="Folder under which its file systems are mounted, as long as it is here.")
    destroyed: bool = Field(False, description="Bring a destroyed pool back.")
    missing_log: bool = Field(False, description="Import without a log that is away, and lose the last writes.")
    rewind: bool = Field(False, description="Back to the pool's checkpoint: all that was done since is lost.")
    confirm: PoolName | None = Field(None, description="The pool's name again, where data goes.")
    force: bool = Field(False, description="Import although another system used it last.")

    def plan(self, operation: UUID) -> Plan:
        found = ImportablePool.objects.filter(pk=self.guid).first()
        if found is None:
            raise NotFound(
                f"No pool {self.guid} was found on the disks.",
                code="no_such_pool",
                field="guid",
                hint="Search for pools first: POST /api/v1/storage/pools/find.",
            )
        back = returning(self.guid)
        known = back.id if back else known_before(self.guid)
        wish = plans.ImportWish(
            name=self.new_name or "",
            read_only=self.read_only,
            altroot=self.altroot,
            destroyed=self.destroyed,
            missing_log=self.missing_log,
            rewind=self.rewind,
            force=self.force,
        )
        return plans.import_pool(
            known or mint(operation, "pool"),
            _facts(found),
            wish,
            disk_facts(found.disks),
            pools=[pool.name for pool in Pool.objects.only("id", "name") if pool.id != known],
            lab=settings.CALYPSO_LAB,
        )


def _facts(found: ImportablePool) -> plans.FoundPool:
    return plans.FoundPool(
        guid=found.guid,
        name=found.name,
        state=found.state,
        destroyed=found.destroyed,
        foreign=found.foreign,
        missing_log=found.missing_log,
        usable=found.usable,
        disks=tuple(found.disks),
        leaves=tuple(name for vdevs in found.layout.values() for vdev in vdevs for name in _leaves(vdev)),
    )


def _leaves(vdev: dict[str, Any]) -> list[str]:
    """The names of its disks that are here."""
    if vdev["children"]:
        return [name for child in vdev["children"] for name in _leaves(child)]
    return [] if vdev["state"] == "UNAVAIL" else [vdev["name"]]
