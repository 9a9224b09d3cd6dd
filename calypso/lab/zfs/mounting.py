"""`zfs mount` and `zfs unmount`, and what else mounts and unmounts. A mounted dataset has the number of its mount."""

from __future__ import annotations

import sys
from typing import Any

from calypso.lab.contents import MOUNT
from calypso.lab.options import Options, Refused
from calypso.lab.state import State, change, reading
from calypso.lab.zfs import keys, usage
from calypso.lab.zfs.rights import unprivileged
from calypso.lab.zfs.tree import Forest, Item

NOT_APPLICABLE = "operation not applicable to datasets of this type"
BUSY = "pool or dataset is busy"


def mount_new(state: State, pool: dict[str, Any], name: str) -> None:
    """Mount a new or renamed dataset where its properties say so."""
    item = Forest(state).tree(pool).by_name[name]
    if can_mount(item):
        do_mount(item)


def can_mount(item: Item) -> bool:
    """Whether it is mounted without being asked for."""
    wished = item.type == "filesystem" and item.setting("canmount") == "on"
    return wished and item.mountpoint not in ("none", "legacy") and item.key_loaded


def do_mount(item: Item) -> None:
    item.tree.state.db.execute(MOUNT, (item.id,))


def do_unmount(items: list[Item], *, force: bool = False) -> str:
    """Unmount datasets, deepest mount point first, up to the first that is busy; what the tool says about that one."""
    mounted = [item for item in items if item.row["mounted"]]
    for item in sorted(mounted, key=lambda item: item.mountpoint, reverse=True):
        if holders(item) and not force:
            return f"cannot unmount '{item.mountpoint}': {BUSY}\n"
        item.tree.state.db.execute("UPDATE datasets SET mounted = 0 WHERE id = ?", (item.id,))
    return ""


def holders(item: Item) -> bool:
    """Whether something keeps it busy."""
    found = item.tree.state.db.execute("SELECT 1 FROM holders WHERE dataset = ?", (item.id,)).fetchone()
    return found is not None


def mount(argv: list[str]) -> int:
    text = usage.of("mount")
    given = Options(argv, "aflo:OvRj", text)
    if not given.operands and not given.has("a"):
        return _list(given)
    if given.has("a") and given.operands:
        raise Refused("too many arguments\n" + text, 2)
    with change() as state:
        forest = Forest(state)
        if given.has("a"):
            for tree in forest.trees():
                for item in tree.by_name.values():
                    if not item.row["mounted"] and can_mount(_with_key(item, given)):
                        do_mount(item)
            return 0
        item = _filesystem(forest, given.operands[0])
        _check_mount(_with_key(item, given))
        do_mount(item)
    return 0


def _with_key(item: Item, given: Options) -> Item:
    root = item.encryption_root
    if given.has("l") and root is not None and not root.key["loaded"]:
        try:
            keys.load(root)
        except keys.Failed as failed:
            sys.stderr.write(f"Key load error: {failed}\n")
    return item


def _filesystem(forest: Forest, name: str) -> Item:
    item = forest.open(name)
    if item.type != "filesystem":
        raise Refused(f"cannot open '{name}': {NOT_APPLICABLE}\n")
    return item


def _check_mount(item: Item) -> None:
    where, more = item.mountpoint, ""
    if unprivileged():
        why = "Insufficient privileges"
    elif where == "legacy":
        why, more = "legacy mountpoint", "use mount(8) to mount this filesystem\n"
    elif where == "none":
        why = "no mountpoint set"
    elif item.setting("canmount") == "off":
        why = "'canmount' property is set to 'off'"
    elif item.row["mounted"]:
        why = "filesystem already mounted"
    elif not item.key_loaded:
        why = "encryption key not loaded"
    else:
        return
    raise Refused(f"cannot mount '{item.name}': {why}\n{more}")


def _list(given: Options) -> int:
    with reading() as state:
        found = [item for tree in Forest(state).trees() for item in tree.by_name.values() if item.row["mounted"]]
        found.sort(key=lambda item: (item.row["mounted"], item.id))
        for item in found:
            sys.stdout.write(f"{item.name:<30}  {item.mountpoint}\n")
    return 0


def unmount(argv: list[str]) -> int:
    text = usage.of("unmount")
    given = Options(argv, "afu", text)
    if given.has("a") == bool(given.operands):
        raise Refused(("too many arguments\n" if given.operands else "missing filesystem argument\n") + text, 2)
    with change() as state:
        forest = Forest(state)
        if given.has("a"):
            items = [item for tree in forest.trees() for item in tree.by_name.values()]
        else:
            item = _to_unmount(forest, given.operands[0])
            items = [item, *item.all_below()]
        said = do_unmount(items, force=given.has("f"))
        if given.has("u") and not said:
            for root in {item.encryption_root for item in items if item.key}:
                if root is not None and root.key["loaded"]:
                    root.key["loaded"] = False
                    keys.save(root)
    sys.stderr.write(said)
    return 1 if said else 0


def _to_unmount(forest: Forest, name: str) -> Item:
    if name.startswith("/"):
        for tree in forest.trees():
            for item in tree.by_name.values():
                if item.type == "filesystem" and item.row["mounted"] and item.mountpoint == name:
                    return item
        raise Refused(f"cannot unmount '{name}': not a mountpoint\n")
    item = _filesystem(forest, name)
    if unprivileged():
        raise Refused(f"cannot unmount '{item.mountpoint}': permission denied\n")
    if item.mountpoint == "legacy":
        raise Refused(f"cannot unmount '{name}': legacy mountpoint\nuse umount(8) to unmount this filesystem\n")
    if not item.row["mounted"]:
        raise Refused(f"cannot unmount '{name}': not currently mounted\n")
    return item
