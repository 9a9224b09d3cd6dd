"""`zfs set` and `zfs inherit`."""

from __future__ import annotations

import json
import sys

from calypso.lab.options import Options, Refused
from calypso.lab.sizes import nice
from calypso.lab.state import State, change
from calypso.lab.zfs import creating, mounting, quotas, snaps, space, usage
from calypso.lab.zfs.choosing import Chooser
from calypso.lab.zfs.keys import save
from calypso.lab.zfs.properties import PROPERTIES, full_name, of_quota, user_defined
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item
from calypso.lab.zfs.values import Invalid, checked, pairs

TOO_SMALL = "size is less than current used or reserved space"
TOO_BIG = "size is greater than available space"
CLEARED_BY_NONE = ("quota", "reservation", "refquota", "refreservation")


def set_(argv: list[str]) -> int:
    text = usage.of("set")
    given = Options(argv, "u", text)
    if not given.operands:
        raise Refused("missing property=value argument(s)\n" + text, 2)
    words = [word for word in given.operands if "=" in word]
    names = [word for word in given.operands if "=" not in word]
    if not words:
        raise Refused("missing property=value argument(s)\n" + text, 2)
    if not names:
        raise Refused("missing dataset name(s)\n" + text, 2)
    wished = pairs(words, text)
    code = 0
    for name in names:
        with change() as state:
            code = _set(state, name, wished, unmounted=given.has("u")) or code
    return code


def _set(state: State, name: str, wished: dict[str, str], *, unmounted: bool) -> int:
    forest = Forest(state)
    try:
        shown: Item | Snap = snaps.open_(forest, name) if "@" in name else forest.open(name)
    except Refused as refused:
        sys.stderr.write(refused.stderr)
        return 1
    item = shown if isinstance(shown, Item) else shown.item
    try:
        values = checked(wished, shown.type)
        if why := denial(item.pool):
            raise Invalid(why)
        if isinstance(shown, Snap):
            _keep_of_snapshot(state, shown, values)
        else:
            _apply(state, shown, values, unmounted=unmounted)
    except Invalid as invalid:
        sys.stderr.write(f"cannot set property for '{name}': {invalid}\n")
        return 255
    return 0


def _keep_of_snapshot(state: State, snap: Snap, values: dict[str, str]) -> None:
    text = json.dumps(snap.local | values)
    state.db.execute("UPDATE snapshots SET properties = ? WHERE id = ?", (text, snap.id))


def _apply(state: State, item: Item, values: dict[str, str], *, unmounted: bool) -> None:
    for name, value in values.items():
        if of_quota(name):
            quotas.set_(item, name, int(value))
            continue
        if name == "keylocation":
            _key_location(item, value)
            continue
        fitting = _fitting(item, name, value)
        if name == "volsize":
            item.local |= _reserved_anew(item, int(fitting))
        item.local[name] = fitting
    space.next_txg(item.pool)
    state.db.execute("UPDATE datasets SET properties = ? WHERE id = ?", (json.dumps(item.local), item.id))
    if not unmounted and values.keys() & {"mountpoint", "canmount"}:
        remount(state, item)


def _key_location(item: Item, value: str) -> None:
    if not item.key and value != "none":
        raise Invalid("keylocation must be 'none' for unencrypted datasets")
    if item.key and value == "none":
        raise Invalid("keylocation must not be 'none' for encrypted datasets")
    if item.key and "hash" not in item.key:
        raise Invalid("Keylocation may only be set on encryption roots.")
    if item.key:
        item.key["location"] = value
        save(item)


