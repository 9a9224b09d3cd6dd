"""The two ways out of drift: the configuration follows the box, or the box is brought back to the configuration."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from apps.storage.commands.datasets import SetDatasetProperties
from apps.storage.commands.transfer import ImportPool
from apps.storage.commands.upkeep import SetPoolProperties
from apps.storage.domain.observed import NameItem
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.plans import drift as plans
from apps.storage.plans.drift import Drifted
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command
from calypso.kernel.errors import Conflict, Invalid, NotFound
from calypso.kernel.plans import Plan

Address = Annotated[str, StringConstraints(min_length=1, max_length=300)]
MISSING = "MISSING"


class DriftCommand(Command):
    """On one pool or dataset, by its address: ``storage.pool.tank``, ``storage.dataset.tank/data``."""

    address: Address

    def row(self) -> Pool | Dataset:
        """Raises Invalid or NotFound."""
        _, kind, name = [*self.address.split(".", 2), "", ""][:3]
        if not self.address.startswith(("storage.pool.", "storage.dataset.")) or not name:
            hint = "For example storage.pool.tank or storage.dataset.tank/data."
            raise Invalid("That is the address of no pool and no dataset.", field="address", hint=hint)
        found = Pool.objects.named(name) if kind == "pool" else Dataset.objects.named(name)
        if found is None:
            raise NotFound(f"There is no {kind} “{name}”.", code=f"no_such_{kind}", field="address")
        return found

    def version(self) -> int | None:
        return self.row().version


@command("storage.AcceptDrift", Permission.ADMINISTER)
class AcceptDrift(DriftCommand):
    """Takes the box as it is for configured. What is missing is forgotten."""

    def plan(self, operation: UUID) -> Plan:
        return plans.accept(drifted(self.row()))


@command("storage.RestoreDrift", Permission.ADMINISTER)
class RestoreDrift(DriftCommand):
    """Brings the box back to what is configured, as far as that can be done; lost data can't be brought back."""

    def plan(self, operation: UUID) -> Plan:
        row = self.row()
        it = drifted(row)
        plans.check_drifted(it)
        if isinstance(row, Pool):
            return self._pool(row, it, operation)
        return self._dataset(row, it, operation)

    def _pool(self, row: Pool, it: Drifted, operation: UUID) -> Plan:
        if not it.missing:
            return SetPoolProperties(name=row.name, properties=_to_set(it)).plan(operation)
        found = ImportablePool.objects.filter(pk=row.guid).first()
        if found is None:
            raise Conflict(
                f"No disk that is attached holds pool “{row.name}”.",
                code="cannot_restore",
                hint="Attach its disks and search: POST /api/v1/storage/pools/find. A destroyed pool's data is lost "
                "once its disks are used again.",
            )
        return ImportPool(guid=row.guid, new_name=row.name, destroyed=found.destroyed).plan(operation)

    def _dataset(self, row: Dataset, it: Drifted, operation: UUID) -> Plan:
        if it.missing:
            above = Dataset.objects.named(row.parent) if row.parent else None
            return plans.make_again(
                it,
                volsize=row.volsize,
                encrypted=row.encryption != "off",
                parent_missing=above is None or above.missing,
            )
        inherit = tuple(field for field, (wanted, _) in it.values.items() if not wanted)
        return SetDatasetProperties(dataset=row.id, properties=_to_set(it), inherit=inherit).plan(operation)


def _to_set(it: Drifted) -> dict[str, str]:
    """Of a pool also what is to be empty: its properties are not inherited."""
    return {field: wanted for field, (wanted, _) in it.values.items() if wanted or it.subject == "pool"}


def drifted(row: Pool | Dataset) -> Drifted:
    """A resource with its drift, for a plan."""
    if isinstance(row, Pool):
        missing = row.state == MISSING
        return Drifted("pool", row.id, row.name, row.id, row.drift, row.wanted, missing)
    gone = Dataset.objects.under(row.name).filter(missing=True) if row.missing else Dataset.objects.none()
    below = [NameItem(dataset=key, name=name) for key, name in gone.order_by("name").values_list("id", "name")]
    return Drifted("dataset", row.id, row.name, row.pool, row.drift, row.wanted, row.missing, below)
