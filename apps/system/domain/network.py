"""The network as it is seen: interfaces and routes, and their events. Pure."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, StringConstraints

from calypso.kernel.events import Event, Kind, event

NETWORK = "system.network"  # one address for all of it: changes of the network take turns
NETWORK_STREAM = uuid5(NAMESPACE_URL, "calypso:network")
MOST_ROUTES = 1000  # in one event; a box with more is a router, and its routes are counted

# A name as the kernel takes it (dev_valid_name), less what YAML, ini files and shells would read as something else.
InterfaceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$")]
InterfaceKind = Literal["loopback", "ethernet", "vlan", "bond", "bridge", "veth", "dummy", "other"]
Renderer = Literal["netplan", "networkmanager", "ifupdown", "none"]


def interface_stream(name: str) -> UUID:
    """The stream of an interface, by its name."""
    return uuid5(NAMESPACE_URL, f"calypso:interface:{name}")


def interface_address(name: str) -> str:
    return f"system.interface.{name}"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenAddress(Frozen):
    """``address`` with its prefix, as in 192.0.2.5/24. ``origin``: dynamic: by DHCP or a router; link: link-local."""

    address: str
    origin: Literal["static", "dynamic", "link"]


class InterfaceEvent(Event):
    name: str

    def keys(self) -> tuple[str, ...]:
        return (interface_address(self.name),)


class InterfaceState(InterfaceEvent):
    """An interface in full. ``speed`` in Mbit/s; ``parent``: what a VLAN lies on; ``master``: its bond or bridge."""

    kind: InterfaceKind
    mac: str
    mtu: int
    up: bool
    carrier: bool
    state: str
    addresses: tuple[SeenAddress, ...]
    driver: str
    bus: str
    speed: int | None
    duplex: str
    parent: str
    master: str
    members: tuple[str, ...]
    vlan: int | None
    bond_mode: str
    alternative_names: tuple[str, ...]


@event("system.InterfaceFound.v1", Kind.OBSERVATION)
class InterfaceFound(InterfaceState):
    pass


@event("system.InterfaceChanged.v1", Kind.OBSERVATION)
class InterfaceChanged(InterfaceState):
    """``fields`` names what differs from before."""

    fields: tuple[str, ...]


@event("system.InterfaceGone.v1", Kind.OBSERVATION)
class InterfaceGone(InterfaceEvent):
    pass


class SeenRoute(Frozen):
    """``to`` is a prefix or “default”; ``via`` "" where it leads straight to the link; ``protocol``: who made it."""

    family: Literal["ipv4", "ipv6"]
    to: str
    via: str
    interface: str
    metric: int
    protocol: str
    scope: str
    source: str
    kind: str = "unicast"


class NetworkEvent(Event):
    def keys(self) -> tuple[str, ...]:
        return (NETWORK,)


@event("system.RoutesChanged.v1", Kind.OBSERVATION)
class RoutesChanged(NetworkEvent):
    """All routes of the main table; ``left_out``: how many more there are."""

    routes: tuple[SeenRoute, ...]
    left_out: int


@event("system.NetworkRendererFound.v1", Kind.OBSERVATION)
class NetworkRendererFound(NetworkEvent):
    """What configures the network, found out: by which files, and with netplan by whose help."""

    renderer: Renderer
    backend: str
    files: tuple[str, ...]
    code: str
    message: str
