"""What interfaces are to be, and the life of a change: applied, then confirmed or taken back by the box. Pure."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from apps.system.domain.network import NETWORK, Frozen, Renderer, interface_address
from calypso.kernel.events import Event, Kind, event

BondMode = Literal["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"]
ConfiguredKind = Literal["ethernet", "vlan", "bond", "bridge"]
# asked: by somebody who did not want to wait. refused: the tool failed, so that the old configuration is back.
RollbackCause = Literal["timeout", "boot", "asked", "refused"]


class StaticRoute(Frozen):
    """``to`` is a prefix or “default”; ``metric`` None leaves it to the system."""

    to: str
    via: str
    metric: int | None = None


class InterfaceConfig(Frozen):
    """An interface as its configuration has it, whole. ``up``: brought up by itself."""

    name: str
    kind: ConfiguredKind
    dhcp4: bool = False
    dhcp6: bool = False
    addresses: tuple[str, ...] = ()
    routes: tuple[StaticRoute, ...] = ()
    mtu: int | None = None
    up: bool = True
    parent: str = ""
    vlan: int | None = None
    members: tuple[str, ...] = ()
    bond_mode: BondMode | None = None
    stp: bool | None = None


class ChangeEvent(Event):
    change: UUID

    def keys(self) -> tuple[str, ...]:
        return (NETWORK,)


class ChangeOfInterfaces(ChangeEvent):
    """``interfaces`` are to be so, ``removed`` are to be no more."""

    renderer: Renderer
    interfaces: tuple[InterfaceConfig, ...]
    removed: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        names = [*(interface.name for interface in self.interfaces), *self.removed]
        return (NETWORK, *(interface_address(name) for name in names))


@event("system.NetworkChangeApplied.v1", Kind.OBSERVATION)
class NetworkChangeApplied(ChangeOfInterfaces):
    """It is in force on trial: the old configuration returns in so many ``seconds`` unless the change is confirmed."""

    seconds: int
    files: tuple[str, ...]


@event("system.NetworkChanged.v1", Kind.CONFIGURATION)
class NetworkChanged(ChangeOfInterfaces):
    """Somebody who can still reach the box has confirmed the change."""


@event("system.NetworkChangeRolledBack.v1", Kind.OBSERVATION)
class NetworkChangeRolledBack(ChangeEvent):
    """The old configuration is back. ``complete``: it is in force as well; ``detail`` has the words of what failed."""

    cause: RollbackCause
    files: tuple[str, ...]
    complete: bool
    detail: str
