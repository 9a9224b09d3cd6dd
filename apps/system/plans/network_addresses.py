"""The rules of addresses, routes and gateways of one interface. Pure: each raises Invalid with the field at fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_interface, ip_network

from apps.system.domain.network_changes import InterfaceConfig, StaticRoute
from apps.system.plans.network_facts import Interfaced, Network, address_of, interface_of
from calypso.kernel.errors import Invalid

MTU_LEAST, MTU_LEAST_IPV6, MTU_MOST = 68, 1280, 65535  # bytes; RFC 791, RFC 8200 §5


def canonical_address(text: str, field: str) -> str:
    """An address of a host with its prefix, in its shortest form. Raises Invalid."""
    address, slash, prefix = text.partition("/")
    if not slash:
        raise _bad_address(f"“{text[:60]}” lacks the length of its prefix.", field, "Write it as in 192.0.2.5/24.")
    if not (prefix.isascii() and prefix.isdigit()):
        raise _bad_address(f"“{prefix[:20]}” is no length of a prefix.", field, "Write 24, not 255.255.255.0.")
    try:
        ip_address(address)
        found = ip_interface(text)
    except ValueError as error:
        raise _bad_address(f"“{text[:60]}” is no address: {error}.", field, "Write it as in 192.0.2.5/24.") from None
    _check_host(found, field)
    return found.with_prefixlen


def _check_host(found: Interfaced, field: str) -> None:
    network, short = found.network, found.network.prefixlen < found.max_prefixlen - 1
    ends = (network.network_address, network.broadcast_address) if found.version == 4 else ()
    if short and found.ip in ends:
        what = "names the network" if found.ip == network.network_address else "is the broadcast address"
        hint = f"The mask may be wrong. Hosts of this network are between the ends of {network}."
        raise _bad_address(f"{found.ip} {what} of {network}, no host in it.", field, hint)
    if found.ip.is_multicast or found.ip.is_loopback or found.ip.is_unspecified or network.prefixlen == 0:
        raise _bad_address(f"{found} can't be an interface's address.", field, "Give the address of a host.")


def _bad_address(message: str, field: str, hint: str) -> Invalid:
    return Invalid(message, field=field, code="bad_address", hint=hint)


def canonical_route(route: StaticRoute, field: str) -> StaticRoute:
    """Raises Invalid."""
    try:
        to = "default" if route.to in ("default", "0.0.0.0/0", "::/0") else str(ip_network(route.to))
    except ValueError as error:
        raise Invalid(
            f"“{route.to[:60]}” is no destination: {error}.",
            field=f"{field}.to",
            code="bad_route",
            hint="Write “default”, or a network as in 198.51.100.0/24.",
        ) from None
    via = address_of(route.via)
    if via is None:
        raise Invalid(f"“{route.via[:60]}” is no gateway's address.", field=f"{field}.via", code="bad_route")
    if to != "default" and ip_network(to).version != via.version:
        raise Invalid(
            f"The way to {to} can't lead over {via}: the one is IPv4, the other IPv6.",
            field=f"{field}.via",
            code="bad_route",
        )
    if route.metric is not None and not 0 <= route.metric < 2**32:
        raise Invalid(f"A metric is from 0 to {2**32 - 1}.", field=f"{field}.metric", code="bad_route")
    return StaticRoute(to=to, via=str(via), metric=route.metric)


def check_gateways(config: InterfaceConfig, field: str) -> None:
    """A gateway must be a neighbour: in the network of one of the interface's own addresses. Raises Invalid."""
    own = [found for text in config.addresses if (found := interface_of(text))]
    for at, route in enumerate(config.routes):
        via = address_of(route.via)
        if via is None:
            continue  # a file of others has it so
        dynamic = config.dhcp4 if via.version == 4 else config.dhcp6
        neighbour = via.is_link_local or any(via in found.network for found in own)
        if via in [found.ip for found in own]:
            raise Invalid(
                f"The gateway {via} is {config.name}'s own address.", field=f"{field}.routes.{at}.via", code="bad_route"
            )
        if not neighbour and not dynamic:
            networks = ", ".join(str(found.network) for found in own) or "none"
            raise Invalid(
                f"The gateway {via} is in no network of {config.name}: it could not be reached.",
                field=f"{field}.routes.{at}.via",
                code="gateway_off_link",
                hint=f"{config.name}'s networks are: {networks}. The gateway or an address's mask is wrong.",
            )


def check_mtu(config: InterfaceConfig, field: str) -> None:
    """Raises Invalid."""
    if config.mtu is None:
        return
    ipv6 = config.dhcp6 or any(":" in address for address in config.addresses)
    least = MTU_LEAST_IPV6 if ipv6 else MTU_LEAST
    if not least <= config.mtu <= MTU_MOST:
        raise Invalid(
            f"An MTU of {config.mtu} bytes is not between {least} and {MTU_MOST}.",
            field=f"{field}.mtu",
            code="bad_mtu",
            hint="IPv6 takes 1280 or more." if ipv6 else "1500 is usual, 9000 for jumbo frames.",
        )


def check_used_once(configs: Iterable[tuple[InterfaceConfig, str]], others: Mapping[str, str]) -> None:
    """``others``: address → the interface that has it, of those that are not changed. Raises Invalid."""
    seen = dict(others)
    for config, field in configs:
        for at, text in enumerate(config.addresses):
            found = interface_of(text)
            address = str(found.ip) if found else text
            if address in seen:
                raise Invalid(
                    f"{config.name} can't have {address}: {seen[address]} has it already.",
                    field=f"{field}.addresses.{at}",
                    code="address_twice",
                    hint="Each address belongs to one interface, once.",
                )
            seen[address] = config.name


def overlapping(config: InterfaceConfig, others: Iterable[tuple[str, Network]]) -> list[str]:
    """What to say of networks that two interfaces would share: answers may leave by the wrong one."""
    own = [found.network for text in config.addresses if (found := interface_of(text))]
    return [
        f"{config.name} and {name} are both in {max(mine, network, key=lambda n: n.prefixlen)}: answers may leave by "
        "the wrong one of them."
        for mine in own
        for name, network in others
        if mine.version == network.version and mine.overlaps(network)
    ]
