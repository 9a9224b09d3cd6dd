"""`zpool attach`, `detach` and `replace`: the disks of a vdev (zpool_do_attach_or_replace, zpool_vdev_attach)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from calypso.lab import activities, disks, happenings, sizes
from calypso.lab.health import GOOD, check, group_name
from calypso.lab.history import emit
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.scans import running, scrub_seconds
from calypso.lab.settle import settled
from calypso.lab.state import State, change, clock, new_guid, read
from calypso.lab.zpool import usage
from calypso.lab.zpool.create import properties_of, take_over
from calypso.lab.zpool.replication import check_use
from calypso.lab.zpool.spec import blank_leaf
from calypso.lab.zpool.spec import leaf as leaf_at

POLL = 0.2  # seconds
REFUSED = 255  # exit code, as recorded
PAIRS = ("mirror", "replacing", "spare")


@dataclass(frozen=True)
class Place:
    """Where a vdev sits: in which list, at which index; the vdevs above it, the top-level one first."""

    siblings: list[dict[str, Any]]
    index: int
    above: tuple[dict[str, Any], ...]
    role: str

    @property
    def vdev(self) -> dict[str, Any]:
        return self.siblings[self.index]

    @property
    def top(self) -> dict[str, Any]:
        return self.above[0] if self.above else self.vdev

    @property
    def parent(self) -> dict[str, Any] | None:
        return self.above[-1] if self.above else None


def find(pool: dict[str, Any], name: str, roles: tuple[str, ...] = ("data", "special", "dedup", "log")) -> Place | None:
    """A vdev of the pool by its name in `zpool status`, its path or its GUID."""
    for role in roles:
        found = _find(pool["groups"].get(role, []), name, (), role)
        if found:
            return found
    return None


def _find(siblings: list[dict[str, Any]], name: str, above: tuple[dict[str, Any], ...], role: str) -> Place | None:
    for index, vdev in enumerate(siblings):
        if name in _names(vdev):
            return Place(siblings, index, above, role)
        found = _find(vdev.get("children", []), name, (*above, vdev), role)
        if found:
            return found
    return None


def _names(vdev: dict[str, Any]) -> tuple[str, ...]:
    if "disk" not in vdev:
        return (group_name(vdev), vdev["guid"]) if "children" in vdev else ()
    path = vdev["path"]
    return path, path.rsplit("/", 1)[-1], disks.partition(path), vdev["guid"]


def attach(argv: list[str]) -> int:
    """A further side of a mirror, or a further disk of a raidz."""
    given = Options(argv, "fo:sw", usage.ATTACH)
    properties_of(given, usage.ATTACH)
    pool_name, old, new = _operands(given, usage.ATTACH, 3)
    with change() as state:
        pool = pool_named(state, pool_name)
        leaf = _new_leaf(state, pool, new, given)
        refused = f"cannot attach {new} to {old}"
        place = _place(pool, old, refused)
        _check_fit(state, pool, place, leaf, refused, sequential=given.has("s"))
        take_over(state, {"data": [leaf]})
        if place.vdev["kind"] == "raidz":
            _expand(state, pool, place.vdev, leaf, refused)
        else:
            _mirror(state, pool, place, leaf, refused)
    return _wait(pool_name) if given.has("w") else 0


def _operands(given: Options, usage_: str, least: int) -> list[str]:
    names = ("pool name", "<device>", "<new_device>")
    if len(given.operands) < least:
        what = "pool name argument" if not given.operands else f"{names[len(given.operands)]} specification"
        raise Refused(f"missing {what}\n{usage_}", 2)
    if len(given.operands) > 3:
        raise Refused("too many arguments\n" + usage_, 2)
    return given.operands


def _new_leaf(state: State, pool: dict[str, Any], path: str, given: Options) -> dict[str, Any]:
    """The disk that is to come in; a free hot spare of the pool may."""
    leaf = leaf_at(state, path)
    if not any(spare["disk"] == leaf["disk"] for spare in pool["groups"].get("spare", [])):
        check_use(state, {"data": [leaf]}, force=given.has("f"))
    return leaf


def _place(pool: dict[str, Any], name: str, refused: str) -> Place:
    for role, why in (("spare", "device is reserved as a hot spare"), ("cache", "device is in use as a cache device")):
        if find(pool, name, (role,)) and not find(pool, name):
            raise Refused(f"{refused}: {why}\n", REFUSED)
    place = find(pool, name)
    if place is None:
        raise Refused(f"{refused}: no such device in pool\n", REFUSED)
    return place


def _check_fit(
    state: State, pool: dict[str, Any], place: Place, leaf: dict[str, Any], refused: str, *, sequential: bool
) -> None:
    least = sizes.rep_dev_size(state, leaf, place.top)
    if pool["readonly"]:
        raise Refused(f"{refused}: pool is read-only\n", REFUSED)
    if sequential and place.top["kind"] == "raidz":
        raise Refused(f"{refused}: only mirror and dRAID vdevs support sequential reconstruction\n", REFUSED)
    removal = pool.get("removal") or {}
    if removal and not removal.get("settled") and not removal.get("canceled"):
        raise Refused(f"{refused}: {leaf['path']} is busy, or device removal is in progress\n", REFUSED)
    if sizes.phys_space(state, leaf) < least:
        raise Refused(f"{refused}: device is too small\n", REFUSED)


def _mirror(state: State, pool: dict[str, Any], place: Place, leaf: dict[str, Any], refused: str) -> None:
    parent = place.parent
    if "disk" not in place.vdev or (parent and parent["kind"] != "mirror"):
        raise Refused(f"{refused}: can only attach to mirrors and top-level disks\n", REFUSED)
    _keep_size(state, place.top)
    if parent:
        parent["children"].append(leaf)
    else:
        number = _number(pool, place)
        pair = {"kind": "mirror", "parity": 0, "number": number, "guid": new_guid(), "children": [place.vdev, leaf]}
        place.siblings[place.index] = pair | ({"limit": place.vdev["limit"]} if "limit" in place.vdev else {})
    emit(state, pool, "sysevent.fs.zfs.vdev_attach", vdev_guid=leaf["guid"], vdev_path=leaf["path"])
    _resilver(state, pool, leaf)


def _number(pool: dict[str, Any], place: Place) -> int:
    """The place of a top-level vdev among all."""
    before = ("data", "dedup", "special", "log")
    roles = before[: before.index(place.role)]
    return sum(len(pool["groups"].get(role, [])) for role in roles) + place.index


def _keep_size(state: State, top: dict[str, Any]) -> None:
    """A vdev keeps its size until it is told to grow."""
    top.setdefault("limit", sizes.smallest(state, top))


def _resilver(state: State, pool: dict[str, Any], leaf: dict[str, Any]) -> None:
    data = sum(vdev["kind"] != "indirect" for vdev in pool["groups"]["data"])
    share = pool["allocated"] // max(1, data)
    happenings.resilver(state, pool, leaf["disk"], share, scrub_seconds(state, share))


def _expand(state: State, pool: dict[str, Any], vdev: dict[str, Any], leaf: dict[str, Any], refused: str) -> None:
    expansion = pool.get("expansion")
    if expansion and not expansion.get("settled"):
        raise Refused(f"{refused}: raidz expansion in progress\n", REFUSED)
    if "raidz_expansion" in pool.get("disabled_features", []):
        raise Refused(f"{refused}: the loaded zfs module doesn't support raidz expansion\n", REFUSED)
    vdev["children"].append(leaf)
    vdev["expanding"] = 1
    data = sum(one["kind"] != "indirect" for one in pool["groups"]["data"])
    about = {"name": group_name(vdev), "kind": "raidz", "guid": vdev["guid"], "role": "data", "number": vdev["number"]}
    pool["expansion"] = activities.begin(state, pool["allocated"] // max(1, data), **about)
    emit(state, pool, "sysevent.fs.zfs.vdev_attach", vdev_guid=leaf["guid"], vdev_path=leaf["path"])


def replace(argv: list[str]) -> int:
    given = Options(argv, "fo:sw", usage.REPLACE)
    properties_of(given, usage.REPLACE)
    operands = _operands(given, usage.REPLACE, 2)
    pool_name, old = operands[:2]
    with change() as state:
        pool = pool_named(state, pool_name)
        leaf = _same_disk(state, pool, old) if len(operands) == 2 else _new_leaf(state, pool, operands[2], given)
        refused = f"cannot replace {old} with {operands[-1]}"
        place = _place(pool, old, refused)
        if "disk" not in place.vdev:
            raise Refused(f"{refused}: no such device in pool\n", REFUSED)
        if place.parent and place.parent["kind"] == "replacing":
            raise Refused(f"{refused}: cannot replace a replacing device\n", REFUSED)
        _check_fit(state, pool, place, leaf, refused, sequential=given.has("s"))
        _replace(state, pool, place, leaf)
    return _wait(pool_name) if given.has("w") else 0


def _same_disk(state: State, pool: dict[str, Any], name: str) -> dict[str, Any]:
    """A new disk in the old one's bay: refused while the old label is there."""
    place = find(pool, name)
    if place is None or "disk" not in place.vdev:
        raise Refused(f"cannot replace {name} with {name}: no such device in pool\n", REFUSED)
    path = place.vdev["path"]
    fresh = leaf_at(state, path)
    if not place.vdev.get("wiped"):
        head = "invalid vdev specification\nuse '-f' to override the following errors:\n"
        raise Refused(f"{head}{disks.partition(path)} is part of active pool '{pool['name']}'\n")
    return blank_leaf(fresh["disk"], path)


