"""`zfs destroy` of filesystems and volumes with all that depends on them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from calypso.lab.options import Options, Refused
from calypso.lab.state import State, change
from calypso.lab.zfs import mounting, snaps, space, usage
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item

Doomed = Item | Snap


def destroy(argv: list[str]) -> int:
    text = usage.of("destroy")
    given = Options(argv, "dfnpRrv", text)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing dataset argument\n") + text, 2)
    name = given.operands[0]
    if "@" in name:
        from calypso.lab.zfs.destroying_snapshots import destroy_snapshots  # which needs this module

        return destroy_snapshots(name, given)
    with change() as state:
        forest = Forest(state)
        if "#" in name:
            return _bookmark(forest, name, given)
        return _dataset(state, forest.open(name), given)


def _bookmark(forest: Forest, name: str, given: Options) -> int:
    dataset, _, short = name.partition("#")
    item = forest.open(dataset)
    if not any(mark.name == name for mark in snaps.marks(item)):
        raise Refused(f"bookmark '{name}' does not exist.\n")
    if why := denial(item.pool):
        raise Refused(f"cannot destroy bookmark '{name}': {why}\n")
    if not given.has("n"):
        space.next_txg(item.pool)
        forest.state.db.execute("DELETE FROM bookmarks WHERE dataset = ? AND name = ?", (item.id, short))
    return 0


def _dataset(state: State, item: Item, given: Options) -> int:
    deep, clones = given.has("r") or given.has("R"), given.has("R")
    if item.parent is None and not deep:
        more = f"use 'zfs destroy -r {item.name}' to destroy all datasets in the pool\n"
        more += f"use 'zpool destroy {item.name}' to destroy the pool itself\n"
        raise Refused(f"cannot destroy '{item.name}': operation does not apply to pools\n{more}")
    below = list(dependents(item, clones=clones))
    outside = list(_clones_outside(item, below)) if not clones else []
    if below and not deep:
        more = "use '-r' to destroy the following datasets:\n" + "".join(f"{one.name}\n" for one in below)
        raise Refused(f"cannot destroy '{item.name}': {item.type} has children\n{more}")
    if outside:
        more = "use '-R' to destroy the following datasets:\n" + "".join(f"{name}\n" for name in outside)
        raise Refused(f"cannot destroy '{item.name}': {item.type} has dependent clones\n{more}")
    doomed: list[Doomed] = [*below, *([item] if item.parent is not None else [])]
    tell(doomed, given)
    if given.has("n"):
        return 0
    return _remove(state, item, doomed, given)


def dependents(item: Item, *, clones: bool) -> Iterable[Doomed]:
    """What goes before the dataset, in the tool's order: children, clones before their origin, then snapshots."""
    seen: set[str] = set()

    def below(one: Item) -> Iterable[Doomed]:
        for child in one.children:
            yield from whole(child)
        for snap in snaps.of(one):
            for name in snap.clones if clones else []:
                yield from whole(one.tree.by_name[name])
            if snap.name not in seen:
                seen.add(snap.name)
                yield snap

    def whole(one: Item) -> Iterable[Doomed]:
        if one.name not in seen:
            seen.add(one.name)
            yield from below(one)
            yield one

    seen.add(item.name)
    return below(item)


def _clones_outside(item: Item, below: list[Doomed]) -> Iterable[str]:
    mine = {item.name, *(one.name for one in below)}
    for one in below:
        if isinstance(one, Snap):
            yield from (clone for clone in one.clones if clone not in mine)


def tell(doomed: Iterable[Doomed], given: Options) -> None:
    """What -v says."""
    if given.has("v"):
        words = "destroy\t{}\n" if given.has("p") else "would destroy {}\n" if given.has("n") else "will destroy {}\n"
        sys.stdout.write("".join(words.format(one.name) for one in doomed))


def refuse_held(found: Iterable[Snap]) -> None:
    """Raises Refused when a snapshot is held."""
    for snap in found:
        if snap.holds:
            more = f"it's being held. Run 'zfs holds -r {snap.name}' to see holders.\n"
            raise Refused(f"cannot destroy snapshot {snap.name}: {more}")


def _remove(state: State, item: Item, doomed: list[Doomed], given: Options) -> int:
    if why := denial(item.pool):
        raise Refused(f"cannot destroy '{item.name}': {why}\n")
    refuse_held(one for one in doomed if isinstance(one, Snap))
    items = [one for one in doomed if isinstance(one, Item)]
    for one in items:
        if one.type == "volume" and mounting.holders(one):
            raise Refused(f"cannot destroy '{one.name}': dataset is busy\n")
    said = mounting.do_unmount(items, force=given.has("f"))
    if said:
        sys.stderr.write(said)
        return 1
    gone = {one.id for one in items}
    kept = {one.item.id: one.item for one in doomed if isinstance(one, Snap) and one.item.id not in gone}
    state.db.executemany("DELETE FROM snapshots WHERE id = ?", [(one.id,) for one in doomed if isinstance(one, Snap)])
    for one in items:
        drop(state, one)
    for one in kept.values():
        space.settle(state, one)
    space.snapshots_changed(state, kept.values())
    space.next_txg(item.pool)
    return 0


def drop(state: State, item: Item) -> None:
    """A dataset and its snapshots are gone; what it took is free again."""
    space.allocate(state, item.pool, -item.row["owned"] - item.row["snapped"])
    state.db.execute("DELETE FROM datasets WHERE id = ?", (item.id,))
    _release_origin(state, item)


def remove_tree(state: State, name: str) -> None:
    """A clone with all that depends on it. Raises Refused when something is in use."""
    item = Forest(state).find(name)
    if item is None:  # it went with another one
        return
    doomed = [*dependents(item, clones=True), item]
    refuse_held(one for one in doomed if isinstance(one, Snap))
    items = [one for one in doomed if isinstance(one, Item)]
    said = mounting.do_unmount(items)
    if said:
        raise Refused(said)
    for one in items:
        drop(state, one)


def delete(state: State, doomed: list[Snap]) -> None:
    """Snapshots go, and what they alone held is free."""
    state.db.executemany("DELETE FROM snapshots WHERE id = ?", [(snap.id,) for snap in doomed])
    items = {snap.item.id: snap.item for snap in doomed}
    for item in items.values():
        space.settle(state, item)
    space.snapshots_changed(state, items.values())


def release_deferred(state: State, snap: Snap) -> None:
    """A snapshot to be destroyed later goes once nothing needs it."""
    found = snaps.complete(snap)
    if found.row["defer"] and not found.holds and not found.clones:
        delete(state, [found])


def _release_origin(state: State, clone: Item) -> None:
    """A clone's origin that was only waiting for it goes, too."""
    row = state.db.execute("SELECT * FROM snapshots WHERE id = ?", (clone.row["origin"],)).fetchone()
    owner = clone.tree.by_id.get(row["dataset"]) if row is not None else None
    if row is not None and row["defer"] and owner is not None:
        release_deferred(state, Snap(row, Forest(state).open(owner.name)))
