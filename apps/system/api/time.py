"""REST: the clock's zone, NTP and its servers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Query, Schema
from pydantic import Field

from apps.system.api.router import router
from apps.system.commands.time import SetNtp, SetTimezone, time_state
from apps.system.compare.time import TIME_FIELDS, drift
from apps.system.domain.time import NtpServer
from apps.system.models.time import ClockSample, NtpSource
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit, tag


class ClockDriftOut(Schema):
    """What was set here, and is not so."""

    field: str
    wanted: Any
    seen: Any


class TimeOut(Schema):
    now: datetime = Field(description="The box's time, UTC.")
    local: str = Field(description="The same as the box's zone tells it; empty where that is not known.")
    timezone: str
    utc_offset: int | None = Field(description="Seconds east of Greenwich, now.")
    local_rtc: bool = Field(description="The hardware clock runs in local time, which goes wrong twice a year.")
    ntp: bool
    synchronised: bool | None = Field(description="null: it can't be told.")
    why: str = Field(description="Why it is not: off, no service, not running, no answer or local clock.")
    since: datetime | None
    code: str = Field(description="Why the box does not tell how its clock is kept, or empty.")
    message: str
    drift: list[ClockDriftOut]
    version: int


class SourceOut(Schema):
    address: str
    mode: str = Field(description="server, peer, pool or clock.")
    state: str = Field(description="selected, combined, not combined, wrong, unsteady or unusable.")
    stratum: int
    poll: int = Field(description="Seconds between two questions, as a power of two.")
    reach: int = Field(description="The last eight answers as bits; 255: all came.")
    last: int | None = Field(description="Seconds since the last answer.")
    offset: float = Field(description="Seconds; positive: this clock is fast.")
    error: float = Field(description="Seconds that the offset may be wrong.")


class ClockOut(Schema):
    """Seconds; frequency and skew in parts per million."""

    offset: float | None
    last_offset: float | None
    rms_offset: float | None
    frequency: float | None
    skew: float | None
    root_delay: float | None
    root_dispersion: float | None
    leap: str
    sampled_at: datetime


class NtpOut(Schema):
    enabled: bool
    possible: bool = Field(description="A service is installed that systemd can switch.")
    service: str = Field(description="chrony or ntp, whichever runs or else is installed; empty: neither.")
    running: bool
    path: str = Field(description="The file that names the servers.")
    servers: list[NtpServer] = Field(description="As the file names them; it may include others.")
    synchronised: bool | None
    reference: str
    stratum: int | None
    why: str
    since: datetime | None
    sources: list[SourceOut] = Field(description="Those that are asked, at the last look.")
    clock: ClockOut | None
    drift: list[ClockDriftOut]
    version: int


class ZonesOut(Schema):
    zones: list[str]


@router.get("/time", auth=Needs(Permission.READ), response=answers(s200=TimeOut))
def get_time(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """The box's time and zone, and whether its clock is kept right. Its version stands in ETag."""
    row = time_state()
    tag(response, row.version)
    now = timezone.now()
    local = _local(now, row.timezone)
    offset = local.utcoffset() if local else None
    return {
        **vars(row),
        "now": now,
        "local": local.isoformat(timespec="seconds") if local else "",
        "utc_offset": int(offset.total_seconds()) if offset is not None else None,
        "drift": drift(row, ("timezone",)),
    }


@router.get("/time/zones", auth=Needs(Permission.READ), response=answers(s200=ZonesOut))
def list_zones(request: HttpRequest) -> dict[str, Any]:
    """The zones that the box knows."""
    return {"zones": sorted(available_timezones())}


@router.put("/time", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def set_time(request: HttpRequest, body: SetTimezone, how: Query[How], given: Header[Preconditions]) -> Any:
    """Sets the zone. The time itself is not set: NTP does that."""
    return submit(request, body, how, given)


@router.get("/ntp", auth=Needs(Permission.READ), response=answers(s200=NtpOut))
def get_ntp(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """Who keeps the clock right: the service, its servers, and how well it follows them. Its version stands in ETag."""
    row = time_state()
    tag(response, row.version)
    return {
        **vars(row),
        "enabled": row.ntp,
        "possible": row.can_ntp,
        "sources": list(NtpSource.objects.order_by("number")),
        "clock": ClockSample.objects.filter(pk="clock").first(),
        "drift": drift(row, TIME_FIELDS[1:]),
    }


@router.patch("/ntp", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def set_ntp(request: HttpRequest, body: SetNtp, how: Query[How], given: Header[Preconditions]) -> Any:
    """Names other servers, switches NTP on or off, or both. The plan has the lines of the file that change; all
    others, and the options of servers that stay, are kept. chronyd checks the file before it is put in place."""
    return submit(request, body, how, given)


def _local(now: datetime, name: str) -> datetime | None:
    try:
        return now.astimezone(ZoneInfo(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
