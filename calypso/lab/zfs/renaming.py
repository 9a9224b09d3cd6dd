"""`zfs rename` of datasets and of snapshots."""

from __future__ import annotations

from calypso.lab.options import Options, Refused
from calypso.lab.state import State, change
from calypso.lab.zfs import creating, mounting, names, snaps, space, usage
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.tree import Forest, Item


def rename(argv: list[str]) -> int:
    text = usage.of("rename")
    given = Options(argv, "fpru", text)
    if not given.operands:
        raise Refused("missing source dataset argument\n" + text, 2)
    if len(given.operands) != 2:
        why = "missing target dataset" if len(given.operands) < 2 else "too many"
        raise Refused(f"{why} argument{'s' * (why == 'too many')}\n{text}", 2)
    source, target = given.operands
    if given.has("r") and "@" not in source:
        raise Refused("source dataset for recursive rename must be a snapshot\n" + text, 2)
    with change() as state:
        forest = Forest(state)
        if "@" in source:
            _snapshot(state, forest, source, target, recursive=given.has("r"))
        else:
            _dataset(state, forest, forest.open(source), target, given)
    return 0


def _dataset(state: State, forest: Forest, item: Item, target: str, given: Options) -> None:
    names.check(target, what="rename to")
    if target.partition("/")[0] != item.pool["name"]:
        raise Refused(f"cannot rename to '{target}': datasets must be within same pool\n")
    above = names.parent(target)
    if item.name == target:
        return
    if forest.find(above) is None and not given.has("p"):
        raise Refused(f"cannot create '{target}': parent does not exist\n")
    why = ""
    if forest.find(target) is not None:
        why = "dataset already exists"
    elif target.startswith(item.name + "/"):
        why = "New dataset name cannot be a descendant of current dataset name"
    elif item.parent is None:
        why = "operation does not apply to pools"
    else:
        why = denial(item.pool)
    if why:
        raise Refused(f"cannot rename '{item.name}': {why}\n")
    found = creating.place(forest, target, "create", parents=given.has("p"))
    assert found is not None
    _check_key(item, found)
    _move(state, item, target, found, remount=not given.has("u"), force=given.has("f"))


def _check_key(item: Item, above: Item) -> None:
    root = item.encryption_root
    if root is not None and root is not item and "root" not in item.key and above.encryption_root is not root:
        why = "cannot move encrypted child outside of its encryption root"
        raise Refused(f"cannot rename '{item.name}': {why}\n")


def _move(state: State, item: Item, target: str, above: Item, *, remount: bool, force: bool) -> None:
    whole = [item, *item.all_below()]
    mounted = [one.id for one in whole if one.row["mounted"]]
    said = mounting.do_unmount(whole, force=force) if remount else ""
    if said:
        raise Refused(said)
    creating.with_parents(above, target)
    old, new = item.relative, target.partition("/")[2]
    state.db.execute(
        "UPDATE datasets SET name = ? || substr(name, ?) WHERE pool = ? AND (name = ? OR (name >= ? AND name < ?))",
        (new, len(old) + 1, item.pool["guid"], old, old + "/", old + "0"),
    )
    space.next_txg(item.pool)
    tree = Forest(state).tree(item.pool)
    for one in tree.by_name.values():
        if remount and one.id in mounted and mounting.can_mount(one):
            mounting.do_mount(one)


def _snapshot(state: State, forest: Forest, source: str, target: str, *, recursive: bool) -> None:
    snap = snaps.open_(forest, source)
    dataset, _, old = source.partition("@")
    target = dataset + target if target.startswith("@") else target if "@" in target else f"{dataset}@{target}"
    if target.partition("@")[0] != dataset:
        raise Refused(f"cannot rename to '{target}': snapshots must be part of same dataset\n")
    names.check(target, what="rename to", kind="snapshot")
    new, why = target.partition("@")[2], ""
    items = [snap.item, *(snap.item.all_below() if recursive else [])]
    for item in items:
        if snaps.find(item, new) is not None and new != old:
            why = "dataset already exists"
    why = denial(snap.item.pool) or why
    if why:
        raise Refused(f"cannot rename '{source}': {why}\n")
    state.db.executemany(
        "UPDATE snapshots SET name = ? WHERE dataset = ? AND name = ?", [(new, item.id, old) for item in items]
    )
    space.next_txg(snap.item.pool)
    space.snapshots_changed(state, items)
