"""`zpool import`: what can be imported, and bringing it in (zpool_do_import, show_import, zpool_import_props)."""

from __future__ import annotations

import sys
import time
from typing import Any

from calypso.lab import checkpoints, contents
from calypso.lab.disks import leaves, named
from calypso.lab.health import GOOD, Health, Node, check, leaf_nodes
from calypso.lab.history import emit
from calypso.lab.options import Options, Refused
from calypso.lab.state import State, change, read
from calypso.lab.zpool import usage
from calypso.lab.zpool.create import check_name
from calypso.lab.zpool.explanations import SEE
from calypso.lab.zpool.pool_properties import DEFAULTS, wrong_value
from calypso.lab.zpool.status_text import HEADINGS

CORRUPTED = "One or more devices contains corrupted data."
IMPORTABLE = "The pool can be imported using its name or numeric identifier"
DESPITE = (
    "The pool can be imported despite missing or damaged devices.  The\n"
    "\tfault tolerance of the pool may be compromised if imported."
)
DEVICES = "/dev"


def import_(argv: list[str]) -> int:
    """Without a name: what could be imported."""
    given = Options(argv, "ad:DfmNo:R:s", usage.ZPOOL, ("rewind-to-checkpoint",))
    source = "destroyed" if given.has("D") else "exported"
    if not given.operands and not given.has("a"):
        return _show(given, source)
    properties = _properties(given)
    with change() as state:
        names = [pool["guid"] for pool in _found(state, given, source)] if given.has("a") else given.operands[:1]
        for name in names:
            _import(state, name, given, source, properties)
    return 0


def _properties(given: Options) -> dict[str, str]:
    found = {}
    for word in given.values.get("o", []):
        key, equals, value = word.partition("=")
        if not equals:
            raise Refused("missing '=' for property=value argument\n" + usage.ZPOOL, 2)
        if key in (*DEFAULTS, "readonly", "altroot") and (wrong := wrong_value(key, value)):
            raise Refused(f"cannot import '{(given.operands or [''])[0]}': {wrong}\n")
        found[key] = value
    return found


def _found(state: State, given: Options, source: str) -> list[dict[str, Any]]:
    """The pools whose labels are on disks in the folders of -d (all disks without)."""
    folders = given.values.get("d", [DEVICES])
    return [pool for pool in state[source] if _readable(state, pool) and _below(state, pool, folders)]


def _readable(state: State, pool: dict[str, Any]) -> bool:
    vdevs = {"groups": {role: pool["groups"].get(role, []) for role in ("data", "log", "special", "dedup")}}
    return any(_present(state, leaf) for leaf in leaves(vdevs))


def _present(state: State, leaf: dict[str, Any]) -> bool:
    disk = named(state, leaf["disk"])
    return bool(disk["attached"] and not disk["broken"] and not leaf.get("wiped"))


def _below(state: State, pool: dict[str, Any], folders: list[str]) -> bool:
    ways = [
        [f"/dev/{leaf['disk']}", f"/dev/disk/by-id/{named(state, leaf['disk']).get('id')}"] for leaf in leaves(pool)
    ]
    return any(
        path == folder or path.startswith(folder.rstrip("/") + "/")
        for way in ways
        for path in way
        for folder in folders
    )


def _import(state: State, name: str, given: Options, source: str, properties: dict[str, str]) -> None:
    new = given.operands[1] if len(given.operands) > 1 else None
    pool = next((one for one in _found(state, given, source) if name in (one["name"], one["guid"])), None)
    wished = new or (pool["name"] if pool else name)
    refused = f"cannot import '{pool['name'] if pool else name}'"
    if any(one["name"] == wished for one in state["pools"]):
        hint = "use the form 'zpool import <pool | id> <newpool>' to give it a new name\n"
        raise Refused(f"cannot import '{name}': a pool with that name already exists\n{hint}")
    if pool is None:
        raise Refused(f"cannot import '{name}': no such pool available\n")
    if sum(name == one["name"] for one in _found(state, given, source)) > 1:
        words = f"cannot import '{name}': more than one matching pool\nimport by numeric ID instead\n"
        raise Refused(words)
    if new:
        check_name(new, "cannot import")
    _check_host(pool, refused, forced=given.has("f"))
    _mark_missing(state, pool)
    _check_devices(state, pool, refused, given)
    state[source].remove(pool)
    pool["name"] = wished
    pool.update(
        readonly=properties.pop("readonly", "off") == "on", altroot=given.value("R") or properties.pop("altroot", "")
    )
    pool["properties"] |= properties
    if pool["scan"]:
        pool["scan"]["pass_start"] = pool["scan"]["start"]
    if given.has("rewind-to-checkpoint"):
        _rewind(state, pool, refused)
    state["pools"].append(pool)
    if not given.has("N"):
        contents.mount_all(state, pool)
    emit(state, pool, "sysevent.fs.zfs.pool_import")


