"""Whether a change would cut the very connection that it is asked for over. Pure."""

from __future__ import annotations

from apps.system.adapters.network_files import Wish
from apps.system.domain.network_changes import InterfaceConfig
from apps.system.plans.network_facts import Caller, LinkFacts, NetworkFacts, address_of, interface_of, network_of


def cut(caller: Caller, wish: Wish, facts: NetworkFacts) -> str:
    """A warning that names why the caller may be cut off, or ""."""
    remote = address_of(caller.remote)
    if remote is None or remote.is_loopback:
        return ""
    link = _carrier(caller, facts)
    if link is None:
        return ""
    why = _why(link, caller, wish, facts)
    return f"This may cut your own connection from {caller.remote}: {why}." if why else ""


def _carrier(caller: Caller, facts: NetworkFacts) -> LinkFacts | None:
    """The interface over which the caller comes: that of the address called, else that of the way back."""
    for link in facts.links.values():
        if any(address.partition("/")[0] == caller.local for address in link.addresses):
            return link
    remote = address_of(caller.remote)
    best, found = -1, None
    for route in facts.routes:
        network = network_of("::/0" if ":" in caller.remote else "0.0.0.0/0") if route.to == "default" else None
        network = network or network_of(route.to)
        if network and remote and remote.version == network.version and remote in network and network.prefixlen > best:
            best, found = network.prefixlen, facts.links.get(route.interface)
    return found


def _why(link: LinkFacts, caller: Caller, wish: Wish, facts: NetworkFacts) -> str:
    below = _below(link.name, facts)
    for name in below:
        if name in wish.removed:
            return f"it comes over {name}, which would be removed"
    for config in wish.interfaces:
        for name in below:
            if name in config.members and facts.links[name].master != config.name:
                return f"it comes over {name}, which would become part of {config.name}"
        if config.name in below and not config.up:
            return f"it comes over {config.name}, which would be down"
        if config.name == link.name and (
            lost := _address_lost(link, caller, config) or _way_lost(caller, config, facts)
        ):
            return lost
    return ""


def _below(name: str, facts: NetworkFacts) -> list[str]:
    """An interface and what it lies on."""
    found = [name]
    for each in found:
        link = facts.links.get(each)
        members = [other.name for other in facts.links.values() if other.master == each]
        found += [n for n in ([link.parent] if link and link.parent else []) + members if n not in found]
    return found


def _address_lost(link: LinkFacts, caller: Caller, config: InterfaceConfig) -> str:
    """The address that was called or, where that is not known, those in the caller's network, else all."""
    remote = address_of(caller.remote)
    own = [(text, found) for text in link.addresses if (found := interface_of(text)) and not found.ip.is_link_local]
    near = [text for text, found in own if remote in found.network]
    called = [text for text, found in own if str(found.ip) == caller.local] or near or [text for text, _ in own]
    for text in called:
        dynamic = config.dhcp6 if ":" in text else config.dhcp4
        if text not in config.addresses and not (text in link.dynamic and dynamic):
            return f"{config.name} would lose the address {text}"
    return ""


def _way_lost(caller: Caller, config: InterfaceConfig, facts: NetworkFacts) -> str:
    remote = address_of(caller.remote)
    near = any((own := interface_of(text)) and remote in own.network for text in config.addresses)
    known = facts.configured.get(config.name)
    gone = {(r.to, r.via) for r in known.config.routes} - {(r.to, r.via) for r in config.routes} if known else set()
    if near or config.dhcp4 or not gone:
        return ""
    to, via = min(gone)
    return f"{config.name} would lose the way to {to} over {via}"
