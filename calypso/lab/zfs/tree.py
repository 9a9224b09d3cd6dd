"""The filesystems and volumes of a pool with their space and inherited properties, worked out in two passes by name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from calypso.lab import sizes
from calypso.lab.options import Refused
from calypso.lab.state import State
from calypso.lab.zfs.properties import PROPERTIES

Pool = dict[str, Any]
UNLIMITED = 2**63


class Item:
    """A filesystem or volume. relative: its name without the pool's. used, available, below, held: bytes.

    in_force: values by name with the dataset that sets them (None: it is this one's received value).
    """

    __slots__ = (
        "available", "below", "children", "held", "id", "in_force", "key", "local", "name", "parent", "pool",
        "received", "relative", "row", "tree", "type", "used",
    )  # fmt: skip

    def __init__(self, row: sqlite3.Row, pool: Pool, parent: Item | None, tree: Tree) -> None:
        self.row, self.pool, self.parent, self.tree = row, pool, parent, tree
        self.id, self.relative, self.type = int(row["id"]), str(row["name"]), str(row["type"])
        self.name = f"{pool['name']}/{row['name']}" if row["name"] else str(pool["name"])
        self.local: dict[str, str] = _loads(row["properties"])
        self.received: dict[str, str] = _loads(row["received"])
        self.key: dict[str, Any] = _loads(row["key"])
        self.children: list[Item] = []
        self.used = self.available = self.below = self.held = 0
        self.in_force = self._in_force()
        if parent is not None:
            parent.children.append(self)

    def _in_force(self) -> dict[str, tuple[str, Item]]:
        above = self.parent.in_force if self.parent is not None else {}
        if not self.local and not self.received and not (self.parent and self.parent.sets_own):
            return above
        found = {name: pair for name, pair in above.items() if _inherited(name)}
        found |= {name: (value, self) for name, value in self.received.items() if value is not None}
        found |= {name: (value, self) for name, value in self.local.items()}
        return found

    @property
    def sets_own(self) -> bool:
        """Whether it sets something that its children do not inherit."""
        return any(not _inherited(name) for name in (*self.local, *self.received))

    def size(self, name: str) -> int:
        """A quota or reservation in bytes, 0 for none."""
        return int(self.local.get(name) or self.received.get(name) or 0)

    def setting(self, name: str) -> str:
        """A property's value in force, as -p shows it."""
        found = self.in_force.get(name)
        return found[0] if found else PROPERTIES[name].default

    @property
    def encryption_root(self) -> Item | None:
        """The dataset whose key protects this one; None when it is not encrypted."""
        found: Item | None = self if self.key else None
        while found is not None and "hash" not in found.key:
            found = self.tree.by_id.get(found.key["root"]) if "root" in found.key else found.parent
        return found

    @property
    def key_loaded(self) -> bool:
        root = self.encryption_root
        return root is None or bool(root.key["loaded"])

    @property
    def mountpoint(self) -> str:
        value, owner = self.in_force.get("mountpoint", (f"/{self.pool['name']}", self.tree.root))
        if value in ("none", "legacy"):
            return value
        below = self.name[len(owner.name) :]
        return (str(self.pool["altroot"]) + value.rstrip("/") + below) or "/"

    def all_below(self) -> list[Item]:
        """Its children and theirs, by name."""
        found = []
        for child in self.children:
            found += [child, *child.all_below()]
        return found


class Tree:
    """All datasets of one pool by their full names, sorted as strcmp(3) does."""

    def __init__(self, state: State, pool: Pool) -> None:
        self.state, self.pool = state, pool
        self.by_name: dict[str, Item] = {}
        self.by_id: dict[int, Item] = {}
        rows = state.db.execute("SELECT * FROM datasets WHERE pool = ? ORDER BY name", (pool["guid"],))
        found: dict[str, Item] = {}
        for row in rows:
            name = row["name"]
            item = found[name] = Item(row, pool, found[name.rpartition("/")[0]] if name else None, self)
            self.by_name[item.name] = self.by_id[item.id] = item
        self.root = found[""]
        self._use()

    def _use(self) -> None:
        """Bottom up what each uses, then top down what is left for it (dsl_dir_space_available)."""
        items = list(self.by_name.values())
        physical = 0
        for item in reversed(items):
            row = item.row
            physical += row["owned"] + row["snapped"]
            item.held = max(0, item.size("refreservation") - row["fresh"])
            item.used = row["owned"] + row["snapped"] + item.held + item.below
            if item.parent is not None:
                item.parent.below += max(item.used, item.size("reservation"))
        overhead = max(0, sizes.deflated_pool(self.state, self.pool, self.pool["allocated"]) - physical)
        self.root.below += overhead
        self.root.used += overhead
        for item in items:
            self._leave(item)
        for item in items:
            item.available += item.held
            quota = item.size("refquota")
            if quota:
                item.available = min(item.available, max(0, quota - item.row["referenced"]))

    def _leave(self, item: Item) -> None:
        space = item.parent.available if item.parent is not None else UNLIMITED
        limit = item.size("quota") or UNLIMITED
        if item.parent is None:
            limit = min(limit, sizes.usable(self.state, self.pool))
        space += max(0, item.size("reservation") - item.used)
        item.available = 0 if item.used > limit else max(0, min(space, limit - item.used))


class Forest:
    """The pools' trees, each loaded when it is asked for. Raises Refused in the words of zfs_open()."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._pools = {str(pool["name"]): pool for pool in state["pools"]}
        self._trees: dict[str, Tree] = {}

    def pool(self, name: str) -> Pool | None:
        return self._pools.get(name.partition("/")[0])

    def tree(self, pool: Pool) -> Tree:
        if pool["name"] not in self._trees:
            self._trees[pool["name"]] = Tree(self.state, pool)
        return self._trees[pool["name"]]

    def trees(self) -> Iterable[Tree]:
        return [self.tree(pool) for _, pool in sorted(self._pools.items()) if not pool["suspended"]]

    def find(self, name: str) -> Item | None:
        pool = self.pool(name)
        return self.tree(pool).by_name.get(name) if pool is not None else None

    def open(self, name: str) -> Item:
        """The filesystem or volume of that name."""
        pool = self.pool(name)
        if pool is not None and pool["suspended"]:
            raise Refused(f"cannot open '{name}': pool I/O is currently suspended\n")
        item = self.find(name)
        if item is None:
            raise Refused(f"cannot open '{name}': dataset does not exist\n")
        return item


def _loads(text: str) -> dict[str, Any]:
    return json.loads(text) if text and text != "{}" else {}


def _inherited(name: str) -> bool:
    found = PROPERTIES.get(name)
    return found.way == "i" if found else True
