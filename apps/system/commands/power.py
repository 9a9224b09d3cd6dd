"""The commands on the machine's power."""

from __future__ import annotations

import socket
from typing import ClassVar
from uuid import UUID

from apps.system.models.power import Boot
from apps.system.plans.power import Action, power_plan
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command
from calypso.kernel.models import Operation
from calypso.kernel.plans import Dependent, Plan


class PowerCommand(Command):
    """Takes a reason, and the name of the machine as confirmation."""

    ACTION: ClassVar[Action]

    def plan(self, operation: UUID) -> Plan:
        present = Boot.objects.filter(how="").order_by("-position").first()
        return power_plan(
            self.ACTION,
            host=socket.gethostname(),
            boot=present.id if present else None,
            reason=self.reason,
            running=running(operation),
        )


@command("system.RebootBox", Permission.ADMINISTER)
class RebootBox(PowerCommand):
    """Restarts the machine."""

    ACTION = "reboot"


@command("system.ShutDownBox", Permission.ADMINISTER)
class ShutDownBox(PowerCommand):
    """Switches the machine off."""

    ACTION = "shutdown"


def running(but: UUID) -> list[Dependent]:
    """Operations that are under way; after the boot they are taken up again, or end as failed with the truth."""
    found = Operation.objects.filter(state="running").exclude(pk=but).order_by("position")
    return [Dependent(kind="operation", name=o.title, detail=o.state, address=f"operation.{o.pk}") for o in found]
