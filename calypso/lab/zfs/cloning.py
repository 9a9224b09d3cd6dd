"""`zfs clone` and `zfs promote`."""

from __future__ import annotations

from calypso.lab.options import Options, Refused
from calypso.lab.state import State, change
from calypso.lab.zfs import creating, keys, mounting, names, snaps, space, usage
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item
from calypso.lab.zfs.values import pairs


def clone(argv: list[str]) -> int:
    text = usage.of("clone")
    given = Options(argv, "o:pu", text)
    wished = pairs(given.values.get("o", []), text)
    if not given.operands:
        raise Refused("missing source dataset argument\n" + text, 2)
    if len(given.operands) != 2:
        why = "missing target dataset" if len(given.operands) < 2 else "too many"
        raise Refused(f"{why} argument{'s' * (why == 'too many')}\n{text}", 2)
    source, target = given.operands
    with change() as state:
        forest = Forest(state)
        snap = snaps.open_(forest, source)
        names.check(target)
        if forest.pool(target) is not None and forest.pool(target) is not snap.item.pool:
            raise Refused(f"cannot create '{target}': source and target pools differ\n")
        above = creating.place(forest, target, "create", parents=given.has("p"))
        if above is None:
            return 0
        if any(word in wished for word in keys.PARAMETERS):
            why = "Encryption properties must inherit from origin dataset."
            raise Refused(f"cannot create '{target}': {why}\n")
        properties = creating.valid(wished, snap.item.type, target)
        creating.with_parents(above, target)
        _add(state, snap, target, properties, mount=not given.has("u"))
    return 0


def _add(state: State, snap: Snap, target: str, properties: dict[str, str], *, mount: bool) -> None:
    origin = snap.item
    if origin.type == "volume":
        kept = ("volsize", "volblocksize")
        properties = {name: origin.local[name] for name in kept if name in origin.local} | properties
    root = origin.encryption_root
    key = {"suite": origin.key["suite"], "root": root.id} if root is not None else {}  # a clone has its origin's key
    made = creating.add(Forest(state), target, origin.type, properties, key=key, mount=False)
    state.db.execute("DELETE FROM blocks WHERE dataset = ?", (made,))
    state.db.execute("UPDATE datasets SET origin = ? WHERE id = ?", (snap.id, made))
    space.share(state.db, origin.id, snap.row["txg"], made)
    item = Forest(state).open(target)
    space.settle(state, item)
    if mount and origin.type == "filesystem":
        mounting.mount_new(state, item.pool, target)


def promote(argv: list[str]) -> int:
    text = usage.of("promote")
    given = Options(argv, "", text)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing clone filesystem argument\n") + text, 2)
    name = given.operands[0]
    with change() as state:
        item = Forest(state).open(name)
        if not item.row["origin"]:
            raise Refused(f"cannot promote '{name}': not a cloned filesystem\n")
        if why := denial(item.pool):
            raise Refused(f"cannot promote '{name}': {why}\n")
        _promote(state, item)
    return 0


def _promote(state: State, item: Item) -> None:
    db = state.db
    origin = db.execute("SELECT * FROM snapshots WHERE id = ?", (item.row["origin"],)).fetchone()
    parent = item.tree.by_id[origin["dataset"]]
    mine = {snap.short for snap in snaps.of(item)}
    for snap in snaps.of(parent):
        if snap.short in mine and snap.row["txg"] <= origin["txg"]:
            why = f"conflicting snapshot '{snap.short}' from parent '{parent.name}'"
            raise Refused(f"cannot promote '{item.name}': {why}\n")
    space.hand_over(db, parent.id, item.id, origin["txg"])
    db.execute("UPDATE datasets SET origin = ? WHERE id = ?", (parent.row["origin"], item.id))
    db.execute("UPDATE datasets SET origin = ? WHERE id = ?", (origin["id"], parent.id))
    space.next_txg(item.pool)
    for one in (parent, item):
        space.settle(state, Forest(state).open(one.name))
    space.snapshots_changed(state, [parent, item])
