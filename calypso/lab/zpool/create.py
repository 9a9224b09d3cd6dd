"""`zpool create` and `zpool add`: the checks in the tools' order (zpool_do_create, zpool_do_add), then the vdevs."""

from __future__ import annotations

import re
import sys
from typing import Any

from calypso.lab import contents, disks
from calypso.lab.features import FEATURES
from calypso.lab.health import group_name, kind_word
from calypso.lab.history import emit
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.sizes import FRESH, FRESH_RAIDZ, MIB, phys_space
from calypso.lab.state import State, change, clock, new_guid
from calypso.lab.zpool import usage
from calypso.lab.zpool.pool_properties import check_property
from calypso.lab.zpool.replication import check_privilege, check_replication, check_twice, check_use
from calypso.lab.zpool.spec import Groups, distributed_spares, every, groups_of

LONGEST_NAME = 239
SMALLEST = 64 * MIB  # SPA_MINDEVSIZE
SECTIONS = (
    ("data", ""),
    ("dedup", "dedup"),
    ("special", "special"),
    ("log", "logs"),
    ("cache", "cache"),
    ("spare", "spares"),
)
ALLOW = ("allow-in-use", "allow-replication-mismatch", "allow-ashift-mismatch")


def create(argv: list[str]) -> int:
    """The subcommand."""
    given = Options(argv, "fndo:O:m:R:", usage.CREATE)
    properties = properties_of(given, usage.CREATE)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.CREATE, 2)
    name, words = given.operands[0], given.operands[1:]
    if not words:
        raise Refused("missing vdev specification\n" + usage.CREATE, 2)
    if "/" in name:
        why = "invalid character '/' in pool name\nuse 'zfs create' to create a dataset\n"
        raise Refused(f"cannot create '{name}': {why}")
    with change() as state:
        groups = groups_of(state, words)
        if not groups.get("data"):
            raise Refused("invalid vdev specification: at least one toplevel vdev must be specified\n")
        check_privilege(f"cannot create '{name}'", groups)
        check_use(state, groups, force=given.has("f"))
        if not given.has("f"):
            check_replication(state, groups)
        if given.has("n"):
            sys.stdout.write(_layout(name, groups))
            return 0
        refused = f"cannot create '{name}'"
        check_twice(refused, groups)
        check_name(name)
        if any(pool["name"] == name for pool in state["pools"]):
            raise Refused(f"{refused}: pool already exists\n")
        _check_size(state, refused, groups)
        settings, key = _root_properties(name, given)
        pool = _pool(state, name, groups, properties, given)
        state["pools"].append(pool)
        contents.begin(state, pool, settings, key)
        _announce(state, pool)
    return 0


def properties_of(given: Options, usage_: str) -> dict[str, str]:
    """The -o property=value pairs, checked."""
    found = {}
    for word in given.values.get("o", []):
        key, equals, value = word.partition("=")
        if not equals:
            raise Refused("missing '=' for property=value argument\n" + usage_, 2)
        check_property(key, value)
        found[key] = value
    return found


def check_name(name: str, refused: str = "cannot create") -> None:
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
    raise Refused(f"{refused} '{name}': {why}\npool name may have been omitted\n")


def _check_size(state: State, refused: str, groups: Groups) -> None:
    if any(phys_space(state, leaf) < SMALLEST for leaf in every(groups)):
        raise Refused(f"{refused}: one or more devices is less than the minimum size (64M)\n")


def _layout(name: str, groups: Groups) -> str:
    lines = [f"would create '{name}' with the following layout:\n", f"\t{name}"]
    for role, heading in SECTIONS:
        vdevs = groups.get(role, [])
        lines += ["\t" + heading] if heading and vdevs else []
        lines += [line for vdev in vdevs for line in _tree(vdev, kind_word)]
    return "\n".join(lines) + "\n"


def _tree(vdev: dict[str, Any], name: Any) -> list[str]:
    lines = [f"\t  {name(vdev)}"] if "children" in vdev else []
    depth = "    " if "children" in vdev else "  "
    return lines + [f"\t{depth}{leaf['path'].rsplit('/', 1)[-1]}" for leaf in disks.leaves(vdev)]


def _pool(state: State, name: str, groups: Groups, properties: dict[str, str], given: Options) -> dict[str, Any]:
    take_over(state, groups)
    off = [
        key.partition("@")[2] for key, value in properties.items() if key.startswith("feature@") and value == "disabled"
    ]
    on = [
        key.partition("@")[2] for key, value in properties.items() if key.startswith("feature@") and value != "disabled"
    ]
    if spares := distributed_spares(groups):
        groups.setdefault("spare", []).extend(spares)
    fresh = sum(FRESH_RAIDZ if vdev["kind"] in ("raidz", "draid") else FRESH for vdev in groups["data"])
    return {
        "name": name,
        "guid": new_guid(),
        "load_guid": new_guid(),
        "created": int(clock(state)),
        "groups": groups,
        "properties": {key: value for key, value in properties.items() if not key.startswith("feature@")},
        "disabled_features": [one for one in FEATURES if one in off or (given.has("d") and one not in on)],
        "allocated": fresh,
        "altroot": given.value("R") or "",
        "readonly": False,
        "suspended": False,
        "errors": 0,
        "lost": [],
        "spares_in_use": {},
        "scan": None,
    }


