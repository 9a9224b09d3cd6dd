"""The commands on the box's own name, and on DNS."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter

from apps.system.compare.names import missing_servers
from apps.system.domain.names import DnsWay
from apps.system.models.names import DnsState, HostnameState
from apps.system.plans import names as plans
from apps.system.plans.names import Resolver
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command
from calypso.kernel.errors import NotFound, Unavailable
from calypso.kernel.plans import Plan

Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]
_WAY: TypeAdapter[DnsWay] = TypeAdapter(DnsWay)


def hostname_state() -> HostnameState:
    """Raises NotFound."""
    found = HostnameState.objects.filter(pk="hostname").first()
    if found is None:
        raise NotFound("Nobody has looked at the name yet.", code="not_seen", hint="Ask again in a few seconds.")
    return found


def dns_state() -> DnsState:
    """Raises NotFound."""
    found = DnsState.objects.filter(pk="dns").first()
    if found is None:
        raise NotFound("Nobody has looked at DNS yet.", code="not_seen", hint="Ask again in a few seconds.")
    return found


@command("system.SetHostname", Permission.ADMINISTER)
class SetHostname(Command):
    """Names the box."""

    hostname: Text

    def plan(self, operation: UUID) -> Plan:
        now = hostname_state()
        if now.code:
            raise Unavailable("The box does not tell its name.", code=now.code, detail=now.message)
        return plans.set_hostname(now.static, self.hostname, drifted=now.wanted not in ("", now.static))

    def version(self) -> int | None:
        return hostname_state().version


@command("system.SetDns", Permission.ADMINISTER)
class SetDns(Command):
    """Says which DNS servers are asked, and which domains are tried for short names."""

    servers: tuple[Text, ...] = Field(max_length=64)
    search: tuple[Text, ...] = Field((), max_length=64)

    def plan(self, operation: UUID) -> Plan:
        now = dns_state()
        seen = Resolver(_WAY.validate_python(now.way), now.keeper, drifted=bool(missing_servers(now)))
        return plans.set_dns(seen, self.servers, self.search)

    def version(self) -> int | None:
        return dns_state().version
