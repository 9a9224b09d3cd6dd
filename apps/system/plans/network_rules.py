"""A wish about interfaces, which may leave things as they are, → whole configurations that keep all rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from apps.system.adapters.network_files import Wish
from apps.system.domain.network import Frozen, InterfaceKind, InterfaceName
from apps.system.domain.network_changes import BondMode, ConfiguredKind, InterfaceConfig, StaticRoute
from apps.system.plans.network_addresses import (
    canonical_address,
    canonical_route,
    check_gateways,
    check_mtu,
    check_used_once,
)
from apps.system.plans.network_facts import LinkFacts, NetworkFacts, interface_of
from calypso.kernel.errors import Conflict, Invalid

VLAN_LEAST, VLAN_MOST = 1, 4094  # IEEE 802.1Q: 0 and 4095 are reserved
_PLAIN: tuple[InterfaceKind, ...] = ("ethernet", "veth", "dummy")
_MAY_JOIN: dict[str, tuple[InterfaceKind, ...]] = {"bond": _PLAIN, "bridge": (*_PLAIN, "bond", "vlan")}
_ONLY_OF = {"parent": "vlan", "vlan": "vlan", "bond_mode": "bond", "stp": "bridge"}


class RouteWish(Frozen):
    """``to``: a network or “default”."""

    to: str = Field("default", max_length=64)
    via: str = Field(max_length=64)
    metric: int | None = None


class InterfaceWish(Frozen):
    """How an interface is to be. What is left out stays as it is; ``addresses`` and ``routes`` are whole lists."""

    name: InterfaceName
    kind: ConfiguredKind | None = Field(None, description="For one that is to be made: vlan, bond or bridge.")
    remove: bool = Field(False, description="A VLAN, bond or bridge is to be no more.")
    dhcp4: bool | None = None
    dhcp6: bool | None = None
    addresses: tuple[str, ...] | None = Field(None, max_length=64, description="With prefix, as in 192.0.2.5/24.")
    routes: tuple[RouteWish, ...] | None = Field(None, max_length=256)
    mtu: int | None = Field(None, description="Bytes; 0 leaves it to the system.")
    up: bool | None = Field(None, description="Brought up by itself.")
    parent: InterfaceName | None = Field(None, description="What a VLAN lies on.")
    vlan: int | None = Field(None, description="A VLAN's id, 1 to 4094.")
    members: tuple[InterfaceName, ...] | None = Field(None, max_length=64, description="Of a bond or bridge.")
    bond_mode: BondMode | None = None
    stp: bool | None = Field(None, description="Whether a bridge speaks the spanning tree protocol.")


@dataclass(frozen=True)
class _Then:
    """The network as the files will have it: ``interfaces`` by name, and the links that are there now."""

    interfaces: Mapping[str, InterfaceConfig]
    links: Mapping[str, LinkFacts]
    removed: Sequence[str]


def decide(wishes: Sequence[InterfaceWish], facts: NetworkFacts) -> Wish:
    """The configurations that differ from those in the files. Raises Invalid or Conflict; names the field."""
    _check_named_once(wishes)
    whole: list[tuple[InterfaceConfig, str]] = []
    removed: list[str] = []
    for at, wish in enumerate(wishes):
        field = f"interfaces.{at}"
        if wish.remove:
            removed.append(_removable(wish, facts, field))
        else:
            whole.append((_whole(wish, facts, field), field))
    after = {name: known.config for name, known in facts.configured.items() if name not in removed}
    after |= {config.name: config for config, _ in whole}
    then = _Then(after, facts.links, removed)
    for config, field in whole:
        _check(config, field, then)
    _check_removed(removed, after)
    check_used_once(whole, _others(facts, after, [config.name for config, _ in whole], removed))
    changed = [config for config, _ in whole if _differs(config, facts)]
    if not changed and not removed:
        raise Invalid("Nothing is to be changed.", field="interfaces", code="nothing_to_do")
    return Wish(changed, removed)


def _differs(config: InterfaceConfig, facts: NetworkFacts) -> bool:
    known = facts.configured.get(config.name)
    return known is None or known.config != config


def _check_named_once(wishes: Sequence[InterfaceWish]) -> None:
    names = [wish.name for wish in wishes]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise Invalid(f"{name} is named twice.", field=f"interfaces.{at}.name", code="named_twice")


def _whole(wish: InterfaceWish, facts: NetworkFacts, field: str) -> InterfaceConfig:
    kind = _kind(wish, facts, field)
    known = facts.configured.get(wish.name)
    if known is not None and known.shared:
        raise Conflict(
            f"{', '.join(known.files)} speaks of {wish.name} and others at once, by a pattern.",
            code="shared_definition",
            field=f"{field}.name",
            hint=f"Give {wish.name} an entry of its own there, by hand.",
        )
    before = known.config if known else InterfaceConfig(name=wish.name, kind=kind)
    asked: dict[str, Any] = {
        name: value for name, value in wish if value is not None and name not in ("name", "kind", "remove", "routes")
    }
    for name, only in _ONLY_OF.items():
        if name in asked and kind != only:
            raise Invalid(f"Only a {only} has “{name}”.", field=f"{field}.{name}", code="wrong_kind")
    if "members" in asked and kind not in _MAY_JOIN:
        raise Invalid("Only bonds and bridges have members.", field=f"{field}.members", code="wrong_kind")
    if wish.addresses is not None:
        asked["addresses"] = tuple(
            canonical_address(each, f"{field}.addresses.{at}") for at, each in enumerate(wish.addresses)
        )
    if wish.routes is not None:
        asked["routes"] = tuple(
            canonical_route(StaticRoute(**dict(each)), f"{field}.routes.{at}") for at, each in enumerate(wish.routes)
        )
    if wish.mtu == 0:
        asked["mtu"] = None
    return before.model_copy(update=asked)


def _kind(wish: InterfaceWish, facts: NetworkFacts, field: str) -> ConfiguredKind:
    """Raises Invalid for an interface that is not there and is not to be made."""
    link, known = facts.links.get(wish.name), facts.configured.get(wish.name)
    if link is not None and link.kind in ("loopback", "other"):
        raise Invalid(
            f"Calypso does not configure {wish.name}.",
            field=f"{field}.name",
            code="kind_not_supported",
            hint="It configures network cards, VLANs, bonds and bridges.",
        )
    there: ConfiguredKind | None = known.config.kind if known else None
    if there is None and link is not None:
        there = link.kind if link.kind in ("vlan", "bond", "bridge") else "ethernet"
    if there is None and wish.kind in (None, "ethernet"):
        raise Invalid(
            f"There is no interface {wish.name}.",
            field=f"{field}.name",
            code="no_such_interface",
            hint="See /api/v1/system/interfaces; a new VLAN, bond or bridge needs its kind.",
        )
    if there is not None and wish.kind not in (None, there):
        raise Invalid(f"{wish.name} is a {there}.", field=f"{field}.kind", code="interface_exists")
    found = there or wish.kind
    assert found is not None
    return found


def _removable(wish: InterfaceWish, facts: NetworkFacts, field: str) -> str:
    known = facts.configured.get(wish.name)
    if known is None:
        raise Invalid(
            f"No file configures {wish.name}.", field=f"{field}.name", code="no_such_interface", hint="It may be gone."
        )
    if known.config.kind == "ethernet":
        raise Invalid(
            f"{wish.name} is a network card: it stays.",
            field=f"{field}.remove",
            code="not_removable",
            hint="Take its addresses away, or bring it down.",
        )
    return wish.name


def _check_removed(removed: Sequence[str], after: Mapping[str, InterfaceConfig]) -> None:
    for config in after.values():
        for name in removed:
            if name == config.parent or name in config.members:
                raise Conflict(
                    f"{config.name} lies on {name}.",
                    code="interface_in_use",
                    field="interfaces",
                    hint=f"Remove {config.name} as well, or build it on something else.",
                )


def _check(config: InterfaceConfig, field: str, then: _Then) -> None:
    check_mtu(config, field)
    check_gateways(config, field)
    _check_no_slave(config, field, then)
    if config.kind == "vlan":
        _check_vlan(config, field, then)
    if config.kind in _MAY_JOIN:
        _check_members(config, field, then)


def _check_no_slave(config: InterfaceConfig, field: str, then: _Then) -> None:
    """What is part of a bond or bridge has no addresses of its own."""
    master = next((other.name for other in then.interfaces.values() if config.name in other.members), None)
    if master and (config.addresses or config.dhcp4 or config.dhcp6):
        raise Conflict(
            f"{config.name} is part of {master}, and has addresses of its own.",
            code="member_has_addresses",
            field=field,
            hint=f"Give them to {master}: ask for {config.name} with no addresses, dhcp4 and dhcp6 false as well.",
        )


def _check_vlan(config: InterfaceConfig, field: str, then: _Then) -> None:
    if config.vlan is None or not VLAN_LEAST <= config.vlan <= VLAN_MOST:
        raise Invalid(
            f"A VLAN's id is from {VLAN_LEAST} to {VLAN_MOST}.",
            field=f"{field}.vlan",
            code="bad_vlan_id",
            hint="0 and 4095 are reserved." if config.vlan is not None else "Say which one it is.",
        )
    _check_exists(config.parent, f"{field}.parent", config, then)
    for other in then.interfaces.values():
        if other.name != config.name and (other.parent, other.vlan) == (config.parent, config.vlan):
            raise Invalid(
                f"{other.name} is VLAN {config.vlan} of {config.parent} already.",
                field=f"{field}.vlan",
                code="vlan_taken",
            )
        if config.parent in other.members:
            raise Conflict(
                f"{config.parent} is part of {other.name}: a VLAN belongs on {other.name}.",
                field=f"{field}.parent",
                code="parent_is_member",
            )


def _check_members(config: InterfaceConfig, field: str, then: _Then) -> None:
    if config.kind == "bond" and not config.members:
        raise Invalid("A bond needs a member.", field=f"{field}.members", code="no_members")
    for at, member in enumerate(config.members):
        where = f"{field}.members.{at}"
        _check_exists(member, where, config, then)
        known = then.interfaces.get(member)
        kind: InterfaceKind = known.kind if known else then.links[member].kind
        if kind not in _MAY_JOIN[config.kind]:
            code = "bond_of_bond" if (config.kind, kind) == ("bond", "bond") else "member_kind"
            raise Invalid(f"{member} is a {kind}: it can't be part of a {config.kind}.", field=where, code=code)
        if config.members.index(member) != at:
            raise Invalid(f"{member} is named twice.", field=where, code="named_twice")
        others = (other for other in then.interfaces.values() if other.name != config.name)
        if master := next((other.name for other in others if member in other.members), None):
            raise Conflict(
                f"{member} is part of {master} already.", field=where, code="member_taken", hint="Take it out there."
            )
        if known:
            _check_no_slave(known, where, then)


def _check_exists(name: str, field: str, of: InterfaceConfig, then: _Then) -> None:
    there = name in then.interfaces or name in then.links
    if name == of.name or name in then.removed or not there:
        raise Invalid(
            f"There is no interface {name or 'without a name'} that {of.name} could lie on.",
            field=field,
            code="no_such_interface",
            hint="See /api/v1/system/interfaces.",
        )


def _others(
    facts: NetworkFacts, after: Mapping[str, InterfaceConfig], changed: Sequence[str], removed: Sequence[str]
) -> dict[str, str]:
    """Addresses of interfaces that the wish does not speak of → their names."""
    found = {name: [*config.addresses] for name, config in after.items()}
    for link in facts.links.values():
        found.setdefault(link.name, []).extend(link.addresses)
    return {
        str(address.ip): name
        for name, texts in found.items()
        if name not in changed and name not in removed
        for text in texts
        if (address := interface_of(text)) and not address.ip.is_link_local
    }