def take_over(state: State, groups: Groups) -> None:
    """New labels on the disks: what they held is gone, and with it each former pool that can't be brought back."""
    taken = {leaf["disk"] for leaf in every(groups)}
    for name in taken:
        disk = disks.named(state, name)
        disk["fstype"] = ""
        disk.pop("partitions", None)
        disk.pop("blank", None)
        disks.wipe_labels(state, name)
    contents.forget_lost(state)


def _root_properties(name: str, given: Options) -> tuple[dict[str, str], dict[str, Any]]:
    """What -O and -m set on the root dataset, and its key. Raises Refused."""
    words = list(given.values.get("O", []))
    if given.value("m"):
        words.append(f"mountpoint={given.value('m')}")
    if not words:
        return {}, {}
    from calypso.lab.zfs import creating, keys, values  # not for every pool

    properties = creating.valid(values.pairs(words, usage.CREATE), "filesystem", name)
    key = keys.for_new(name, None, properties)
    return {word: value for word, value in properties.items() if word not in keys.PARAMETERS}, key


def _announce(state: State, pool: dict[str, Any]) -> None:
    emit(state, pool, "sysevent.fs.zfs.pool_create")
    sets = [f"{key}={value}" for key, value in pool["properties"].items()]
    sets += [f"feature@{name}=enabled" for name in FEATURES if name not in pool["disabled_features"]]
    for name, text in [("create", "pool version 5000"), *(("set", text) for text in sets)]:
        emit(state, pool, "sysevent.fs.zfs.history_event", history_internal_str=text, history_internal_name=name)
    emit(state, pool, "sysevent.fs.zfs.config_sync")


def add(argv: list[str]) -> int:
    """The subcommand."""
    given = Options(argv, "fno:", usage.ADD, ALLOW)
    properties_of(given, usage.ADD)
    if not given.operands:
        raise Refused("missing pool name argument\n" + usage.ADD, 2)
    if len(given.operands) == 1:
        raise Refused("missing vdev specification\n" + usage.ADD, 2)
    name, words = given.operands[0], given.operands[1:]
    with change() as state:
        pool = pool_named(state, name)
        groups = groups_of(state, words, _next_number(pool))
        check_privilege(f"cannot add to '{name}'", groups)
        check_use(state, groups, force=given.has("f") or given.has("allow-in-use"))
        if not given.has("f") and not given.has("allow-replication-mismatch"):
            check_replication(state, groups, pool)
        if given.has("n"):
            sys.stdout.write(_update(pool, groups))
            return 0
        refused = f"cannot add to '{name}'"
        check_twice(refused, groups)
        _check_pool(pool, refused, groups)
        _check_size(state, refused, groups)
        take_over(state, groups)
        if spares := distributed_spares(groups):
            groups.setdefault("spare", []).extend(spares)
        for role, vdevs in groups.items():
            pool["groups"].setdefault(role, []).extend(vdevs)
        emit(state, pool, "sysevent.fs.zfs.vdev_add")
    return 0


def _check_pool(pool: dict[str, Any], refused: str, groups: Groups) -> None:
    if pool["readonly"]:
        raise Refused(f"{refused}: pool is read-only\n")
    if pool.get("checkpoint") and groups.keys() & {"special", "dedup"}:
        raise Refused(f"{refused}: operation not supported on this type of pool\n")
    gone = pool.get("removal") and not pool["removal"].get("canceled")
    if gone and any(vdev["kind"] in ("raidz", "draid") for vdevs in groups.values() for vdev in vdevs):
        why = "invalid config; a pool with removing/removed vdevs does not support adding raidz or dRAID vdevs"
        raise Refused(f"{refused}: {why}\n")


def _next_number(pool: dict[str, Any]) -> int:
    return sum(len(pool["groups"].get(role, [])) for role in ("data", "dedup", "special", "log"))


def _update(pool: dict[str, Any], groups: Groups) -> str:
    lines = [f"would update '{pool['name']}' to the following configuration:\n", f"\t{pool['name']}"]
    for role, heading in SECTIONS:
        old, new = pool["groups"].get(role, []), groups.get(role, [])
        lines += ["\t" + heading] if heading and (old or new) else []
        lines += [line for vdev in old for line in _tree(vdev, group_name)]
        lines += [line for vdev in new for line in _tree(vdev, kind_word)]
    return "\n".join(lines) + "\n"
