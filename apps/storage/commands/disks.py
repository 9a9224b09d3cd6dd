"""The commands on disks."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from apps.storage.commands.facts import disk_facts
from apps.storage.domain.disks import DiskId
from apps.storage.domain.wiping import WipeMethod
from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskBay, DiskSmart
from apps.storage.plans import disks as plans
from apps.storage.plans.facts import DiskFacts
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, Reason, command
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Plan


def find_disk(disk: str) -> Disk:
    """Raises NotFound."""
    found = Disk.objects.filter(pk=disk).first()
    if found is None:
        raise NotFound(
            f"There is no disk {disk}.", code="no_such_disk", field="disk", hint="See /api/v1/storage/disks."
        )
    return found


class DiskCommand(Command):
    disk: DiskId

    def facts(self) -> DiskFacts:
        find_disk(self.disk)
        return disk_facts([self.disk])[self.disk]

    def version(self) -> int | None:
        return find_disk(self.disk).version


class Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason = ""


class SelfTestRequest(Request):
    """What to do about self-tests. short: minutes; long: reads all of the disk, hours."""

    test: plans.SelfTestAction = "short"


@command("storage.RunSelfTest", Permission.OPERATE)
class RunSelfTest(DiskCommand):
    """Lets a disk test itself, or ends the test that runs."""

    test: plans.SelfTestAction = "short"

    def plan(self, operation: UUID) -> Plan:
        facts = self.facts()
        smart = DiskSmart.objects.filter(pk=self.disk).first()
        known = plans.SmartFacts(state=smart.state, self_test=smart.self_test) if smart else plans.SmartFacts()
        return plans.run_self_test(facts, known, self.test, settings.CALYPSO_LAB)


class WipeRequest(Request):
    """How to empty the disk. quick: signatures and both ends; discard: all blocks; zero: all overwritten, read back."""

    method: WipeMethod = "quick"
    confirm: DiskId | None = Field(None, description="The disk's serial number again (its id, where it has none).")


@command("storage.WipeDisk", Permission.ADMINISTER)
class WipeDisk(DiskCommand):
    """Empties a disk that nobody uses."""

    method: WipeMethod = "quick"

    def plan(self, operation: UUID) -> Plan:
        return plans.wipe_disk(self.facts(), self.method, settings.CALYPSO_LAB)


class LocateRequest(Request):
    on: bool = True


@command("storage.LocateDisk", Permission.OPERATE)
class LocateDisk(DiskCommand):
    """Switches the light at a disk's bay, to find it in its rack."""

    on: bool = True

    def plan(self, operation: UUID) -> Plan:
        facts = self.facts()
        bay = DiskBay.objects.filter(pk=self.disk).first()
        return plans.locate_disk(facts, bay.way if bay else "", self.on, settings.CALYPSO_LAB)
