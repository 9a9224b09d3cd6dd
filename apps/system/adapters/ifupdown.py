"""interfaces(5) of ifupdown: its files as interfaces, and a wish about interfaces as edits of them. Pure.

An interface's stanzas are written anew at the place of the first one; options of others (dns-nameservers, pre-up …) are
kept in it, and all other lines as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import Any

from apps.system.adapters.network_files import Configured, FileEdit, Files, Wish
from apps.system.domain.network_changes import ConfiguredKind, InterfaceConfig, StaticRoute

MAIN, FOLDER = "/etc/network/interfaces", "/etc/network/interfaces.d"
EDIT = "system.ifupdown"
_KEYWORD = re.compile(r"^\s*(auto|allow-\S+|iface|mapping|source|source-directory|rename|template|no-\S+)(\s|$)")
_STARTS = ("auto", "allow-hotplug", "allow-auto")
_ROUTE = re.compile(r"ip (?:-[46] )?route add (\S+) via (\S+)(?: dev \S+)?(?: metric (\d+))?$")
_OURS = {
    "address",
    "netmask",
    "gateway",
    "mtu",
    "vlan-raw-device",
    "vlan-id",
    "bond-slaves",
    "bond-mode",
    "bridge-ports",
    "bridge-stp",
}


@dataclass
class Block:
    """A keyword's line and what belongs to it. ``options``: (name, value), as they stand below an iface."""

    lines: list[str]
    words: list[str] = field(default_factory=list)

    def options(self) -> Iterator[tuple[str, str, str]]:
        """(name in one spelling, value, the line)."""
        for line in self.lines[1:]:
            text = line.strip()
            if text and not text.startswith("#"):
                name, _, value = text.partition(" ")
                yield name.replace("_", "-"), value.strip(), line

    def is_of(self, name: str) -> bool:
        return self.words[:1] == ["iface"] and self.words[1:2] == [name]


def has_interfaces(files: Files) -> bool:
    """Whether the files speak of anything but the loopback."""
    blocks = [block for text in files.values() for block in _blocks(text)]
    return any(block.words[:1] == ["iface"] and block.words[1:2] != ["lo"] for block in blocks)


def includes_folder(text: str) -> bool:
    return re.search(r"^\s*source(-directory)?\s+\S*interfaces\.d", text, re.MULTILINE) is not None


def configured(files: Files) -> dict[str, Configured]:
    """The interfaces that the files speak of, by name, the loopback left out."""
    stanzas: dict[str, list[Block]] = {}
    places: dict[str, list[str]] = {}
    started: set[str] = set()
    for path, text in files.items():
        for block in _blocks(text):
            if block.words[:1] == ["iface"] and len(block.words) > 1 and block.words[1] != "lo":
                stanzas.setdefault(block.words[1], []).append(block)
                places.setdefault(block.words[1], []).append(path)
            elif block.words[:1] and block.words[0] in _STARTS:
                started |= set(block.words[1:])
    return {
        name: Configured(_config(name, found, name in started), tuple(dict.fromkeys(places[name])), name)
        for name, found in stanzas.items()
    }


def edits(files: Files, wish: Wish) -> list[FileEdit]:
    """What is to be written into which file: the first that speaks of an interface, the main one for new ones."""
    known = configured(files)
    by_file: dict[str, dict[str, list[Any]]] = {}
    for config in wish.interfaces:
        home, *others = known[config.name].files if config.name in known else (MAIN,)
        by_file.setdefault(home, _none())["interfaces"].append(config.model_dump(mode="json"))
        for path in others:
            by_file.setdefault(path, _none())["removed"].append(config.name)
    for name in wish.removed:
        for path in known[name].files:
            by_file.setdefault(path, _none())["removed"].append(name)
    return [FileEdit(path, EDIT, args) for path, args in sorted(by_file.items())]


def _none() -> dict[str, list[Any]]:
    return {"interfaces": [], "removed": []}


