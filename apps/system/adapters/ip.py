"""ip(8) of iproute2: argv and JSON parsers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson

from apps.system.domain.network import InterfaceKind, SeenAddress, SeenRoute
from calypso.kernel.errors import CalypsoError, NotFound, ToolError, ToolGarbage

_KINDS: dict[str, InterfaceKind] = {
    "vlan": "vlan",
    "bond": "bond",
    "bridge": "bridge",
    "veth": "veth",
    "dummy": "dummy",
}
COUNTERS = ("bytes", "packets", "errors", "dropped")
_FAMILIES = {"4": "ipv4", "6": "ipv6"}
_ERRORS = {"Operation not permitted": ("not_permitted", "The worker must run as root.")}


@dataclass(frozen=True)
class SeenLink:
    """An interface as ip shows it; ``counters`` by name as in rx_bytes."""

    name: str
    kind: InterfaceKind
    mac: str
    mtu: int
    up: bool
    carrier: bool
    state: str
    addresses: tuple[SeenAddress, ...]
    parent: str
    master: str
    vlan: int | None
    bond_mode: str
    alternative_names: tuple[str, ...]
    counters: Mapping[str, int]


def addresses_argv() -> list[str]:
    """All interfaces with what kind they are, their addresses and counters, for parse_addresses()."""
    return ["ip", "-j", "-d", "-s", "address"]


def routes_argv(family: Literal["4", "6"]) -> list[str]:
    """The main table, for parse_routes()."""
    return ["ip", "-j", f"-{family}", "route"]


def monitor_argv() -> list[str]:
    """Prints a line for each change of interfaces, addresses and routes, until it is ended."""
    return ["ip", "-o", "monitor", "link", "address", "route"]


def parse_addresses(printed: str) -> tuple[SeenLink, ...]:
    """In the order of their index. Raises ToolGarbage."""
    return tuple(_link(each) for each in _items(printed) if each.get("ifname"))


def _link(each: Mapping[str, Any]) -> SeenLink:
    try:
        info = each.get("linkinfo") or {}
        data, flags = info.get("info_data") or {}, each["flags"]
        return SeenLink(
            name=each["ifname"],
            kind=_kind(each["link_type"], info.get("info_kind", "")),
            mac=each.get("address", "") if each["link_type"] == "ether" else "",
            mtu=each["mtu"],
            up="UP" in flags,
            carrier="LOWER_UP" in flags,
            state=each["operstate"].lower(),
            addresses=tuple(sorted(map(_address, each.get("addr_info", [])), key=lambda a: a.address)),
            parent=each.get("link") or "",
            master=each.get("master", ""),
            vlan=data.get("id") if info.get("info_kind") == "vlan" else None,
            bond_mode=data.get("mode", "") if info.get("info_kind") == "bond" else "",
            alternative_names=tuple(each.get("altnames", [])),
            counters=_counters(each.get("stats64") or {}),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ToolGarbage("ip printed an interface in a form that Calypso does not know.", detail=str(error)) from error


def _kind(link_type: str, info_kind: str) -> InterfaceKind:
    if link_type == "loopback":
        return "loopback"
    return _KINDS.get(info_kind, "other") if info_kind else "ethernet" if link_type == "ether" else "other"


def _address(info: Mapping[str, Any]) -> SeenAddress:
    origin = "link" if info.get("scope") == "link" else "dynamic" if info.get("dynamic") else "static"
    return SeenAddress(
        address=f"{info['local']}/{info['prefixlen']}", origin=cast(Literal["static", "dynamic", "link"], origin)
    )


def _counters(stats: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {f"{way}_{name}": stats.get(way, {}).get(name, 0) for way in ("rx", "tx") for name in COUNTERS}


def parse_routes(printed: str, family: Literal["4", "6"]) -> tuple[SeenRoute, ...]:
    """Multipath routes come as one for each way. Raises ToolGarbage."""
    found: list[SeenRoute] = []
    try:
        for each in _items(printed):
            for hop in each.get("nexthops") or [each]:
                found.append(_route({**each, **hop}, family))
    except (KeyError, TypeError, ValueError) as error:
        raise ToolGarbage("ip printed a route in a form that Calypso does not know.", detail=str(error)) from error
    return tuple(found)


def _route(each: Mapping[str, Any], family: Literal["4", "6"]) -> SeenRoute:
    via = each.get("gateway") or (each.get("via") or {}).get("host", "")
    return SeenRoute(
        family=cast(Literal["ipv4", "ipv6"], _FAMILIES[family]),
        to=each["dst"],
        via=via,
        interface=each.get("dev", ""),
        metric=each.get("metric", 0),
        protocol=each.get("protocol", ""),
        scope=each.get("scope", "global"),
        source=each.get("prefsrc", ""),
        kind=each.get("type", "unicast"),
    )


def _items(printed: str) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(printed or "[]")
    except orjson.JSONDecodeError as error:
        raise ToolGarbage("ip printed no JSON.", detail=printed[:500]) from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ToolGarbage("ip printed no list.", detail=printed[:500])
    return found


def error_from(exit_code: int, stdout: str, stderr: str) -> CalypsoError:
    """The named error of a failed ip: its words are plain text even where JSON was asked for."""
    words = (stderr or stdout).strip()
    if "does not exist" in words or "Cannot find device" in words:
        return NotFound("There is no such interface.", code="no_such_interface", detail=words)
    for part, (code, hint) in _ERRORS.items():
        if part in words:
            return ToolError("The kernel refuses this.", code=code, detail=words, hint=hint)
    return ToolError(f"ip failed with exit code {exit_code}.", detail=words)
