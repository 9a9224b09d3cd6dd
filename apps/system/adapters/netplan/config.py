"""Netplan's files as interfaces, and a wish about interfaces as edits of those files. Pure.

Files are read in the order of their names: later scalars win, lists of all files are joined. So what changes is written
into the last file that speaks of the interface, and taken out of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from apps.system.adapters.netplan.splice import GONE, edit, load
from apps.system.adapters.network_files import Configured, FileEdit, Files, Link, Wish
from apps.system.domain.network_changes import ConfiguredKind, InterfaceConfig, StaticRoute

FOLDER = "/etc/netplan"
OWN_FILE = f"{FOLDER}/90-calypso.yaml"
EDIT = "system.netplan"
SECTIONS: dict[str, ConfiguredKind] = {
    "ethernets": "ethernet",
    "vlans": "vlan",
    "bonds": "bond",
    "bridges": "bridge",
}
SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
_GATEWAYS = ("gateway4", "gateway6")  # deprecated forms of a default route


def edited(text: str, changes: Sequence[Mapping[str, Any]], name: str = "the file") -> str:
    """The registered edit: each change has a ``path``, and a ``value`` unless it is to go."""
    return edit(text, [(c["path"], c.get("value", GONE)) for c in changes], name)


def backend(files: Files) -> str:
    """Who does the work for netplan: networkd unless a file says otherwise."""
    found = [_network(text, path).get("renderer") for path, text in sorted(files.items())]
    return str(next((name for name in reversed(found) if name), "networkd"))


def configured(files: Files, links: Sequence[Link]) -> dict[str, Configured]:
    """The interfaces that the files speak of, by name. Raises NotYaml."""
    found: dict[str, Configured] = {}
    for (section, key), (definition, paths) in _definitions(files).items():
        names = _names(section, key, definition, links)
        for name in names:
            config = _config(SECTIONS[section], name, definition)
            found[name] = Configured(config, paths, key, shared=len(names) > 1 or "*" in str(definition.get("match")))
    return found


def edits(files: Files, links: Sequence[Link], wish: Wish) -> list[FileEdit]:
    """What is to be written into which file."""
    known = configured(files, links)
    by_file: dict[str, list[dict[str, Any]]] = {}
    for config in wish.interfaces:
        before = known.get(config.name)
        for path, keys, value in _changes(files, config, before):
            by_file.setdefault(path, []).append(_change(config.kind, keys, value))
        for member in (*config.members, *([config.parent] if config.parent else [])):
            if member not in known and all(other.name != member for other in wish.interfaces):
                by_file.setdefault(OWN_FILE, []).append(_change("ethernet", (member,), {}))
    for name in wish.removed:
        if before := known.get(name):
            for path in before.files:
                by_file.setdefault(path, []).append(_change(before.config.kind, (before.key,), GONE))
    if OWN_FILE in by_file and "version" not in _network(files.get(OWN_FILE, ""), OWN_FILE):
        by_file[OWN_FILE].insert(0, {"path": ["network", "version"], "value": 2})
    return [FileEdit(path, EDIT, {"changes": changes}, 0o600) for path, changes in sorted(by_file.items())]


# --- reading ----------------------------------------------------------------------------------------------------------


def _network(text: str, path: str) -> dict[str, Any]:
    network = load(text, path).get("network")
    return network if isinstance(network, dict) else {}


def _definitions(files: Files) -> dict[tuple[str, str], tuple[dict[str, Any], tuple[str, ...]]]:
    """(section, key) → what all files together say, and those that say something."""
    found: dict[tuple[str, str], tuple[dict[str, Any], tuple[str, ...]]] = {}
    for path in sorted(files):
        network = _network(files[path], path)
        for section in SECTIONS:
            entries = network.get(section)
            for key, definition in (entries if isinstance(entries, dict) else {}).items():
                before, paths = found.get((section, str(key)), ({}, ()))
                merged = _merged(before, definition if isinstance(definition, dict) else {})
                found[section, str(key)] = (merged, (*paths, path))
    return found


def _merged(before: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(before)
    for key, value in more.items():
        if isinstance(value, list) and isinstance(both.get(key), list):
            both[key] = [*both[key], *value]
        elif isinstance(value, dict) and isinstance(both.get(key), dict):
            both[key] = _merged(both[key], value)
        else:
            both[key] = value
    return both


def _names(section: str, key: str, definition: Mapping[str, Any], links: Sequence[Link]) -> list[str]:
    """The interfaces of the box that a definition is about: its key is their name unless it matches by something."""
    match = definition.get("match")
    if section != "ethernets" or not isinstance(match, dict):
        return [key]
    if name := definition.get("set-name"):
        return [str(name)]
    pattern, mac = match.get("name"), str(match.get("macaddress", "")).lower()
    found = [
        link.name
        for link in links
        if (pattern is None or fnmatchcase(link.name, str(pattern))) and (not mac or link.mac.lower() == mac)
    ]
    return found if pattern or mac else []


def _config(kind: ConfiguredKind, name: str, definition: Mapping[str, Any]) -> InterfaceConfig:
    parameters = definition.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    values: dict[str, Any] = {
        "dhcp4": definition.get("dhcp4") is True,
        "dhcp6": definition.get("dhcp6") is True,
        "addresses": tuple(_address(each) for each in _list(definition.get("addresses"))),
        "routes": tuple(_routes(definition)),
        "mtu": definition.get("mtu") if isinstance(definition.get("mtu"), int) else None,
        "up": str(definition.get("activation-mode", "")) not in ("off", "False"),
    }
    if kind == "vlan":
        values |= {"parent": str(definition.get("link", "")), "vlan": definition.get("id")}
    if kind in ("bond", "bridge"):
        values["members"] = tuple(str(each) for each in _list(definition.get("interfaces")))
    if kind == "bond":
        values["bond_mode"] = parameters.get("mode", "balance-rr")
    if kind == "bridge":
        values["stp"] = parameters.get("stp", True) is True
    return InterfaceConfig.model_construct(name=name, kind=kind, **{**_DEFAULTS, **values})


_DEFAULTS = {name: each.default for name, each in InterfaceConfig.model_fields.items() if not each.is_required()}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _address(item: Any) -> str:
    """An address, which may come with options as the only key of a mapping."""
    return str(next(iter(item), "")) if isinstance(item, dict) else str(item)


def _routes(definition: Mapping[str, Any]) -> Iterator[StaticRoute]:
    for item in _list(definition.get("routes")):
        if isinstance(item, dict):
            metric = item.get("metric")
            to = str(item.get("to", ""))
            to = "default" if to in ("0.0.0.0/0", "::/0") else to
            yield StaticRoute(to=to, via=str(item.get("via", "")), metric=metric if isinstance(metric, int) else None)
    for key in _GATEWAYS:
        if via := definition.get(key):
            yield StaticRoute(to="default", via=str(via))


# --- writing ----------------------------------------------------------------------------------------------------------


def _change(kind: ConfiguredKind, keys: Sequence[str], value: Any) -> dict[str, Any]:
    path = ["network", SECTION_OF[kind], *keys]
    return {"path": path} if value is GONE else {"path": path, "value": value}


def _changes(
    files: Files, config: InterfaceConfig, before: Configured | None
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """(file, keys below the section, value) of all that differs."""
    if before is None:
        values = {keys: value for keys, value in _values(config).items() if value is not GONE}
        yield OWN_FILE, (config.name,), _tree(values)
        return
    old = _values(before.config)
    home = before.files[-1]
    for keys, value in _values(config).items():
        if value == old[keys]:
            continue
        keep = _kept_items(files, config, before, keys[0]) if isinstance(value, list) else value
        for path in before.files:
            if path == home and value is not GONE:
                yield path, (before.key, *keys), keep
            elif value is GONE or isinstance(value, list):
                yield path, (before.key, *keys), GONE
        if keys == ("routes",):
            yield from ((path, (before.key, gateway), GONE) for path in before.files for gateway in _GATEWAYS)


def _kept_items(files: Files, config: InterfaceConfig, before: Configured, key: str) -> list[Any]:
    """A list's new items; those that were there before keep the options with which they stand in the files."""
    section = SECTION_OF[before.config.kind]
    raw = _list(_definitions(files)[section, before.key][0].get(key))
    new: list[Any] = _values(config)[(key,)]
    if key == "addresses":
        old: list[tuple[Any, Any]] = [(_address(item), item) for item in raw]
        return [next((item for address, item in old if address == each), each) for each in new]
    if key == "routes":
        routes = [(list(_routes({"routes": [item]})), item) for item in raw]
        wanted = [(StaticRoute.model_validate(each), each) for each in new]
        return [next((item for was, item in routes if was == [route]), each) for route, each in wanted]
    return new


def _values(config: InterfaceConfig) -> dict[tuple[str, ...], Any]:
    """Keys below an interface's definition → values."""
    values: dict[tuple[str, ...], Any] = {
        ("dhcp4",): config.dhcp4 or GONE,
        ("dhcp6",): config.dhcp6 or GONE,
        ("addresses",): list(config.addresses) or GONE,
        ("routes",): [route.model_dump(exclude_none=True) for route in config.routes] or GONE,
        ("mtu",): config.mtu or GONE,
        ("activation-mode",): GONE if config.up else "off",
    }
    if config.kind == "vlan":
        values |= {("id",): config.vlan, ("link",): config.parent}
    if config.kind in ("bond", "bridge"):
        values[("interfaces",)] = list(config.members) or GONE
    if config.kind == "bond":
        values[("parameters", "mode")] = config.bond_mode or GONE
    if config.kind == "bridge":
        values[("parameters", "stp")] = GONE if config.stp is None else config.stp
    return values


def _tree(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for keys, value in values.items():
        inner = tree
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
        inner[keys[-1]] = value
    return tree