def edited(text: str, interfaces: Sequence[Mapping[str, Any]], removed: Sequence[str]) -> str:
    """The registered edit."""
    blocks = _blocks(text)
    for each in interfaces:
        blocks = _replaced(blocks, InterfaceConfig.model_validate(each))
    for name in removed:
        blocks = [block for block in _without_start(blocks, name) if not block.is_of(name)]
    return "".join(line for block in blocks for line in block.lines)


# --- reading ----------------------------------------------------------------------------------------------------------


def _blocks(text: str) -> list[Block]:
    """All lines of the text, in blocks; blank lines and comments before a keyword stay with what is above."""
    blocks = [Block([])]
    for line in text.splitlines(keepends=True):
        if _KEYWORD.match(line):
            blocks.append(Block([line], line.split()))
        else:
            blocks[-1].lines.append(line)
    return blocks


def _config(name: str, stanzas: Sequence[Block], up: bool) -> InterfaceConfig:
    values: dict[str, Any] = {"addresses": [], "routes": [], "up": up}
    kind: ConfiguredKind = "ethernet"
    for stanza in stanzas:
        options = {option: value for option, value, _ in stanza.options()}
        family, method = [*stanza.words[2:4], "", ""][:2]
        if method == "dhcp":
            values["dhcp6" if family == "inet6" else "dhcp4"] = True
        if address := options.get("address"):
            values["addresses"].append(_address(address, options.get("netmask", "")))
        values["routes"] += _routes(stanza, options)
        if options.get("mtu", "").isdigit():
            values["mtu"] = int(options["mtu"])
        kind = _link(name, options, values) or kind
    return InterfaceConfig.model_construct(
        **{**_DEFAULTS, **values, "addresses": tuple(values["addresses"]), "routes": tuple(values["routes"])},
        name=name,
        kind=kind,
    )


_DEFAULTS = {name: each.default for name, each in InterfaceConfig.model_fields.items() if not each.is_required()}


def _link(name: str, options: Mapping[str, str], values: dict[str, Any]) -> ConfiguredKind | None:
    if parent := options.get("vlan-raw-device"):
        number = options.get("vlan-id") or re.sub(r"^.*?(\d+)$", r"\1", name)
        values |= {"parent": parent, "vlan": int(number) if number.isdigit() else None}
        return "vlan"
    dotted = re.fullmatch(r"(\S+)\.(\d+)", name)
    if dotted:
        values |= {"parent": dotted[1], "vlan": int(dotted[2])}
        return "vlan"
    if slaves := options.get("bond-slaves"):
        members = () if slaves == "none" else tuple(slaves.split())
        values |= {"members": members, "bond_mode": options.get("bond-mode", "balance-rr")}
        return "bond"
    if ports := options.get("bridge-ports"):
        stp = options.get("bridge-stp", "off") in ("on", "yes", "true", "1")
        values |= {"members": () if ports == "none" else tuple(ports.split()), "stp": stp}
        return "bridge"
    return None


def _address(address: str, netmask: str) -> str:
    try:
        return ip_interface(address if "/" in address or not netmask else f"{address}/{netmask}").with_prefixlen
    except ValueError:  # as somebody has it; it is kept until somebody changes it
        return address


def _routes(stanza: Block, options: Mapping[str, str]) -> Iterator[StaticRoute]:
    if gateway := options.get("gateway"):
        yield StaticRoute(to="default", via=gateway)
    for name, value, _ in stanza.options():
        if name in ("up", "post-up") and (found := _ROUTE.match(value)):
            yield StaticRoute(to=found[1], via=found[2], metric=int(found[3]) if found[3] else None)


# --- writing ----------------------------------------------------------------------------------------------------------