def _rewind(state: State, pool: dict[str, Any], refused: str) -> None:
    """What it refuses is in spa.c, spa_ld_checkpoint_rewind; the words are those of libzfs_util.c."""
    checkpoint = pool.get("checkpoint")
    if not checkpoint:
        sys.stdout.write("\tDestroy and re-create the pool from\n\ta backup source.\n\n")
        raise Refused(f"{refused}: checkpoint does not exist\n")
    if checkpoint.get("discard"):
        raise Refused(f"{refused}: currently discarding checkpoint\n")
    checkpoints.rewind(state, pool)


def _check_host(pool: dict[str, Any], refused: str, *, forced: bool) -> None:
    if pool.get("foreign_host") and not forced:
        host = pool["foreign_host"]
        last = f"Last accessed by {host['name']} (hostid={host['id']}) at {time.ctime(host['at'])}"
        why = "pool was previously in use from another system."
        raise Refused(
            f"{refused}: {why}\n{last}\nThe pool can be imported, use 'zpool import -f' to import the pool.\n"
        )
    pool["foreign_host"] = ""


def _mark_missing(state: State, pool: dict[str, Any]) -> None:
    for leaf in leaves(pool):
        if not _present(state, leaf):
            leaf["absent"] = True
        else:
            leaf.pop("absent", None)


def _check_devices(state: State, pool: dict[str, Any], refused: str, given: Options) -> None:
    health = check(state, pool)
    if health.root.state not in GOOD:
        raise Refused(
            f"{refused}: no such pool or dataset\n",
            stdout="\tDestroy and re-create the pool from\n\ta backup source.\n",
        )
    logs = [node for node in health.others.get("log", []) if node.state not in GOOD]
    if logs and not given.has("m"):
        names = [f"\t    {leaf.vdev['path'].rsplit('/', 1)[-1]} [log]\n" for node in logs for leaf in leaf_nodes(node)]
        words = "The devices below are missing or corrupted, use '-m' to import the pool anyway:\n"
        why = "one or more devices is currently unavailable"
        raise Refused(f"{refused}: {why}\n", stdout=words + "".join(names) + "\n")


def _show(given: Options, source: str) -> int:
    state = read()
    blocks = [_block(state, pool, source) for pool in _found(state, given, source)]
    if not blocks:
        sys.stderr.write("no pools available to import\n")
    sys.stdout.write("\n".join(blocks))
    return 0


def _block(state: State, pool: dict[str, Any], source: str) -> str:
    for leaf in leaves(pool):  # of the copy that was read
        leaf["absent"] = not _present(state, leaf)
    health = check(state, pool)
    rows = _rows(health.root, 0)
    for role, heading in HEADINGS:
        nodes = [node for node in health.others.get(role, []) if not node.indirect]
        rows += [(heading, "")] * bool(nodes) + [row for node in nodes for row in _rows(node, 2)]
    width = max(10, *(len(name) for name, _ in rows))
    lines = [f"\t{name:<{width}}  {word}" if word else f"\t{name}" for name, word in rows]
    word = health.state + (" (DESTROYED)" if source == "destroyed" else "")
    head = f"  pool: {pool['name']}\n    id: {pool['guid']}\n state: {word}\n{_advice(health)}config:\n\n"
    return head + "\n".join(lines) + "\n"


def _advice(health: Health) -> str:
    status, action, message = "", f"{IMPORTABLE}.", ""
    bad = [leaf for node in health.tops for leaf in leaf_nodes(node) if leaf.state != "ONLINE"]
    if health.root.state not in GOOD:
        status, message = CORRUPTED, "ZFS-8000-5E"
        action = "The pool cannot be imported due to damaged devices or data."
    elif any(leaf.state == "CANT_OPEN" for leaf in bad):
        status, action, message = CORRUPTED, DESPITE, "ZFS-8000-4J"
    elif health.pool.get("foreign_host"):
        status, message = "The pool was last accessed by another system.", "ZFS-8000-EY"
        action = f"{IMPORTABLE} and\n\tthe '-f' flag."
    lines = [f"status: {status}\n" if status else "", f"action: {action}\n"]
    return "".join(lines) + (f"   see: {SEE}{message}\n" if message else "")


def _rows(node: Node, depth: int) -> list[tuple[str, str]]:
    if node.indirect:
        return []
    word = "" if node.state == "AVAIL" else node.text_state
    note = f"  {node.notes[0]}" if node.aux == "NO_REPLICAS" else ""
    name = node.vdev["path"].rsplit("/", 1)[-1] if node.was or node.leaf else node.name
    return [(" " * depth + name, word + note), *(row for child in node.children for row in _rows(child, depth + 2))]
