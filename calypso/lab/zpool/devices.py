"""`zpool online`, `offline`, `clear`, `reopen` and `labelclear`."""

from __future__ import annotations

from typing import Any

from calypso.lab import contents, disks, happenings
from calypso.lab.disks import leaves
from calypso.lab.health import GOOD, Node, check, usable
from calypso.lab.history import emit, statechange
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.state import State, change
from calypso.lab.zpool import usage


def clear(argv: list[str]) -> int:
    given = Options(argv, "nF", usage.ZPOOL, ("power",))
    if not given.operands:
        raise Refused("missing pool name\n" + usage.ZPOOL, 2)
    name, device = given.operands[0], given.operands[1] if len(given.operands) > 1 else None
    with change() as state:
        pool = pool_named(state, name)
        chosen = None if device is None else happenings.find_leaf(state, pool, device)
        if device is not None and chosen is None:
            raise Refused(f"cannot clear errors for {device}: no such device in pool\n")
        if pool["suspended"] and not happenings.bring_back(state, pool):
            raise Refused(f"cannot clear errors for {name}: I/O error\n")
        emit(state, pool, "sysevent.fs.zfs.vdev_clear")
        for leaf in leaves(pool):
            if chosen is None or leaf is chosen.vdev:
                _free_spare(state, pool, leaf)
                leaf.update(read=0, write=0, checksum=0, fault="")
                leaf.pop("degraded", None)
                leaf.pop("slow", None)
        if chosen is None:
            pool.update(errors=0, errlist=[])
    return 0


def _free_spare(state: State, pool: dict[str, Any], leaf: dict[str, Any]) -> None:
    """A disk that was faulted catches up with the spare that stood in for it."""
    if leaf["fault"] and leaf["disk"] in pool["spares_in_use"]:
        happenings.free_spare(pool, leaf["disk"])
        happenings.resilver(state, pool, leaf["disk"], happenings.RESILVERED, 1.0)


def online(argv: list[str]) -> int:
    given = Options(argv, "e", usage.ZPOOL, ("power",))
    with change() as state:
        pool = _pool(state, given)
        for name in given.operands[1:]:
            leaf = _device(state, pool, name, "online").vdev
            if any(leaf is spare for spare in pool["groups"].get("spare", [])):
                raise Refused(f"cannot online {name}: device is reserved as a hot spare\n")
            if given.has("e"):
                _expand(pool, leaf)
            _bring_online(state, pool, leaf)
    return 0


def _expand(pool: dict[str, Any], leaf: dict[str, Any]) -> None:
    for vdevs in pool["groups"].values():
        for vdev in vdevs:
            if any(one is leaf for one in leaves(vdev)):
                vdev.pop("limit", None)


def _bring_online(state: State, pool: dict[str, Any], leaf: dict[str, Any]) -> None:
    disk = disks.named(state, leaf["disk"])
    if leaf.get("absent") and disk["attached"] and not leaf.get("wiped"):
        leaf.pop("absent")
        happenings.resilver(state, pool, leaf["disk"], happenings.RESILVERED, 1.0)
    if leaf["offline"] or leaf["fault"]:
        leaf.update(offline=False, fault="")
        leaf.pop("temporary", None)
        statechange(state, pool, leaf, "ONLINE")
        emit(state, pool, "sysevent.fs.zfs.vdev_online", vdev_guid=leaf["guid"])
        happenings.free_spare(pool, leaf["disk"])
        happenings.resilver(state, pool, leaf["disk"], happenings.RESILVERED, 1.0)


def offline(argv: list[str]) -> int:
    given = Options(argv, "ft", usage.ZPOOL, ("power",))
    with change() as state:
        pool = _pool(state, given)
        for name in given.operands[1:]:
            _offline(state, pool, name, given)
    return 0


def _offline(state: State, pool: dict[str, Any], name: str, given: Options) -> None:
    leaf = _device(state, pool, name, "offline").vdev
    if any(leaf is spare for spare in pool["groups"].get("spare", [])):
        raise Refused(f"cannot offline {name}: device is reserved as a hot spare\n")
    before = dict(leaf)
    if given.has("f"):
        leaf["fault"] = "EXTERNAL"
    else:
        leaf.update(offline=True, temporary=given.has("t"))
    if not usable(state, pool) or _broken_log(state, pool):
        leaf.clear()
        leaf.update(before)
        raise Refused(f"cannot offline {name}: no valid replicas\n")
    statechange(state, pool, leaf, "FAULTED" if given.has("f") else "OFFLINE")


def _broken_log(state: State, pool: dict[str, Any]) -> bool:
    return any(node.state not in GOOD for node in check(state, pool).others.get("log", []))


def _pool(state: State, given: Options) -> dict[str, Any]:
    if not given.operands:
        raise Refused("missing pool name\n" + usage.ZPOOL, 2)
    if len(given.operands) == 1:
        raise Refused("missing device name\n" + usage.ZPOOL, 2)
    return pool_named(state, given.operands[0])


def _device(state: State, pool: dict[str, Any], name: str, word: str) -> Node:
    node = happenings.find_leaf(state, pool, name)
    if node is None:
        raise Refused(f"cannot {word} {name}: no such device in pool\n")
    return node


def reopen(argv: list[str]) -> int:
    """Looks at the disks again: what came back since is brought in."""
    given = Options(argv, "n", usage.ZPOOL)
    with change() as state:
        for name in given.operands or [pool["name"] for pool in state["pools"]]:
            pool = pool_named(state, name)
            for leaf in leaves(pool):
                if leaf.get("absent"):
                    _bring_online(state, pool, leaf)
    return 0


def labelclear(argv: list[str]) -> int:
    given = Options(argv, "f", usage.LABELCLEAR)
    if not given.operands:
        raise Refused("missing vdev name\n" + usage.LABELCLEAR, 2)
    if len(given.operands) > 1:
        raise Refused("too many arguments\n" + usage.LABELCLEAR, 2)
    path = given.operands[0]
    with change() as state:
        disk = (
            disks.by_path(state, path)
            or disks.by_path(state, disks.BY_ID + path)
            or disks.by_path(state, "/dev/" + path)
        )
        if disk is None:
            raise Refused(f"failed to open {path}: No such file or directory\n")
        pool, word = disks.pool_of(state, disk["name"])
        if word == "active":
            raise Refused(f'{path} is a member of active pool "{pool}"\n')
        if word == "exported" and not given.has("f"):
            raise Refused(
                f"use '-f' to override the following error:\n{path} is a member of exported pool \"{pool}\"\n"
            )
        if not word and not any(disks.member(one, disk["name"]) for one in state["destroyed"]):
            raise Refused(f"failed to check state for {path}\n")
        disks.wipe_labels(state, disk["name"])
        contents.forget_lost(state)
    return 0
