"""Trouble with the clock, the name and DNS: nobody to follow, and what was changed behind Calypso's back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from apps.system.compare.names import missing_servers
from apps.system.compare.time import TIME_FIELDS, WHY, drift
from apps.system.domain.names import DNS, HOSTNAME
from apps.system.domain.time import NTP, TIME
from apps.system.models.names import DnsState, HostnameState
from apps.system.models.time import TimeState
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.alerts.rules import Standing, rule

PATIENCE = timedelta(minutes=2)  # a service that has just started needs a while to choose whom it follows


@rule("system.clock")
def clock(standing: Standing) -> Iterator[Condition]:
    """A clock that is not kept right: schedules, logs and Kerberos go wrong, and backups are named wrongly."""
    state = TimeState.objects.filter(pk="time", synchronised=False).first()
    if state is None or state.since is None or (state.since > timezone.now() - PATIENCE and not standing):
        return
    text, advice = WHY[state.why]
    yield Condition(
        key="clock",
        severity="warning",
        resource=NTP,
        title="The clock is not synchronised",
        text=text,
        advice=advice,
    )


@rule("system.drift")
def changed_outside(standing: Standing) -> Iterator[Condition]:
    """Zone, NTP, name or DNS are not as they were set here."""
    if (time := TimeState.objects.filter(pk="time").first()) and (fields := drift(time, TIME_FIELDS)):
        names = ", ".join(each["field"] for each in fields)
        yield _drifted(TIME, "The clock is not kept as it was set", f"Changed: {names}.")
    host = HostnameState.objects.filter(pk="hostname").first()
    if host is not None and host.wanted and host.static != host.wanted:
        yield _drifted(HOSTNAME, f"The box is not named {host.wanted} any more", f"It is named {host.static}.")
    dns = DnsState.objects.filter(pk="dns").first()
    if dns is not None and (missing := missing_servers(dns)):
        yield _drifted(DNS, "DNS servers that were set are not asked", f"Missing: {', '.join(missing)}.")


def _drifted(resource: str, title: str, text: str) -> Condition:
    return Condition(
        key=resource,
        severity="warning",
        resource=resource,
        title=title,
        text=f"{text} It was changed behind Calypso's back.",
        advice="Set it again, or set here what is there now.",
    )
