"""NetworkManager's keyfiles (nm-settings-keyfile(5)) as interfaces, and a wish as edits of them. Pure.

A connection is a file. Keys that Calypso does not know, secrets among them, stay as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.system.adapters.network_files import Configured, FileEdit, Files, Link, Wish
from apps.system.domain.network_changes import ConfiguredKind, InterfaceConfig, StaticRoute

FOLDER, ENDING = "/etc/NetworkManager/system-connections", ".nmconnection"
EDIT = "system.keyfile"
MODE = 0o600  # NetworkManager ignores files that others may read
KINDS: dict[str, ConfiguredKind] = {
    "ethernet": "ethernet",
    "802-3-ethernet": "ethernet",
    "vlan": "vlan",
    "bond": "bond",
    "bridge": "bridge",
}
_SECTION = re.compile(r"^\s*\[([^\]]+)\]\s*$")
Sections = dict[str, dict[str, str]]
Change = tuple[str, str, str | None]  # section, key, value; None takes the key away


def parse(text: str) -> Sections:
    """Section → key → value."""
    found: Sections = {}
    section: dict[str, str] = {}
    for line in text.splitlines():
        if named := _SECTION.match(line):
            section = found.setdefault(named[1], {})
        elif "=" in line and not line.lstrip().startswith("#"):
            key, _, value = line.partition("=")
            section[key.strip()] = value.strip()
    return found


def edited(text: str, changes: Sequence[Sequence[str | None]]) -> str:
    """The registered edit: sets keys, or takes those away whose value is null; an empty file is no connection."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    for section, key, value in changes:
        assert section is not None and key is not None
        lines = _set(lines, section, key, value)
    return "".join(lines)


