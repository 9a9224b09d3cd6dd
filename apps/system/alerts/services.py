"""Services that failed, and a systemd that does not answer."""

from __future__ import annotations

from collections.abc import Iterator

from apps.system.domain.services import service_address
from apps.system.models.services import Service, ServiceManager
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.alerts.rules import Standing, rule


@rule("system.service")
def failed(standing: Standing) -> Iterator[Condition]:
    """A unit that failed stays so until it is started again."""
    for service in Service.objects.filter(active="failed").order_by("unit"):
        yield Condition(
            key=service.unit,
            severity="critical" if service.part else "warning",
            resource=service_address(service.unit),
            title=f"{service.unit} has failed",
            text=f"{service.description or service.unit}: {service.why or 'systemd tells no reason'}.",
            advice="Look at its log, see to the reason, and restart it.",
        )


@rule("system.manager")
def silent(standing: Standing) -> Iterator[Condition]:
    """Without systemd's answers nobody knows what runs."""
    for manager in ServiceManager.objects.filter(ok=False):
        yield Condition(
            key=manager.name,
            severity="critical",
            resource="system.services",
            title="systemd does not answer",
            text=manager.message,
            advice="Look at dbus.service, and whether Calypso's processes may use the system's bus.",
        )
