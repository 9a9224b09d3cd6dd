"""Trouble that health checks tell of, where nothing closer raises it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from calypso.kernel import health
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.alerts.rules import Standing, rule
from calypso.kernel.models import HealthSample

PATIENCE = timedelta(seconds=30)  # a process that is started again is no trouble yet
TITLES = {
    "worker": "Operations are not carried out as they should",
    "observer": "The box is not watched as it should be",
    "database": "The database is short of connections",
    "ledger": "The ledger or its read models are not right",
    "disk": "Calypso is short of room",
    "scst": "SCST does not run as it should",
    "bacula": "Bacula does not run as it should",
    "vtl": "MHVTL does not run as it should",
}


@rule("system.health")
def unhealthy(standing: Standing) -> Iterator[Condition]:
    """What has been seen in a bad state for a while."""
    seen = {(s.name, s.state) for s in HealthSample.objects.filter(since__lte=timezone.now() - PATIENCE)}
    for found in (health.look(name) for name in TITLES):
        bad = found.state == "degraded" or found.state in health.DOWN
        if bad and ((found.name, found.state) in seen or found.name in standing):
            yield Condition(
                key=found.name,
                severity="critical" if found.state in health.DOWN else "warning",
                resource=f"system.health.{found.name}",
                title=TITLES[found.name],
                text=found.message,
                advice=found.advice,
            )
