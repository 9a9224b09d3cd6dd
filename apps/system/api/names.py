"""REST: the box's own name, and DNS."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Schema
from pydantic import Field

from apps.system.api.router import router
from apps.system.commands.names import SetDns, SetHostname, dns_state, hostname_state
from apps.system.compare.names import missing_servers
from apps.system.models.names import DnsState, HostnameState
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit, tag


class HostnameOut(Schema):
    hostname: str = Field(description="The one in use.")
    static: str = Field(description="The one that is set, and comes back at the next start.")
    wanted: str = Field(description="The one that was set here, or empty.")
    code: str = Field(description="Why the box does not tell its name, or empty.")
    message: str
    version: int


class DnsOut(Schema):
    way: str = Field(description="resolved: systemd-resolved; file: /etc/resolv.conf; other: Calypso leaves it alone.")
    keeper: str = Field(description="Who keeps /etc/resolv.conf, where Calypso leaves it alone.")
    path: str = Field(description="The file that would be written.")
    servers: list[str] = Field(description="Those that are asked, also those that a network gave.")
    search: list[str]
    wanted: dict[str, list[str]] = Field(description="Servers and domains that were set here.")
    missing: list[str] = Field(description="Servers that were set here, and are not asked.")
    version: int


@router.get("/hostname", auth=Needs(Permission.READ), response=answers(s200=HostnameOut))
def get_hostname(request: HttpRequest, response: HttpResponse) -> HostnameState:
    """The box's name. Its version stands in ETag."""
    row = hostname_state()
    tag(response, row.version)
    return row


@router.put("/hostname", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def set_hostname(request: HttpRequest, body: SetHostname, how: Query[How], given: Header[Preconditions]) -> Any:
    """Names the box, also in /etc/hosts where that has the old name."""
    return submit(request, body, how, given)


@router.get("/dns", auth=Needs(Permission.READ), response=answers(s200=DnsOut))
def get_dns(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """Which DNS servers are asked, and who says so. Its version stands in ETag."""
    row: DnsState = dns_state()
    tag(response, row.version)
    return {**vars(row), "missing": missing_servers(row)}


@router.put("/dns", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def set_dns(request: HttpRequest, body: SetDns, how: Query[How], given: Header[Preconditions]) -> Any:
    """Sets the servers and the domains that are tried for short names; all of both."""
    return submit(request, body, how, given)
