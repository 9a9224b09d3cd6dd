"""The commands on support bundles."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from apps.system.models.bundles import SupportBundle
from apps.system.plans.bundles import delete_plan, make_plan
from calypso.kernel import bundles
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Plan


def find_bundle(bundle: UUID) -> SupportBundle:
    """Raises NotFound."""
    found = SupportBundle.objects.filter(pk=bundle).first()
    if found is None:
        raise NotFound(f"There is no support bundle {bundle}.", code="no_such_bundle", field="bundle")
    return found


@command("system.MakeSupportBundle", Permission.ADMINISTER)
class MakeSupportBundle(Command):
    """Gathers what helps to find a fault into one archive, secrets masked."""

    hours: int = Field(24, ge=1, le=24 * 14, description="Of the journal, so many hours back.")

    def plan(self, operation: UUID) -> Plan:
        return make_plan(mint(operation, "bundle"), bundles.parts(), self.hours, SupportBundle.objects.count())


@command("system.DeleteSupportBundle", Permission.ADMINISTER)
class DeleteSupportBundle(Command):
    """Removes an archive; that it was made stays on record."""

    bundle: UUID

    def plan(self, operation: UUID) -> Plan:
        return delete_plan(find_bundle(self.bundle).id)
