"""The command on alerts."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from calypso.kernel.actors import Permission
from calypso.kernel.alerts.domain import AlertAcknowledged, alert_address
from calypso.kernel.commands import Command, Reason, command
from calypso.kernel.errors import Conflict, NotFound
from calypso.kernel.models import Alert
from calypso.kernel.plans import Outcome, Plan


def find_alert(alert: UUID) -> Alert:
    """Raises NotFound."""
    found = Alert.objects.filter(pk=alert).first()
    if found is None:
        raise NotFound(f"There is no alert {alert}.", code="no_such_alert", field="alert")
    return found


@command("alerts.AcknowledgeAlert", Permission.OPERATE)
class AcknowledgeAlert(Command):
    """Says that somebody knows: the alert is quiet until it is cleared, or gets worse."""

    alert: UUID
    reason: Reason = Field("", description="What is being done about it; it stands in the audit trail.")

    def plan(self, operation: UUID) -> Plan:
        alert = find_alert(self.alert)
        if alert.state != "active":
            raise Conflict(
                f"This alert is {alert.state}.",
                code=f"alert_{alert.state}",
                field="alert",
                hint="Nothing is to be done.",
            )
        known = AlertAcknowledged(alert=alert.id, rule=alert.rule, key=alert.key, resource=alert.resource)
        return Plan(
            title=f"Acknowledge: {alert.title}",
            resources=(alert_address(alert.id),),
            steps=(),
            outcome=(Outcome.of(alert.id, known),),
        )

    def version(self) -> int | None:
        return find_alert(self.alert).version
