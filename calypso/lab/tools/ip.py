"""ip(8) of iproute2 6.1 over the lab's network: JSON lists, a few changes, and `monitor`."""

from __future__ import annotations

import json
import sys
import time
from ipaddress import ip_interface
from typing import Any

from calypso.lab.network import Link, network
from calypso.lab.state import change, read, state_version
from calypso.lab.timers import run_due

FOREVER = 4294967295
LOOK_SECONDS = 0.25
USAGE = "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n"
OBJECTS = ("address", "link", "route", "monitor")


def main(argv: list[str]) -> int:
    options = [word for word in argv if word.startswith("-")]
    words = [word for word in argv if not word.startswith("-")]
    name = next((each for each in OBJECTS if words and each.startswith(words[0])), "")
    if not name:
        sys.stderr.write(USAGE)
        return 255
    if name == "monitor":
        return _monitor()
    verb, rest = (words[1], words[2:]) if len(words) > 1 else ("show", [])
    if verb in ("delete", "flush"):
        return _change(name, verb, rest)
    if "-j" in options:  # an observer's question; that of a program in the middle of a change must start no other
        run_due()
    with change() as state:
        found = network(state)
    if name == "route":
        shown = [_route(each) for each in found["routes"] if each["v"] == (6 if "-6" in options else 4)]
    else:
        links = list(found["links"].values())
        shown = [_shown(at, link, name == "address") for at, link in enumerate(links, 1)]
    if rest[:1] == ["dev"] and len(rest) > 1:
        shown = [each for each in shown if each["ifname"] == rest[1]]
        if not shown:
            sys.stderr.write(f'Device "{rest[1]}" does not exist.\n')
            return 1
    sys.stdout.write(json.dumps(shown, separators=(",", ":")) + "\n")
    return 0


def _change(name: str, verb: str, rest: list[str]) -> int:
    device = rest[rest.index("dev") + 1] if "dev" in rest else ""
    with change() as state:
        links = network(state)["links"]
        if device not in links:
            sys.stderr.write(f'Cannot find device "{device}"\n')
            return 1
        if verb == "flush":
            links[device] |= {"addresses": [], "dynamic": []}
        elif not links[device]["kind"]:
            sys.stderr.write("RTNETLINK answers: Operation not supported\n")
            return 2
        else:
            del links[device]
    return 0


def _monitor() -> int:
    """A line when the network has changed; it also lets the timers run, which nobody else might."""
    seen, version = json.dumps(read().get("network")), state_version()
    while True:
        time.sleep(LOOK_SECONDS)
        run_due()
        if (now := state_version()) != version:
            version = now
            if (network_now := json.dumps(read().get("network"))) != seen:
                seen = network_now
                sys.stdout.write("2: mgmt0: <BROADCAST,MULTICAST,UP,LOWER_UP>\n")
                sys.stdout.flush()


def _shown(index: int, link: Link, addresses: bool) -> dict[str, Any]:
    loopback = link["kind"] == "loopback"
    flags = ["LOOPBACK"] if loopback else ["BROADCAST", "MULTICAST"]
    shown: dict[str, Any] = {
        "ifindex": index,
        **({"link": link["link"]} if link["link"] else {}),
        "ifname": link["name"],
        "flags": [*flags, *(["UP", "LOWER_UP"] if link["up"] else [])],
        "mtu": link["mtu"],
        "qdisc": "noqueue" if loopback else "fq_codel",
        **({"master": link["master"]} if link["master"] else {}),
        "operstate": "UNKNOWN" if loopback else "UP" if link["up"] else "DOWN",
        "group": "default",
        "txqlen": 1000,
        "link_type": "loopback" if loopback else "ether",
        "address": link["mac"],
        "broadcast": "00:00:00:00:00:00" if loopback else "ff:ff:ff:ff:ff:ff",
    }
    if link["kind"] and not loopback:
        shown["linkinfo"] = {"info_kind": link["kind"], "info_data": _info(link)}
    if addresses:
        shown["addr_info"] = [_address(each, link) for each in (*link["addresses"], *link["dynamic"])]
    way = {"bytes": 7252, "packets": 80, "errors": 0, "dropped": 0}
    return {**shown, "stats64": {"rx": way, "tx": way}}


def _info(link: Link) -> dict[str, Any]:
    if link["kind"] == "vlan":
        return {"protocol": "802.1Q", "id": link["vlan"], "flags": ["REORDER_HDR"]}
    return {"mode": link["mode"]} if link["kind"] == "bond" else {"stp_state": 0}


def _address(text: str, link: Link) -> dict[str, Any]:
    own, dynamic = ip_interface(text), text in link["dynamic"]
    life = 86297 if dynamic else FOREVER
    return {
        "family": "inet6" if own.version == 6 else "inet",
        "local": str(own.ip),
        "prefixlen": own.network.prefixlen,
        "scope": "host" if link["kind"] == "loopback" else "global",
        **({"dynamic": True} if dynamic else {}),
        "label": link["name"],
        "valid_life_time": life,
        "preferred_life_time": life,
    }


def _route(route: dict[str, Any]) -> dict[str, Any]:
    return {
        "dst": route["to"],
        **({"gateway": route["via"]} if "via" in route else {}),
        "dev": route["dev"],
        "protocol": route["proto"],
        **({"scope": "link"} if route["proto"] == "kernel" else {}),
        **({"prefsrc": route["src"]} if "src" in route else {}),
        **({"metric": route["metric"]} if "metric" in route else {}),
        "flags": [],
    }
