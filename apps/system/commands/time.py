"""The commands on the clock."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import available_timezones

from pydantic import Field, TypeAdapter

from apps.system.adapters import chrony, ntpq
from apps.system.compare.time import TIME_FIELDS, drift
from apps.system.domain.time import MOST_SERVERS, NtpServer, TimeService, Zone
from apps.system.models.time import TimeState
from apps.system.plans import time as plans
from apps.system.plans.time import Clock
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Plan

_SERVICE: TypeAdapter[TimeService] = TypeAdapter(TimeService)


def time_state() -> TimeState:
    """Raises NotFound."""
    found = TimeState.objects.filter(pk="time").first()
    if found is None:
        raise NotFound("Nobody has looked at the clock yet.", code="not_seen", hint="Ask again in a few seconds.")
    return found


def clock_of(row: TimeState) -> Clock:
    return Clock(
        timezone=row.timezone,
        ntp=row.ntp,
        can_ntp=row.can_ntp,
        service=_SERVICE.validate_python(row.service),
        running=row.running,
        path=row.path,
        unit={**chrony.UNITS, **ntpq.UNITS}.get(row.path, ""),
        code=row.code,
        message=row.message,
        drifted=frozenset(each["field"] for each in drift(row, TIME_FIELDS)),
    )


@command("system.SetTimezone", Permission.ADMINISTER)
class SetTimezone(Command):
    """Has the box tell its time in another zone."""

    timezone: Zone = Field(description="An IANA name, for example Europe/Berlin.")

    def plan(self, operation: UUID) -> Plan:
        return plans.set_timezone(clock_of(time_state()), self.timezone, available_timezones())

    def version(self) -> int | None:
        return time_state().version


@command("system.SetNtp", Permission.ADMINISTER)
class SetNtp(Command):
    """Has other servers asked for the time, or switches NTP on or off. What is null stays as it is."""

    enabled: bool | None = Field(None, description="Whether the clock is kept by NTP.")
    servers: tuple[NtpServer, ...] | None = Field(
        None, max_length=4 * MOST_SERVERS, description="All servers and pools that the service's file is to name."
    )

    def plan(self, operation: UUID) -> Plan:
        return plans.set_ntp(clock_of(time_state()), self.enabled, self.servers)

    def version(self) -> int | None:
        return time_state().version
