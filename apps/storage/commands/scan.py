"""The command that looks at the box now."""

from __future__ import annotations

from uuid import UUID

from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command
from calypso.kernel.plans import Call, Plan


@command("storage.ScanStorage", Permission.OPERATE)
class ScanStorage(Command):
    """Looks at disks and pools now instead of at the next periodic scan."""

    def plan(self, operation: UUID) -> Plan:
        look = Call(title="Look at disks and pools", function="storage.observe")
        return Plan(title="Scan disks and pools", resources=("storage",), steps=(look,))
