"""The clock and who keeps it right: zone, NTP and its servers, and their events. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import ip_address
from typing import Annotated, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from calypso.kernel.errors import Invalid
from calypso.kernel.events import Event, Kind, event

TIME, NTP = "system.time", "system.ntp"
TIME_STREAM = uuid5(NAMESPACE_URL, "calypso:time")
MOST_SERVERS = 16

Zone = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$")]
TimeService = Literal["chrony", "ntp", ""]
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)\Z")
_NUMBERS = re.compile(r"[\d.]+\Z")


class NtpServer(BaseModel):
    """``pool``: a name of many servers, of which some are taken. ``iburst``: four questions at once at the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = Field(min_length=1, max_length=253, description="A host name or an IP address.")
    kind: Literal["server", "pool"] = "server"
    iburst: bool = True
    prefer: bool = False


class TimeEvent(Event):
    def keys(self) -> tuple[str, ...]:
        return (TIME, NTP)


@event("system.TimezoneChanged.v1", Kind.CONFIGURATION)
class TimezoneChanged(TimeEvent):
    timezone: str


@event("system.NtpServersChanged.v1", Kind.CONFIGURATION)
class NtpServersChanged(TimeEvent):
    """All of them, as they stand in the file of the service from now on."""

    service: TimeService
    path: str
    servers: tuple[NtpServer, ...]


@event("system.NtpEnabled.v1", Kind.CONFIGURATION)
class NtpEnabled(TimeEvent):
    pass


@event("system.NtpDisabled.v1", Kind.CONFIGURATION)
class NtpDisabled(TimeEvent):
    pass


@event("system.TimeSeen.v1", Kind.OBSERVATION)
class TimeSeen(TimeEvent):
    """How the clock is kept: what systemd tells, and what stands in the file of the service that was found.

    ``running``: the service answers. ``code``, ``message``: why the zone and the like could not be asked for, or "".
    """

    timezone: str
    ntp: bool
    can_ntp: bool
    local_rtc: bool
    service: TimeService
    running: bool
    path: str
    servers: tuple[NtpServer, ...]
    code: str = ""
    message: str = ""


@event("system.ClockSynchronised.v1", Kind.OBSERVATION)
class ClockSynchronised(TimeEvent):
    """``reference``: the address of what the clock follows, or "" where that is not told."""

    reference: str
    stratum: int | None


@event("system.ClockUnsynchronised.v1", Kind.OBSERVATION)
class ClockUnsynchronised(TimeEvent):
    why: Literal["off", "no service", "not running", "no answer", "local clock"]


def check_zone(name: str, known: Collection[str]) -> None:
    """Raises Invalid. ``known``: none where this machine has no list; then systemd itself has the word."""
    if known and name not in known:
        raise Invalid(
            f"There is no time zone “{name}”.",
            field="timezone",
            code="no_such_timezone",
            hint="Take a name such as Europe/Berlin or UTC.",
        )


def checked_servers(servers: Sequence[NtpServer]) -> tuple[NtpServer, ...]:
    """The servers by their plain addresses, each once. Raises Invalid."""
    if len(servers) > MOST_SERVERS:
        raise Invalid(f"More than {MOST_SERVERS} servers are of no use.", field="servers", code="too_many_servers")
    plain = [
        server.model_copy(update={"address": plain_host(server.address, f"servers.{number}.address")})
        for number, server in enumerate(servers)
    ]
    seen: set[str] = set()
    for number, server in enumerate(plain):
        if server.address in seen:
            raise Invalid(
                f"The server {server.address} is named twice.",
                field=f"servers.{number}.address",
                code="duplicate_server",
                hint="Name it once.",
            )
        seen.add(server.address)
    return tuple(plain)


def plain_host(text: str, field: str) -> str:
    """A host name or an address as it is compared. Raises Invalid."""
    try:
        address = ip_address(text)
    except ValueError:
        return _plain_name(text, field)
    if address.is_unspecified or address.is_multicast or "%" in text:
        raise _no_host(text, field)
    return str(address)


def _plain_name(text: str, field: str) -> str:
    labels = text.removesuffix(".").split(".")
    if len(text) > 253 or _NUMBERS.match(text) or not all(_LABEL.match(label) for label in labels):
        raise _no_host(text, field)
    return ".".join(labels).lower()


def _no_host(text: str, field: str) -> Invalid:
    return Invalid(
        f"“{text}” is no host name and no address of one machine.",
        field=field,
        code="bad_host",
        hint="Write it as ntp.example.org, 192.0.2.1 or 2001:db8::1.",
    )
