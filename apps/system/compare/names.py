"""The box's name and DNS as they were seen against the read models → events. Pure."""

from __future__ import annotations

from apps.system.adapters import resolv
from apps.system.domain.names import DnsSeen, DnsWay, HostnameSeen
from apps.system.models.names import DnsState, HostnameState

_RESOLVED = ("/run/systemd/resolve/", "/usr/lib/systemd/resolv.conf", "/lib/systemd/resolv.conf")


def hostname_facts(row: HostnameState | None, seen: HostnameSeen) -> list[HostnameSeen]:
    values = seen.model_dump(mode="json")
    return [] if row and all(getattr(row, name) == value for name, value in values.items()) else [seen]


def dns_seen(link: str, text: str, upstream: str | None) -> DnsSeen:
    """``link``: where /etc/resolv.conf leads to, "" for a file of its own; ``upstream``: what resolved asks, if any."""
    own = resolv.parse(text)
    by_resolved = any(part in f"/{link.lstrip('./')}" for part in _RESOLVED)
    asks_resolved = bool(own.servers) and set(own.servers) <= set(resolv.STUB)
    asked = resolv.parse(upstream) if upstream is not None and (by_resolved or asks_resolved) else own
    way: DnsWay = "resolved" if by_resolved or asks_resolved else "other" if link or own.keeper else "file"
    return DnsSeen(
        way=way,
        path=resolv.DROP_IN if way == "resolved" else resolv.RESOLV,
        servers=asked.servers,
        search=asked.search,
        keeper=(own.keeper or link) if way == "other" else "",
    )


def dns_facts(row: DnsState | None, seen: DnsSeen) -> list[DnsSeen]:
    values = seen.model_dump(mode="json")
    return [] if row and all(getattr(row, name) == value for name, value in values.items()) else [seen]


def missing_servers(row: DnsState) -> list[str]:
    """Servers that were set by Calypso and are not asked; others may be, a network's own for example."""
    return [server for server in row.wanted.get("servers", []) if server not in row.servers]
