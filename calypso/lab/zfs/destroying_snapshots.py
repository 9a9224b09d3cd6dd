"""`zfs destroy dataset@a,b%c`: many snapshots at once, all or none."""

from __future__ import annotations

import sys

from calypso.lab.options import Options, Refused
from calypso.lab.sizes import nice
from calypso.lab.state import State, change
from calypso.lab.zfs import snaps, space
from calypso.lab.zfs.destroying import delete, refuse_held, remove_tree, tell
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item

NOTHING = "could not find any snapshots to destroy; check snapshot names.\n"


def destroy_snapshots(name: str, given: Options) -> int:
    """name: ``dataset@spec``, spec as in zfs-destroy(8)."""
    dataset, _, spec = name.partition("@")
    with change() as state:
        item = Forest(state).open(dataset)
        items = [item, *(item.all_below() if given.has("r") or given.has("R") else [])]
        found = {one.id: _chosen(one, spec) for one in items}
        doomed = [snap for one in items for snap in found[one.id]]
        if not doomed:
            raise Refused(NOTHING)
        tell(doomed, given)
        if not given.has("d") and not given.has("R"):
            _refuse_clones(doomed)
        if given.has("v"):
            _tell_reclaimed(items, found, given)
        if given.has("n"):
            return 0
        if why := denial(item.pool):
            raise Refused(f"cannot destroy snapshot {doomed[0].name}: {why}\n")
        _remove(state, items, doomed, given)
    return 0


def _chosen(item: Item, spec: str) -> list[Snap]:
    """The snapshots that a list of names and ranges means, oldest first."""
    there = snaps.of(item)
    places = {snap.short: place for place, snap in enumerate(there)}
    chosen: set[int] = set()
    for part in spec.split(","):
        first, percent, last = part.partition("%")
        start, end = places.get(first, None if first else 0), places.get(last or first)
        if percent and not last:
            end = len(there) - 1
        if start is not None and end is not None:
            chosen.update(range(start, end + 1))
    return [there[place] for place in sorted(chosen)]


def _refuse_clones(doomed: list[Snap]) -> None:
    for snap in doomed:
        if snap.clones:
            more = "use '-R' to destroy the following datasets:\n" + "".join(f"{name}\n" for name in snap.clones)
            raise Refused(f"cannot destroy '{snap.name}': snapshot has dependent clones\n{more}")


def _tell_reclaimed(items: list[Item], found: dict[int, list[Snap]], given: Options) -> None:
    size = sum(space.reclaimable(item, {snap.id for snap in found[item.id]}) for item in items if found[item.id])
    if given.has("p"):
        sys.stdout.write(f"reclaim\t{size}\n")
    else:
        sys.stdout.write(f"{'would' if given.has('n') else 'will'} reclaim {nice(size, 'B')}\n")


def _remove(state: State, items: list[Item], doomed: list[Snap], given: Options) -> None:
    later = [snap for snap in doomed if given.has("d") and (snap.holds or (snap.clones and not given.has("R")))]
    state.db.executemany("UPDATE snapshots SET defer = 1 WHERE id = ?", [(snap.id,) for snap in later])
    now = [snap for snap in doomed if snap not in later]
    refuse_held(now)
    for name in [name for snap in now for name in snap.clones]:
        remove_tree(state, name)
    space.next_txg(items[0].pool)
    delete(state, now)
