"""The vdev words of `zpool create` and `zpool add`: construct_spec() in zpool_vdev.c."""

from __future__ import annotations

import re
from typing import Any

from calypso.lab import disks
from calypso.lab.options import Refused
from calypso.lab.state import State, new_guid

Groups = dict[str, list[dict[str, Any]]]
ROLES = {"log": "log", "special": "special", "dedup": "dedup"}  # what follows has the role until another word
LISTS = ("cache", "spare")  # take single disks only
DRAID = re.compile(r"draid([1-3])?((?::\d+[dcs])*)\Z")
MOST_DRAID_SPARES = 100
WIDEST_DATA = 8  # disks in a draid's redundancy group unless said


def groups_of(state: State, words: list[str], first: int = 0) -> Groups:
    """The wished vdevs by role. first: the number of the first top-level vdev."""
    groups: Groups = {}
    role, rest, number = "data", list(words), first
    while rest:
        word = rest.pop(0)
        if word in LISTS:
            _once(groups, word)
            groups[word] = _children(state, word, rest, 1)
        elif word in ROLES:
            if word == "log":
                _once(groups, word)
            role = word
            groups.setdefault(role, [])
        else:
            vdev = _group(state, word, rest) if least(word) else leaf(state, word)
            if role == "log" and vdev["kind"] not in ("mirror", "disk"):
                raise Refused(f"invalid vdev specification: unsupported 'log' device: {vdev['kind']}\n")
            groups.setdefault(role, []).append(vdev | {"number": number} if "children" in vdev else vdev)
            number += 1
    if any(not vdevs for vdevs in groups.values()):
        raise Refused("invalid vdev specification: at least one toplevel vdev must be specified\n")
    return groups


def _once(groups: Groups, word: str) -> None:
    if word in groups:
        raise Refused(f"invalid vdev specification: '{word}' can be specified only once\n")


def least(word: str) -> int:
    """How many disks a grouping word needs at least; 0 for another word."""
    if word == "mirror":
        return 2
    if word in ("raidz", "raidz1", "raidz2", "raidz3"):
        return int(word[5:] or 1) + 1
    found = DRAID.match(word)
    return int(found[1] or 1) + 1 if found else 0


def _group(state: State, word: str, rest: list[str]) -> dict[str, Any]:
    children = _children(state, word, rest, least(word))
    vdev: dict[str, Any] = {"kind": "mirror", "parity": 0, "guid": new_guid(), "children": children}
    if word.startswith("raidz"):
        vdev |= {"kind": "raidz", "parity": int(word[5:] or 1), "width": len(children)}
    elif word != "mirror":
        vdev |= {"kind": "draid", **_draid(word, len(children))}
    return vdev


def _children(state: State, word: str, rest: list[str], needed: int) -> list[dict[str, Any]]:
    children = []
    while rest and not least(rest[0]) and rest[0] not in (*ROLES, *LISTS):
        children.append(leaf(state, rest.pop(0)))
    if len(children) < needed:
        raise Refused(f"invalid vdev specification: {word} requires at least {needed} devices\n")
    return children


def _draid(word: str, children: int) -> dict[str, int]:
    """draid_config_by_type(): parity, data disks a group, distributed spares."""
    found = DRAID.match(word)
    assert found
    parity = int(found[1] or 1)
    given = {part[-1]: int(part[:-1]) for part in found[2].split(":") if part}
    spares = given.get("s", 0)
    if given.get("c", children) != children:
        wrong = f"invalid number of dRAID children; {given['c']} required but {children} provided\n"
        raise Refused(wrong)
    if "d" not in given and children <= spares + parity:
        wrong = f"request number of distributed spares {spares} and parity level {parity}\n"
        raise Refused(wrong + "leaves no disks available for data\n")
    data = given.get("d", min(children - spares - parity, WIDEST_DATA))
    if not data or data + parity > children - spares:
        wrong = f"requested number of dRAID data disks per group {data} is too high,\n"
        raise Refused(wrong + f"at most {children - spares - parity} disks are available for data\n")
    if spares > MOST_DRAID_SPARES:
        raise Refused(f"invalid number of dRAID spares {spares}; additional disks would be required\n")
    return {"parity": parity, "data": data, "spares": spares}


def distributed_spares(groups: Groups) -> list[dict[str, Any]]:
    """The spares inside of the draid vdevs, as they are listed beside the hot spares."""
    return [
        blank_leaf("", f"draid{vdev['parity']}-{vdev['number']}-{place}") | {"kind": "dspare"}
        for vdev in groups.get("data", [])
        if vdev["kind"] == "draid"
        for place in range(vdev["spares"])
    ]


def leaf(state: State, path: str) -> dict[str, Any]:
    """The disk that a path or a short name means; raises Refused."""
    given = path
    if not path.startswith("/"):
        path = next((p for p in (disks.BY_ID + path, "/dev/" + path) if disks.by_path(state, p)), path)
    disk = disks.by_path(state, path)
    if disk is None and given.startswith("/"):
        raise Refused(f"cannot resolve path '{path}'\n")
    if disk is None:
        raise Refused(f"cannot open '{path}': no such device in /dev\nmust be a full path or shorthand device name\n")
    if disk["broken"]:
        raise Refused(f"cannot open '{path}': Input/output error\n")
    return blank_leaf(disk["name"], path)


def blank_leaf(disk: str, path: str) -> dict[str, Any]:
    counters = {"read": 0, "write": 0, "checksum": 0}
    name = disk or path  # a distributed spare is known by its name alone
    return {"kind": "disk", "disk": name, "path": path, "guid": new_guid(), "offline": False, "fault": ""} | counters


def every(groups: Groups) -> list[dict[str, Any]]:
    """All disks of the wish."""
    return disks.leaves({"groups": groups})