def _replaced(blocks: list[Block], config: InterfaceConfig) -> list[Block]:
    old = [block for block in blocks if block.is_of(config.name)]
    new = Block([_rendered(config, old)], ["iface", config.name])
    at = blocks.index(old[0]) if old else len(blocks)
    if not old:
        _end_line(blocks)
    rest = [block for block in blocks if not block.is_of(config.name)]
    at -= sum(1 for block in blocks[:at] if block.is_of(config.name))
    started = any(config.name in block.words[1:] for block in rest if block.words[:1] and block.words[0] in _STARTS)
    if not config.up:
        return _without_start([*rest[:at], new, *rest[at:]], config.name)
    start = [] if started else [Block([f"auto {config.name}\n"], ["auto", config.name])]
    return [*rest[:at], *start, new, *rest[at:]]


def _end_line(blocks: list[Block]) -> None:
    lines = [block.lines for block in blocks if block.lines]
    if lines and not lines[-1][-1].endswith("\n"):
        lines[-1][-1] += "\n"


def _without_start(blocks: Sequence[Block], name: str) -> list[Block]:
    found = []
    for block in blocks:
        if block.words[:1] and block.words[0] in _STARTS and name in block.words[1:]:
            rest = [word for word in block.words if word != name]
            head = [f"{' '.join(rest)}\n"] if len(rest) > 1 else []
            block = Block([*head, *block.lines[1:]], rest if head else [])  # noqa: PLW2901  the same without a word
        found.append(block)
    return found


def _rendered(config: InterfaceConfig, old: Sequence[Block]) -> str:
    """All stanzas: the first has what belongs to the link, and options of others."""
    stanzas = list(_stanzas(config))
    kept = [line for block in old for name, value, line in block.options() if not _is_ours(name, value)]
    tail = _tail(old[-1]) if old else []
    first, *more = stanzas
    lines = [first[0], *_link_options(config), *first[1:]]
    words = f"{lines[0]}\n" + "".join(f"    {line}\n" for line in lines[1:])
    words += "".join(line if line.endswith("\n") else f"{line}\n" for line in kept)
    words += "".join(f"{stanza[0]}\n" + "".join(f"    {line}\n" for line in stanza[1:]) for stanza in more)
    return words + "".join(tail)


def _tail(block: Block) -> list[str]:
    """Blank lines and comments after an interface's last option: they belong to what follows."""
    at = len(block.lines)
    while at > 1 and (not block.lines[at - 1].strip() or block.lines[at - 1].strip().startswith("#")):
        at -= 1
    return block.lines[at:]


def _is_ours(name: str, value: str) -> bool:
    return name in _OURS or (name in ("up", "post-up") and _ROUTE.match(value) is not None)


def _link_options(config: InterfaceConfig) -> Iterator[str]:
    if config.mtu:
        yield f"mtu {config.mtu}"
    if config.kind == "vlan":
        yield f"vlan-raw-device {config.parent}"
        yield f"vlan-id {config.vlan}"
    if config.kind == "bond":
        yield f"bond-slaves {' '.join(config.members) or 'none'}"
        yield f"bond-mode {config.bond_mode or 'balance-rr'}"
    if config.kind == "bridge":
        yield f"bridge_ports {' '.join(config.members) or 'none'}"
        yield f"bridge_stp {'on' if config.stp else 'off'}"


def _stanzas(config: InterfaceConfig) -> Iterator[list[str]]:
    head = f"iface {config.name}"
    empty = True
    for family, dhcp, colon in (("inet", config.dhcp4, False), ("inet6", config.dhcp6, True)):
        found = [[f"{head} {family} dhcp"]] if dhcp else []
        own = [address for address in config.addresses if (":" in address) is colon]
        found += [[f"{head} {family} static", f"address {address}"] for address in own]
        if found:
            found[0] += [_route_option(route, config.name) for route in config.routes if (":" in route.via) is colon]
            empty = False
        yield from found
    if empty:
        yield [f"{head} inet manual"]


def _route_option(route: StaticRoute, name: str) -> str:
    metric = f" metric {route.metric}" if route.metric is not None else ""
    family = "-6 " if ":" in route.via else ""
    return f"up ip {family}route add {route.to} via {route.via} dev {name}{metric}"