def _set(lines: list[str], section: str, key: str, value: str | None) -> list[str]:
    start = next((at for at, line in enumerate(lines) if (m := _SECTION.match(line)) and m[1] == section), None)
    if start is None:
        gap = ["\n"] if lines else []
        return lines if value is None else [*lines, *gap, f"[{section}]\n", f"{key}={value}\n"]
    end = next((at for at in range(start + 1, len(lines)) if _SECTION.match(lines[at])), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    at = next((at for at in range(start + 1, end) if lines[at].partition("=")[0].strip() == key), None)
    new = [] if value is None else [f"{key}={value}\n"]
    return [*lines[:at], *new, *lines[at + 1 :]] if at is not None else [*lines[:end], *new, *lines[end:]]


# --- reading ----------------------------------------------------------------------------------------------------------


def configured(files: Files, links: Sequence[Link]) -> dict[str, Configured]:
    """The interfaces that the files speak of, by name. Those of other kinds, as Wi-Fi, are left out."""
    parsed = {path: parse(text) for path, text in files.items()}
    members = _members(parsed, links)
    found = {}
    for path, sections in parsed.items():
        kind = KINDS.get(sections.get("connection", {}).get("type", ""))
        name = _name(sections, links)
        if kind and name:
            config = _config(name, kind, sections, tuple(sorted(members.get(name, []))))
            found[name] = Configured(config, (path,), path)
    return found


def _name(sections: Sections, links: Sequence[Link]) -> str:
    if name := sections.get("connection", {}).get("interface-name"):
        return name
    mac = sections.get("ethernet", {}).get("mac-address", "").lower()
    return next((link.name for link in links if mac and link.mac.lower() == mac), "")


def _members(parsed: Mapping[str, Sections], links: Sequence[Link]) -> dict[str, list[str]]:
    """Bond or bridge → what is part of it; it is named by interface or by the uuid of its connection."""
    uuids = {s["connection"]["uuid"]: _name(s, links) for s in parsed.values() if "uuid" in s.get("connection", {})}
    found: dict[str, list[str]] = {}
    for sections in parsed.values():
        connection = sections.get("connection", {})
        master = connection.get("master") or connection.get("controller")
        if master and (name := _name(sections, links)):
            found.setdefault(uuids.get(master, master), []).append(name)
    return found


def _config(name: str, kind: ConfiguredKind, sections: Sections, members: tuple[str, ...]) -> InterfaceConfig:
    v4, v6 = sections.get("ipv4", {}), sections.get("ipv6", {})
    mtu = sections.get("ethernet", {}).get("mtu", "")
    values: dict[str, Any] = {
        "dhcp4": v4.get("method") == "auto",
        "dhcp6": v6.get("method") == "dhcp",
        "addresses": tuple(address for part in (v4, v6) for address, _ in _addresses(part)),
        "routes": tuple(route for part in (v4, v6) for route in _routes(part)),
        "mtu": int(mtu) if mtu.isdigit() and mtu != "0" else None,
        "up": sections.get("connection", {}).get("autoconnect", "true") != "false",
    }
    if kind == "vlan":
        number = sections.get("vlan", {}).get("id", "")
        parent = sections.get("vlan", {}).get("parent", "")
        values |= {"parent": parent, "vlan": int(number) if number.isdigit() else None}
    if kind in ("bond", "bridge"):
        values["members"] = members
    if kind == "bond":
        values["bond_mode"] = sections.get("bond", {}).get("mode", "balance-rr")
    if kind == "bridge":
        values["stp"] = sections.get("bridge", {}).get("stp", "true") == "true"
    return InterfaceConfig.model_construct(**{**_DEFAULTS, **values}, name=name, kind=kind)


_DEFAULTS = {name: each.default for name, each in InterfaceConfig.model_fields.items() if not each.is_required()}


def _addresses(part: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(address, gateway or "")."""
    for key in sorted((k for k in part if re.fullmatch(r"address(es)?\d*", k)), key=_number):
        for item in part[key].split(";"):
            address, _, gateway = item.partition(",")
            if address:
                yield address.strip(), gateway.strip()


def _routes(part: Mapping[str, str]) -> Iterator[StaticRoute]:
    gateways = [gateway for _, gateway in _addresses(part) if gateway] + [part.get("gateway", "")]
    metric = part.get("route-metric", "")
    yield from (
        StaticRoute(to="default", via=via, metric=int(metric) if metric.isdigit() else None) for via in gateways if via
    )
    for key in sorted((k for k in part if re.fullmatch(r"route\d+", k)), key=_number):
        to, via, metric = [*part[key].split(","), "", ""][:3]
        if via:
            to = "default" if to in ("0.0.0.0/0", "::/0") else to
            yield StaticRoute(to=to, via=via, metric=int(metric) if metric.isdigit() else None)


def _number(key: str) -> int:
    return int(re.sub(r"\D", "", key) or 0)


# --- writing ----------------------------------------------------------------------------------------------------------


def edits(files: Files, links: Sequence[Link], wish: Wish) -> list[FileEdit]:
    """What is to be written into which file; a connection that is to be no more is kept, but not brought up."""
    known = configured(files, links)
    by_file: dict[str, list[Change]] = {}

    def change(name: str, changes: Iterator[Change]) -> None:
        path = known[name].files[0] if name in known else f"{FOLDER}/{name}{ENDING}"
        by_file.setdefault(path, []).extend(changes)

    for config in wish.interfaces:
        sections = parse(files[known[config.name].files[0]]) if config.name in known else {}
        change(config.name, _changes(config, known.get(config.name), sections))
    for config in wish.interfaces:
        before = known[config.name].config.members if config.name in known else ()
        for member in config.members:
            change(member, _joined(member, config, member in known))
        for member in set(before) - set(config.members):
            change(member, iter([("connection", "master", None), ("connection", "slave-type", None)]))
    for name in wish.removed:
        change(name, iter([("connection", "autoconnect", "false")]))
    return [FileEdit(path, EDIT, {"changes": changes}, MODE) for path, changes in sorted(by_file.items())]


def _joined(member: str, master: InterfaceConfig, known: bool) -> Iterator[Change]:
    if not known:
        yield from (("connection", key, value) for key, value in _head(member, "ethernet"))
    yield "connection", "master", master.name
    yield "connection", "slave-type", master.kind


def _head(name: str, kind: str) -> list[tuple[str, str]]:
    return [("id", name), ("type", kind), ("interface-name", name)]


def _changes(config: InterfaceConfig, known: Configured | None, sections: Sections) -> Iterator[Change]:
    """All that differs between the file and what is wanted."""
    before = known.config if known else None
    if known is None:
        yield from (("connection", key, value) for key, value in _head(config.name, config.kind))
    if before is None or before.up != config.up:
        yield "connection", "autoconnect", None if config.up else "false"
    if before is None or before.mtu != config.mtu:
        yield "ethernet", "mtu", str(config.mtu) if config.mtu else None
    for section, key, value in _of_kind(config):
        if sections.get(section, {}).get(key) != value:
            yield section, key, value
    same = before and all(
        getattr(before, name) == getattr(config, name) for name in ("dhcp4", "dhcp6", "addresses", "routes")
    )
    if not same:
        yield from _family("ipv4", config, sections.get("ipv4", {}), True)
        yield from _family("ipv6", config, sections.get("ipv6", {}), False)


def _of_kind(config: InterfaceConfig) -> Iterator[tuple[str, str, str]]:
    if config.kind == "vlan":
        yield from (("vlan", "id", str(config.vlan)), ("vlan", "parent", config.parent))
    if config.kind == "bond" and config.bond_mode:
        yield "bond", "mode", config.bond_mode
    if config.kind == "bridge" and config.stp is not None:
        yield "bridge", "stp", "true" if config.stp else "false"


def _family(section: str, config: InterfaceConfig, old: Mapping[str, str], four: bool) -> Iterator[Change]:
    dhcp, dynamic = (config.dhcp4, "auto") if four else (config.dhcp6, "dhcp")
    own = [address for address in config.addresses if (":" not in address) is four]
    routes = [route for route in config.routes if (":" not in route.via) is four]
    for key in old:
        if re.fullmatch(r"address(es)?\d*|route\d+|gateway|route-metric", key):
            yield section, key, None
    none = "disabled" if four else "ignore" if old.get("method") == "ignore" else "auto"
    yield section, "method", dynamic if dhcp else "manual" if own else none
    for at, address in enumerate(own, 1):
        yield section, f"address{at}", address
    for at, route in enumerate(routes, 1):
        to = {"default": "0.0.0.0/0" if four else "::/0"}.get(route.to, route.to)
        metric = f",{route.metric}" if route.metric is not None else ""
        yield section, f"route{at}", f"{to},{route.via}{metric}"
