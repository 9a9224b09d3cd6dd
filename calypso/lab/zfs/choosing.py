"""Which datasets, snapshots and bookmarks `zfs list` and `zfs get` mean (zfs_for_each), and in which order."""

from __future__ import annotations

from calypso.lab.options import Options, Refused
from calypso.lab.zfs import snaps, usage
from calypso.lab.zfs.figures import Shown, value
from calypso.lab.zfs.properties import PROPERTIES, full_name, known
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item

TYPES = {
    "filesystem": "f", "fs": "f", "volume": "v", "vol": "v", "snapshot": "s", "snap": "s", "bookmark": "b",
    "all": "fvsb",
}  # fmt: skip
UNLIMITED = 10**6


class Chooser:
    """types: first letters of the wished types; "" for whatever the command shows by itself."""

    def __init__(self, forest: Forest, given: Options, command: str, recursive_types: str) -> None:
        self.forest, self.given, self.command = forest, given, command
        self.types = _types(given, command)
        self.depth = self._depth()
        self.recursive = given.has("r") or given.value("d") is not None or not given.operands
        if given.operands and not self.recursive and self.types in ("s", "b"):
            self.recursive, self.depth = True, 1
        self.recursive_types = self.types or recursive_types

    def _depth(self) -> int:
        text = self.given.value("d")
        if text is None:
            return UNLIMITED
        if not text.lstrip("-").isdigit():
            raise Refused(f"{text} is not an integer\n{usage.of(self.command)}", 2)
        if text.startswith("-"):
            raise Refused(f"Depth can not be negative.\n{usage.of(self.command)}", 2)
        return int(text)

    def chosen(self) -> tuple[list[Shown], str]:
        """What is meant, sorted by name, and what is to be said about names that mean nothing."""
        found: dict[str, Shown] = {}
        missing = ""
        if not self.given.operands:
            for tree in self.forest.trees():
                self._descend(tree.root, found, 0)
        for name in self.given.operands:
            try:
                self._one(name, found)
            except Refused as refused:
                missing += refused.stderr
        return sorted(found.values(), key=by_name), missing

    def _one(self, name: str, found: dict[str, Shown]) -> None:
        shown = self._open(name)
        if isinstance(shown, Item) and self.recursive:
            self._descend(shown, found, 0)
            return
        if self.types and not self.recursive and _letter(shown) not in self.types:
            raise Refused(f"cannot open '{name}': operation not applicable to datasets of this type\n")
        found[shown.name] = shown

    def _open(self, name: str) -> Shown:
        if name.startswith("/"):
            return self._at(name)
        if "@" in name:
            return snaps.open_(self.forest, name)
        if "#" not in name:
            return self.forest.open(name)
        marks = snaps.marks(self.forest.open(name.partition("#")[0]))
        mark = next((mark for mark in marks if mark.name == name), None)
        if mark is None:
            raise Refused(f"cannot open '{name}': bookmark '{name}' does not exist\n")
        return mark

    def _at(self, path: str) -> Item:
        for tree in self.forest.trees():
            for item in tree.by_name.values():
                if item.type == "filesystem" and item.row["mounted"] and item.mountpoint == path:
                    return item
        raise Refused(f"cannot open '{path}': No such file or directory\n")

    def _descend(self, item: Item, found: dict[str, Shown], depth: int, *, snapshots: bool = True) -> None:
        if item.type[0] in self.recursive_types:
            found[item.name] = item
        if depth >= self.depth:
            return
        if "s" in self.recursive_types and snapshots:
            snapshots = item.parent is not None or self.depth != UNLIMITED  # else here are those of all below, too
            found |= {snap.name: snap for snap in (snaps.of(item) if snapshots else snaps.of_tree(item.tree))}
        if "b" in self.recursive_types:
            found |= {mark.name: mark for mark in snaps.marks(item)}
        for child in item.children:
            self._descend(child, found, depth + 1, snapshots=snapshots)


def _letter(shown: Shown) -> str:
    return shown.type[0]


def _types(given: Options, command: str) -> str:
    letters = ""
    for word in (given.value("t") or "").split(",") if given.value("t") else []:
        if word not in TYPES:
            raise Refused(f"invalid type '{word}'\n{usage.of(command)}", 2)
        letters += TYPES[word]
    return letters


def by_name(shown: Shown) -> tuple[str, int, int, str]:
    """zfs_compare(): a dataset, then its snapshots by age."""
    if isinstance(shown, Snap):
        return shown.item.name, 1, shown.row["txg"], shown.name
    return shown.name, 0, 0, ""


def columns(text: str, command: str) -> list[str]:
    """The properties of a list of names; raises Refused for an unknown one."""
    names = [full_name(word) for word in text.split(",")]
    for name in names:
        if not known(name):
            raise Refused(f"bad property list: invalid property '{name}'\n{usage.of(command)}", 2)
    return names


def sort(shown: list[Shown], keys: list[tuple[str, bool]]) -> None:
    """By several properties, the first counts most; what has no value comes last. True: downwards."""
    for name, downwards in reversed(keys):
        found = PROPERTIES.get(name)
        numeric = found is not None and found.kind in ("size", "number", "time")

        def key(item: Shown, name: str = name, numeric: bool = numeric) -> tuple[float, str]:
            text = value(item, name)
            return (float(text) if numeric and text.isdigit() else 0.0), ("" if numeric else text)

        having = [item for item in shown if name == "name" or value(item, name) != "-"]
        without = [item for item in shown if name != "name" and value(item, name) == "-"]
        having.sort(key=by_name if name == "name" else key, reverse=downwards)
        shown[:] = having + without
