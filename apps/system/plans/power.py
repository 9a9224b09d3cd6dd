"""Plans for the machine's power."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from apps.system.domain.power import POWER
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Ask, Dependent, Plan, Probe

Action = Literal["reboot", "shutdown"]
DEADLINE = 30.0  # seconds for logind to say that it has begun
METHODS = {"reboot": "Reboot", "shutdown": "PowerOff"}
LOSES = {
    "reboot": "The box restarts: all that it serves stops, and it is away for some minutes.",
    "shutdown": "The box is switched off: all that it serves stops, until somebody at the machine switches it on.",
}
TITLES = {"reboot": "Restart the box", "shutdown": "Switch the box off"}


def power_plan(action: Action, *, host: str, boot: UUID | None, reason: str, running: Sequence[Dependent]) -> Plan:
    """``boot``: the present one; ``running``: operations that would be cut off. Raises Invalid or Conflict."""
    if not reason:
        raise Invalid("Say why: it stands in the audit trail.", code="reason_required", field="reason")
    if boot is None:
        raise Conflict(
            "The box has not been looked at yet.",
            code="boot_unknown",
            hint="Wait until the observer runs: see its health.",
        )
    step = Ask(
        title=f"{TITLES[action]}, all services in order",
        destination="org.freedesktop.login1",
        path="/org/freedesktop/login1",
        interface="org.freedesktop.login1.Manager",
        member=METHODS[action],
        signature="b",
        body=(False,),  # nobody can be asked for a password
        deadline=DEADLINE,
        done=Probe(name="system.went_down", args={"boot": str(boot)}),
    )
    return Plan(
        title=f"{TITLES[action]} ({host})",
        resources=(POWER,),
        steps=(step,),
        stops=tuple(running),
        warnings=(LOSES[action],),
        cuts=True,
        confirm=host,
    )