def _fitting(item: Item, name: str, value: str) -> str:
    """The value to keep, when space allows it. Raises Invalid."""
    size = int(value) if value.isdigit() else 0
    if name == "quota" and size and size < max(item.used, item.size("reservation")):
        raise Invalid(TOO_SMALL)
    if name == "refquota" and size and size < max(item.row["referenced"], item.size("refreservation")):
        raise Invalid(TOO_SMALL)
    if name == "reservation" and size - max(item.size(name), item.used) > _room(item):
        raise Invalid(TOO_BIG)
    if name == "refreservation":
        if value == "auto":
            block, copies = int(item.setting("volblocksize")), int(item.setting("copies"))
            size = creating.volume_reservation(item.tree, int(item.setting("volsize")), block, copies)
        if item.type == "volume" and size > _whole(item, int(item.setting("volsize"))):
            raise Invalid(f"'{name}' is greater than current volume size")
        if size - item.size(name) > _room(item):
            raise Invalid(TOO_BIG)
        return str(size)
    if name == "volsize":
        block = int(item.setting("volblocksize"))
        if size % block:
            raise Invalid(f"'volsize' must be a multiple of volume block size ({nice(block)})")
    return value


def _room(item: Item) -> int:
    return item.available - item.held


def _whole(item: Item, size: int) -> int:
    return creating.volume_reservation(item.tree, size, int(item.setting("volblocksize")), int(item.setting("copies")))


def _reserved_anew(item: Item, size: int) -> dict[str, str]:
    """What is reserved for a volume grows and shrinks with it, unless it is sparse."""
    before = int(item.setting("volsize"))
    if item.size("refreservation") not in (before, _whole(item, before)):
        return {}
    wanted = _whole(item, size)
    if wanted - item.size("refreservation") > _room(item):
        raise Invalid("out of space")
    return {"refreservation": str(wanted)}


def remount(state: State, item: Item) -> None:
    """Mounted where the properties now say, or no longer. Raises Invalid when something is busy."""
    whole = [item, *item.all_below()]
    mounted = {one.id for one in whole if one.row["mounted"]}
    for one in whole:
        if one.id in mounted and mounting.holders(one):
            raise Refused(f"cannot unmount '{one.mountpoint}': {mounting.BUSY}\n", 255)
    tree = Forest(state).tree(item.pool)
    for one in whole:
        new = tree.by_id[one.id]
        moved = one.mountpoint != new.mountpoint or one is item
        if one.type == "filesystem" and moved:
            state.db.execute("UPDATE datasets SET mounted = 0 WHERE id = ?", (one.id,))
            if mounting.can_mount(new) and (one.id in mounted or one.mountpoint in ("none", "legacy") or one is item):
                mounting.do_mount(new)


def inherit(argv: list[str]) -> int:
    text = usage.of("inherit")
    given = Options(argv, "rS", text)
    if not given.operands:
        raise Refused("missing property argument\n" + text, 2)
    name = full_name(given.operands.pop(0))
    if not given.operands:
        raise Refused("missing dataset argument\n" + text, 2)
    _check_inheritable(name, given, text)
    code = 0
    with change() as state:
        chosen, missing = Chooser(Forest(state), given, "inherit", "fv").chosen()
        sys.stderr.write(missing)
        for shown in chosen:
            item = shown if isinstance(shown, Item) else shown.item
            if why := denial(item.pool):
                sys.stderr.write(f"cannot inherit {name} for '{shown.name}': {why}\n")
                code = 1
            elif isinstance(shown, Item):
                _inherit(state, shown, name)
            elif isinstance(shown, Snap) and shown.local.pop(name, None) is not None:
                _keep_of_snapshot(state, shown, {})
    return 1 if missing else code


def _check_inheritable(name: str, given: Options, text: str) -> None:
    found = PROPERTIES.get(name)
    if found is None:
        if not user_defined(name):
            raise Refused(f"invalid property '{name}'\n{text}", 2)
        return
    if found.way in "ro":
        raise Refused(f"{name} property is read-only\n")
    if found.way == "d" and not given.has("S"):
        more = f"use 'zfs set {name}=none' to clear\n" if name in CLEARED_BY_NONE else ""
        more += f"use 'zfs inherit -S {name}' to revert to received value\n"
        raise Refused(f"'{name}' property cannot be inherited\n{more}")


def _inherit(state: State, item: Item, name: str) -> None:
    if item.local.pop(name, None) is None:
        return
    space.next_txg(item.pool)
    state.db.execute("UPDATE datasets SET properties = ? WHERE id = ?", (json.dumps(item.local), item.id))
    if name == "mountpoint":
        remount(state, item)
