"""The box's own name, and whom it asks for those of others (DNS); their events. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from calypso.kernel.errors import Invalid
from calypso.kernel.events import Event, Kind, event

HOSTNAME, DNS = "system.hostname", "system.dns"
HOSTNAME_STREAM = uuid5(NAMESPACE_URL, "calypso:hostname")
DNS_STREAM = uuid5(NAMESPACE_URL, "calypso:dns")
LONGEST_HOSTNAME = 64  # Linux' HOST_NAME_MAX; hostnamed silently drops what does not fit its rules
MOST_DNS_SERVERS = 8
MOST_DOMAINS = 16
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")

#: By what the servers are set: systemd-resolved, /etc/resolv.conf itself, or something that Calypso leaves alone.
DnsWay = Literal["resolved", "file", "other"]


class HostnameEvent(Event):
    hostname: str

    def keys(self) -> tuple[str, ...]:
        return (HOSTNAME,)


@event("system.HostnameChanged.v1", Kind.CONFIGURATION)
class HostnameChanged(HostnameEvent):
    pass


@event("system.HostnameSeen.v1", Kind.OBSERVATION)
class HostnameSeen(HostnameEvent):
    """``static``: the name that is set; ``hostname``: the one in use. ``code``, ``message``: why it can't be told."""

    static: str
    code: str = ""
    message: str = ""


class DnsEvent(Event):
    """``way``: see DnsWay. ``path``: the file that has the servers."""

    way: DnsWay
    path: str
    servers: tuple[str, ...]
    search: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (DNS,)


@event("system.DnsChanged.v1", Kind.CONFIGURATION)
class DnsChanged(DnsEvent):
    pass


@event("system.DnsSeen.v1", Kind.OBSERVATION)
class DnsSeen(DnsEvent):
    """What is asked now, those that DHCP gave too. ``keeper``: who keeps the file, where Calypso leaves it alone."""

    keeper: str = ""


def checked_hostname(text: str) -> str:
    """In small letters. Raises Invalid: hostnamed itself takes a bad name without a word, and changes it."""
    name = text.lower()
    if len(name) > LONGEST_HOSTNAME or not all(_LABEL.match(label) for label in name.split(".")):
        raise Invalid(
            f"A machine can't be named “{text}”.",
            field="hostname",
            code="bad_hostname",
            hint=f"Use letters, digits and hyphens, with dots between parts; {LONGEST_HOSTNAME} characters at most.",
        )
    if name in ("localhost", "localhost.localdomain"):
        raise Invalid("“localhost” is every machine's name.", field="hostname", code="bad_hostname")
    return name


def checked_dns_servers(servers: Sequence[str]) -> tuple[str, ...]:
    """Addresses as they are compared, each once. Raises Invalid."""
    plain: list[str] = []
    for number, text in enumerate(servers):
        try:
            address = ip_address(text)
        except ValueError:
            address = None
        if address is None or "%" in text or address.is_unspecified or address.is_multicast:
            raise Invalid(
                f"“{text}” is no address of a DNS server.",
                field=f"servers.{number}",
                code="bad_dns_server",
                hint="Write an IP address, such as 192.0.2.53 or 2001:db8::53; a name could not be looked up.",
            )
        if str(address) in plain:
            raise Invalid(f"{address} is named twice.", field=f"servers.{number}", code="duplicate_server")
        plain.append(str(address))
    return tuple(plain)


def checked_search(domains: Sequence[str]) -> tuple[str, ...]:
    """Domains in small letters, each once. Raises Invalid."""
    plain: list[str] = []
    for number, text in enumerate(domains):
        name = text.lower().removesuffix(".")
        if len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
            raise Invalid(f"“{text}” is no domain.", field=f"search.{number}", code="bad_domain")
        if name in plain:
            raise Invalid(f"{name} is named twice.", field=f"search.{number}", code="duplicate_domain")
        plain.append(name)
    return tuple(plain)
