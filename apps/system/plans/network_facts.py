"""What plans about the network need to know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)

from apps.system.adapters.network_files import Configured, Link
from apps.system.domain.network import InterfaceKind, Renderer

Address = IPv4Address | IPv6Address
Interfaced = IPv4Interface | IPv6Interface
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class LinkFacts:
    """An interface as it is now; ``addresses`` with their prefixes, ``dynamic`` those of them that came by DHCP."""

    name: str
    kind: InterfaceKind
    mac: str = ""
    mtu: int = 1500
    addresses: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    parent: str = ""
    master: str = ""


@dataclass(frozen=True)
class RouteFacts:
    to: str
    via: str
    interface: str
    metric: int = 0


@dataclass(frozen=True)
class Caller:
    """The request's connection: from which address, and to which of the box's."""

    remote: str = ""
    local: str = ""


@dataclass(frozen=True)
class NetworkFacts:
    """``files``: the renderer's own, by path. ``pending``: the change that is on trial, or ""."""

    renderer: Renderer
    links: Mapping[str, LinkFacts]
    configured: Mapping[str, Configured]
    files: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[RouteFacts, ...] = ()
    pending: str = ""
    problem: str = ""

    def as_links(self) -> list[Link]:
        return [Link(link.name, link.mac) for link in self.links.values()]


def network_of(text: str) -> Network | None:
    """A route's destination; None for what is none."""
    try:
        return ip_network(text)
    except ValueError:
        return None


def address_of(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def interface_of(text: str) -> Interfaced | None:
    try:
        return ip_interface(text)
    except ValueError:
        return None
