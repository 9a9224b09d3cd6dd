"""`zpool create`: the checks in the tool's order (zpool_do_create, make_root_vdev), then the pool."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from calypso.lab import contents, disks, usage
from calypso.lab.health import kind_word
from calypso.lab.options import Options, Refused
from calypso.lab.zpool.pool_list import SETTABLE
from calypso.lab.sizes import FRESH, FRESH_RAIDZ, phys_space
from calypso.lab.state import State, change, clock, new_guid

OVERRIDE = "invalid vdev specification\nuse '-f' to override the following errors:\n"
GROUPS = {"mirror": 2, "raidz": 2, "raidz1": 2, "raidz2": 3, "raidz3": 4}  # least number of disks
ROLES = {"log": "log", "cache": "cache", "spare": "spare"}
LONGEST_NAME = 239
UNPRIVILEGED = "CALYPSO_LAB_UNPRIVILEGED"


def create(argv: list[str]) -> int:
    """The subcommand."""
    given = Options(argv, "fndo:O:m:R:t:", usage.CREATE)
    properties = _properties(given)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.CREATE, 2)
    name, words = given.operands[0], given.operands[1:]
    if not words:
        raise Refused("missing vdev specification\n" + usage.CREATE, 2)
    if "/" in name:
        raise Refused(
            f"cannot create '{name}': invalid character '/' in pool name\nuse 'zfs create' to create a dataset\n"
        )
    with change() as state:
        groups = _groups(state, words)
        _check_use(state, groups, force=given.has("f"))
        if not given.has("f"):
            _check_replication(state, groups)
        if given.has("n"):
            sys.stdout.write(_layout(name, groups))
            return 0
        _check_privilege(name, groups)
        _check_twice(name, groups)
        check_name(name)
        if any(pool["name"] == name for pool in state["pools"]):
            raise Refused(f"cannot create '{name}': pool already exists\n")
        pool = _pool(state, name, groups, properties, given)
        state["pools"].append(pool)
        contents.begin(state, pool, _root_properties(given))
    return 0


def _properties(given: Options) -> dict[str, str]:
    found = {}
    for word in given.values.get("o", []):
        key, equals, value = word.partition("=")
        if not equals:
            raise Refused("missing '=' for property=value argument\n" + usage.CREATE, 2)
        if key not in SETTABLE and ":" not in key and not key.startswith("feature@") and key != "compatibility":
            raise Refused(f"property '{key}' is not a valid pool or vdev property\n")
        if key == "ashift" and value != "0" and not (value.isdigit() and 9 <= int(value) <= 16):
            raise Refused(f"invalid 'ashift={value}' property: only values between 9 and 16 are allowed.\n")
        found[key] = value
    return found


def check_name(name: str) -> None:
    """zpool_name_valid() in libzfs; raises Refused."""
    bad = re.search(r"[^A-Za-z0-9_.: -]", name)
    if len(name) > LONGEST_NAME:
        why = "name is too long"
    elif bad:
        why = f"invalid character '{bad[0]}' in pool name"
    elif not name[:1].isalpha():
        why = "name must begin with a letter"
    elif name.startswith(("mirror", "raidz", "draid", "spare")) or name == "log":
        why = "name is reserved"
    else:
        return
    raise Refused(f"cannot create '{name}': {why}\npool name may have been omitted\n")


def _groups(state: State, words: list[str]) -> dict[str, list[dict[str, Any]]]:
    """construct_spec(): the wished vdevs by role."""
    groups: dict[str, list[dict[str, Any]]] = {"data": []}
    role, rest, number = "data", list(words), 0
    while rest:
        word = rest.pop(0)
        if word in ROLES:
            role = ROLES[word]
            if role in groups:
                raise Refused(f"invalid vdev specification: '{word}' can be specified only once\n")
            groups[role] = []
        elif word in GROUPS:
            if role in ("cache", "spare"):
                raise Refused(f"invalid vdev specification: unsupported '{role}' device: {word}\n")
            groups[role].append(_group(state, word, rest, number))
            number += 1
        else:
            groups[role].append(_leaf(state, word))
            number += role in ("data", "log")
    if not groups["data"]:
        raise Refused("invalid vdev specification: at least one toplevel vdev must be specified\n")
    return groups


def _group(state: State, word: str, rest: list[str], number: int) -> dict[str, Any]:
    children = []
    while rest and rest[0] not in GROUPS and rest[0] not in ROLES:
        children.append(_leaf(state, rest.pop(0)))
    if len(children) < GROUPS[word]:
        raise Refused(f"invalid vdev specification: {word} requires at least {GROUPS[word]} devices\n")
    kind, parity = ("mirror", 0) if word == "mirror" else ("raidz", int(word[5:] or 1))
    return {"kind": kind, "parity": parity, "number": number, "guid": new_guid(), "children": children}


def _leaf(state: State, path: str) -> dict[str, Any]:
    if not path.startswith("/"):
        path = next((p for p in (disks.BY_ID + path, "/dev/" + path) if disks.by_path(state, p)), path)
    disk = disks.by_path(state, path)
    if disk is None and path.startswith("/"):
        raise Refused(f"cannot resolve path '{path}'\n")
    if disk is None:
        raise Refused(f"cannot open '{path}': no such device in /dev\nmust be a full path or shorthand device name\n")
    if disk["broken"]:
        raise Refused(f"cannot open '{path}': Input/output error\n")
    counters = {"read": 0, "write": 0, "checksum": 0}
    return {
        "kind": "disk",
        "disk": disk["name"],
        "path": path,
        "guid": new_guid(),
        "offline": False,
        "fault": "",
    } | counters


def _every(groups: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return disks.leaves({"groups": groups})


def _check_use(state: State, groups: dict[str, list[dict[str, Any]]], *, force: bool) -> None:
    used = [(leaf, *disks.pool_of(state, leaf["disk"])) for leaf in _every(groups)]
    for leaf, _, word in used:
        if word == "active":
            raise Refused(f"{leaf['path']} is in use and contains a unknown filesystem.\n")
        disk = disks.named(state, leaf["disk"])
        if disk.get("mounted"):
            raise Refused(f"{leaf['path']} is in use and contains a {disk['fstype']} filesystem.\n")
    lines = []
    for leaf, pool, word in used:
        fstype = disks.named(state, leaf["disk"])["fstype"]
        if word == "exported":
            lines.append(f"{disks.partition(leaf['path'])} is part of exported pool '{pool}'\n")
        elif fstype:
            lines.append(f"{leaf['path']} contains a filesystem of type '{fstype}'\n")
    if lines and not force:
        raise Refused(OVERRIDE + "".join(lines))


def _check_replication(state: State, groups: dict[str, list[dict[str, Any]]]) -> None:
    """get_replication(): data vdevs must be alike; the wording after its messages."""
    first: dict[str, Any] | None = None
    for vdev in groups["data"]:
        sizes = [phys_space(state, leaf) for leaf in disks.leaves(vdev)]
        if max(sizes) - min(sizes) > 64 * 1024**2:  # ZPOOL_FUZZ is 16 MiB; labels and alignment take the rest
            raise Refused(f"{OVERRIDE}{vdev['kind']} contains devices of different sizes\n")
        if first is not None:
            _check_alike(first, vdev)
        first = first or vdev


def _check_alike(first: dict[str, Any], other: dict[str, Any]) -> None:
    kinds, parities = (first["kind"], other["kind"]), (first.get("parity"), other.get("parity"))
    widths = len(first.get("children", [1])), len(other.get("children", [1]))
    what = ""
    if "raidz" in kinds and "mirror" in kinds:
        redundancy = [v["parity"] or len(v["children"]) - 1 for v in (first, other)]
        if redundancy[0] != redundancy[1]:
            what = f"{kinds[0]} and {kinds[1]} vdevs with different redundancy, {redundancy[0]} vs. {redundancy[1]}"
            what += f" ({widths[1]}-way) are present"
    elif kinds[0] != kinds[1]:
        what = f"both {kinds[0]} and {kinds[1]} vdevs are present"
    elif parities[0] != parities[1]:
        what = f"both {parities[0]} and {parities[1]} device parity {kinds[0]} vdevs are present"
    elif widths[0] != widths[1]:
        what = f"both {widths[0]}-way and {widths[1]}-way {kinds[0]} vdevs are present"
    if what:
        raise Refused(f"{OVERRIDE}mismatched replication level: {what}\n")


def _check_privilege(name: str, groups: dict[str, list[dict[str, Any]]]) -> None:
    if os.environ.get(UNPRIVILEGED):
        path = _every(groups)[0]["path"]
        raise Refused(f"cannot open '{path}': Permission denied\ncannot create '{name}': permission denied\n")


def _check_twice(name: str, groups: dict[str, list[dict[str, Any]]]) -> None:
    names = [leaf["disk"] for leaf in _every(groups)]
    if len(names) != len(set(names)):
        words = (
            "one or more vdevs refer to the same device, or one of\nthe devices is part of an active md or lvm device"
        )
        raise Refused(f"cannot create '{name}': {words}\n")


def _layout(name: str, groups: dict[str, list[dict[str, Any]]]) -> str:
    lines = [f"would create '{name}' with the following layout:\n", f"\t{name}"]
    for role, heading in (("data", ""), ("log", "logs"), ("cache", "cache"), ("spare", "spares")):
        vdevs = groups.get(role, [])
        lines += ["\t" + heading] if heading and vdevs else []
        for vdev in vdevs:
            lines += [f"\t  {kind_word(vdev)}"] if "children" in vdev else []
            depth = "    " if "children" in vdev else "  "
            lines += [f"\t{depth}{leaf['path'].rsplit('/', 1)[-1]}" for leaf in disks.leaves(vdev)]
    return "\n".join(lines) + "\n"


def _pool(
    state: State, name: str, groups: dict[str, list[dict[str, Any]]], properties: dict[str, str], given: Options
) -> dict[str, Any]:
    for leaf in _every(groups):
        disks.named(state, leaf["disk"])["fstype"] = ""  # its label is overwritten
    for former in ("exported", "destroyed"):
        for pool in [pool for pool in state[former] if _overwritten(pool, groups)]:
            state[former].remove(pool)
            contents.forget(state, pool)
    fresh = sum(FRESH_RAIDZ if vdev["kind"] == "raidz" else FRESH for vdev in groups["data"])
    return {
        "name": name,
        "guid": new_guid(),
        "created": int(clock(state)),
        "groups": groups,
        "properties": properties,
        "allocated": fresh,
        "altroot": given.value("R") or "",
        "readonly": False,
        "suspended": False,
        "errors": 0,
        "lost": [],
        "spares_in_use": {},
        "scan": None,
    }


def _overwritten(pool: dict[str, Any], groups: dict[str, list[dict[str, Any]]]) -> bool:
    taken = {leaf["disk"] for leaf in _every(groups)}
    return any(leaf["disk"] in taken for leaf in disks.leaves(pool))


def _root_properties(given: Options) -> dict[str, str]:
    properties = dict(word.split("=", 1) for word in given.values.get("O", []) if "=" in word)
    if given.value("m"):
        properties["mountpoint"] = str(given.value("m"))
    return properties
