"""The lab's network: four cards, and what its netplan files make of them. Kept in the state as it is in force.

It must not know of Calypso's own plans: it reads the files as the real netplan would, and refuses in its words.
"""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any

import yaml

from calypso.lab.etc import prepare
from calypso.lab.options import Refused
from calypso.lab.state import State, state_path

CARDS = {
    "mgmt0": "52:54:00:12:34:56",
    "data0": "52:54:00:12:34:57",
    "data1": "52:54:00:12:34:58",
    "data2": "52:54:00:12:34:59",
}
SPEEDS = {"mgmt0": 1000, "data0": 25000, "data1": 25000, "data2": 10000}  # Mbit/s
VIRTUAL = {"vlans": "vlan", "bonds": "bond", "bridges": "bridge"}
DHCP_GATEWAY = "10.0.{}.2"

Link = dict[str, Any]


def root() -> Path:
    """The folder that stands for the root of the simulated box."""
    found = state_path().parent / "root"
    if not found.exists():
        prepare(found)
    return found


def network(state: State) -> dict[str, Any]:
    """What is in force: links by name and routes. On the first day, what the files say."""
    if "network" not in state:
        state["network"] = in_force(definitions())
    found: dict[str, Any] = state["network"]
    return found


def definitions() -> dict[str, dict[str, Any]]:
    """(section → name → definition) of all files together. Raises Refused as netplan would."""
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted((root() / "etc/netplan").glob("*.yaml")):
        shown = f"/etc/netplan/{path.name}"
        text = path.read_text(encoding="utf-8")
        try:
            document = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise Refused(_yaml_refusal(shown, text, error)) from None
        for section, entries in (document.get("network") or {}).items():
            if isinstance(entries, dict):
                for name, definition in entries.items():
                    _check(shown, text, definition or {})
                    _merge(merged.setdefault(section, {}).setdefault(name, {}), definition or {})
    return merged


def _merge(before: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        before[key] = [*before[key], *value] if isinstance(value, list) and key in before else value


def _yaml_refusal(path: str, text: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    line = mark.line if mark else 0
    words = "tabs are not allowed for indent" if "\t" in text else str(getattr(error, "problem", "invalid"))
    return f"{path}:{line + 1}:1: Invalid YAML: {words}:\n{text.splitlines()[line] if text else ''}\n^\n\n"


def _check(path: str, text: str, definition: dict[str, Any]) -> None:
    for item in definition.get("addresses", []):
        address = next(iter(item)) if isinstance(item, dict) else item
        line = next((at for at, words in enumerate(text.splitlines(), 1) if str(address) in words), 1)
        where = f"{path}:{line}:7: Error in network definition: "
        if "/" not in str(address):
            raise Refused(f"{where}address '{address}' is missing /prefixlength\n")
        try:
            ip_interface(address)
        except ValueError:
            raise Refused(f"{where}malformed address '{address}', must be X.X.X.X/NN or X:X:X:X:X:X:X:X/NN\n") from None


def in_force(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The links and routes that come of the definitions."""
    links: dict[str, Link] = {"lo": _loopback()}
    for number, (name, mac) in enumerate(CARDS.items()):
        links[name] = _link(name, "", mac, found.get("ethernets", {}).get(name), number)
    for section, kind in VIRTUAL.items():
        for name, definition in found.get(section, {}).items():
            lower = [definition.get("link", ""), *definition.get("interfaces", [])]
            mac = next((links[each]["mac"] for each in lower if each in links), "9a:f8:f5:12:33:53")
            links[name] = _link(name, kind, mac, definition, 0)
            _join(links, links[name], definition)
    return {"links": links, "routes": _routes(links)}


def _loopback() -> Link:
    here = {"addresses": ["127.0.0.1/8", "::1/128"], "dynamic": [], "routes": [], "master": "", "link": ""}
    return {"name": "lo", "kind": "loopback", "mac": "00:00:00:00:00:00", "mtu": 65536, "up": True, **here}


def _link(name: str, kind: str, mac: str, definition: dict[str, Any] | None, number: int) -> Link:
    known = definition is not None
    definition = definition or {}
    up = known and str(definition.get("activation-mode")) not in ("off", "False")
    static = [next(iter(a)) if isinstance(a, dict) else a for a in definition.get("addresses", [])] if up else []
    dynamic = [f"10.0.{number + 2}.15/24"] if up and definition.get("dhcp4") else []
    routes = [dict(each, proto="static") for each in definition.get("routes", [])] if up else []
    if dynamic:
        routes.append({"to": "default", "via": DHCP_GATEWAY.format(number + 2), "metric": 100, "proto": "dhcp"})
    return {
        "name": name,
        "kind": kind,
        "mac": mac,
        "mtu": definition.get("mtu", 1500),
        "up": up,
        "addresses": [str(ip_interface(each)) for each in static],
        "dynamic": dynamic,
        "routes": routes,
        "master": "",
        "link": definition.get("link", ""),
        "vlan": definition.get("id"),
        "mode": (definition.get("parameters") or {}).get("mode", "balance-rr"),
    }


def _join(links: dict[str, Link], master: Link, definition: dict[str, Any]) -> None:
    for name in definition.get("interfaces", []):
        if name in links:
            links[name] |= {"master": master["name"], "up": True, "addresses": [], "dynamic": []}


def _routes(links: dict[str, Link]) -> list[dict[str, Any]]:
    found = []
    for link in links.values():
        if link["kind"] == "loopback" or not link["up"]:
            continue
        for address in (*link["addresses"], *link["dynamic"]):
            own = ip_interface(address)
            to = str(own.network)
            found.append({"to": to, "dev": link["name"], "proto": "kernel", "src": str(own.ip), "v": own.version})
        for route in link["routes"]:
            to = "default" if route["to"] == "default" else str(ip_network(route["to"]))
            version = 6 if ":" in route["via"] else 4
            found.append({**route, "to": to, "dev": link["name"], "v": version})
    return found