def _replace(state: State, pool: dict[str, Any], place: Place, leaf: dict[str, Any]) -> None:
    old = place.vdev
    spare = any(one["disk"] == leaf["disk"] for one in pool["groups"].get("spare", []))
    _keep_size(state, place.top)
    if spare:
        pool["spares_in_use"][old["disk"]] = leaf["disk"]
    else:
        take_over(state, {"data": [leaf]})
    number = place.index if place.above else _number(pool, place)
    pair = {"kind": "spare" if spare else "replacing", "parity": 0, "number": number, "guid": new_guid()}
    place.siblings[place.index] = pair | {"children": [old, leaf]}
    if not place.above and "limit" in old:
        place.siblings[place.index]["limit"] = old["limit"]
    emit(state, pool, "sysevent.fs.zfs.vdev_attach", vdev_guid=leaf["guid"], vdev_path=leaf["path"])
    _resilver(state, pool, leaf)


def detach(argv: list[str]) -> int:
    given = Options(argv, "", usage.DETACH)
    names = ("pool name argument", "<device> specification")
    if len(given.operands) < 2:
        raise Refused(f"missing {names[len(given.operands)]}\n{usage.DETACH}", 2)
    name = given.operands[1]
    refused = f"cannot detach {name}"
    with change() as state:
        pool = pool_named(state, given.operands[0])
        place = _place(pool, name, refused)
        if "disk" not in place.vdev or place.parent is None or place.parent["kind"] not in PAIRS:
            raise Refused(f"{refused}: only applicable to mirror and replacing vdevs\n", REFUSED)
        gone = place.vdev
        _check_replicas(state, pool, gone, place.parent, refused)
        place.siblings.remove(gone)
        _collapse(pool, place, gone)
        scan = pool["scan"]
        if running(state, pool) == "resilver scanning" and scan["disks"] == [gone["disk"]]:
            scan["canceled_at"] = clock(state)
        emit(state, pool, "sysevent.fs.zfs.vdev_remove", vdev_guid=gone["guid"], vdev_path=gone["path"])
    return 0


def _check_replicas(
    state: State, pool: dict[str, Any], gone: dict[str, Any], parent: dict[str, Any], refused: str
) -> None:
    """At least one of the others must be whole; a resilver's target is not."""
    scan = pool["scan"] if running(state, pool) == "resilver scanning" else None
    part = set(scan["disks"]) if scan else set()
    others = [leaf for child in parent["children"] if child is not gone for leaf in disks.leaves(child)]
    nodes = {id(leaf): happenings.find_leaf(state, pool, leaf["guid"]) for leaf in others}
    whole = [node for node in nodes.values() if node and node.state in GOOD and node.vdev["disk"] not in part]
    if not whole and check(state, pool).root.state in GOOD:
        raise Refused(f"{refused}: no valid replicas\n", REFUSED)


def _collapse(pool: dict[str, Any], place: Place, gone: dict[str, Any]) -> None:
    """A group of one is no group; a spare that stays behind is a spare no more."""
    parent = place.parent
    assert parent is not None
    if len(parent["children"]) > 1:
        return
    (left,) = parent["children"]
    above = place.above[-2]["children"] if len(place.above) > 1 else pool["groups"][place.role]
    above[above.index(parent)] = left | ({"limit": parent["limit"]} if "limit" in parent else {})
    if parent["kind"] == "spare":
        for lost, spare in list(pool["spares_in_use"].items()):
            if gone["disk"] in (lost, spare):
                del pool["spares_in_use"][lost]
                if gone["disk"] == lost:
                    kept = [one for one in pool["groups"]["spare"] if one["disk"] != spare]
                    pool["groups"]["spare"] = kept


def _wait(pool_name: str) -> int:
    while running(state := read(), pool_named(state, pool_name)):
        time.sleep(POLL)
    settled()
    return 0
