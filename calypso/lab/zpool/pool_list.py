"""`zpool list`, after zpool_do_list() and print_list_stats() in zpool_main.c."""

from __future__ import annotations

from typing import Any

from calypso.lab import sizes
from calypso.lab.health import Health, Node
from calypso.lab.state import State
from calypso.lab.zpool.status_json import header
from calypso.lab.zpool.status_text import HEADINGS, label

DEFAULT = [
    "name", "size", "allocated", "free", "checkpoint", "expandsize", "fragmentation", "capacity", "dedupratio",
    "health", "altroot",
]  # fmt: skip
ALIASES = {"alloc": "allocated", "frag": "fragmentation", "cap": "capacity", "dedup": "dedupratio"}
COLUMNS = {  # heading and width; a negative width is left-aligned
    "name": ("NAME", -4), "guid": ("GUID", 5), "size": ("SIZE", 5), "allocated": ("ALLOC", 5), "free": ("FREE", 5),
    "freeing": ("FREEING", 7), "checkpoint": ("CKPOINT", 7), "expandsize": ("EXPANDSZ", 8),
    "fragmentation": ("FRAG", 5), "capacity": ("CAP", 5), "dedupratio": ("DEDUP", 5), "health": ("HEALTH", 8),
    "altroot": ("ALTROOT", -7), "ashift": ("ASHIFT", 6), "autoexpand": ("EXPAND", 6), "autoreplace": ("REPLACE", 7),
    "autotrim": ("AUTOTRIM", 8), "readonly": ("RDONLY", 6), "comment": ("COMMENT", -7), "failmode": ("FAILMODE", 8),
    "delegation": ("DELEGATION", 10), "listsnapshots": ("LISTSNAPS", 9), "version": ("VERSION", 7),
    "cachefile": ("CACHEFILE", -9), "multihost": ("MULTIHOST", 9), "leaked": ("LEAKED", 6), "bootfs": ("BOOTFS", -6),
}  # fmt: skip
SETTABLE = {
    "ashift": "0", "autoexpand": "off", "autoreplace": "off", "autotrim": "off", "comment": "-", "failmode": "wait",
    "delegation": "on", "listsnapshots": "off", "cachefile": "-", "multihost": "off", "bootfs": "-", "version": "-",
}  # fmt: skip


class Lister:
    """Renders pools. parsable: -p, scripted: -H, paths: -P."""

    def __init__(self, state: State, columns: list[str], *, parsable: bool, scripted: bool, paths: bool) -> None:
        self.state, self.columns = state, columns
        self.parsable, self.scripted, self.paths = parsable, scripted, paths

    def value(self, health: Health, column: str) -> str:
        """A pool's property as text."""
        pool = health.pool
        size, allocated = sizes.pool_size(self.state, pool), pool["allocated"]
        numbers = {"size": size, "allocated": allocated, "free": size - allocated, "freeing": 0, "leaked": 0}
        if column in numbers:
            return str(numbers[column]) if self.parsable else sizes.nice(numbers[column])
        percents = {"fragmentation": pool.get("fragmentation", 0), "capacity": 100 * allocated // size}
        if column in percents:
            return self.percent(percents[column])
        words = {
            "name": pool["name"],
            "guid": pool["guid"],
            "health": health.state,
            "altroot": pool["altroot"] or "-",
            "readonly": "on" if pool["readonly"] else "off",
            "dedupratio": "1.00" if self.parsable else "1.00x",
            "checkpoint": "-",
            "expandsize": "-",
        }
        return str(words.get(column) or pool["properties"].get(column, SETTABLE.get(column, "-")))

    def percent(self, number: int) -> str:
        return str(number) if self.parsable else f"{number}%"

    def text(self, pools: list[Health], *, verbose: bool) -> str:
        """The table, or lines under -H."""
        width = max([len("NAME"), *(self.width(health, verbose) for health in pools)])
        lines = [] if self.scripted else [self.line(width, [COLUMNS[c][0] for c in self.columns])]
        for health in pools:
            lines.append(self.line(width, [self.value(health, column) for column in self.columns]))
            if verbose:
                lines += self.children(health, width)
        return "".join(line + "\n" for line in lines)

    def width(self, health: Health, verbose: bool) -> int:
        from calypso.lab.zpool.status_text import width_of

        return width_of(health, paths=self.paths) if verbose else len(health.pool["name"])

    def line(self, name_width: int, values: list[str]) -> str:
        if self.scripted:
            return "\t".join(values)
        cells = []
        for place, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            width = -name_width if column == "name" else COLUMNS[column][1]
            last = place == len(values) - 1
            cells.append(value if width < 0 and last else f"{value:<{-width}}" if width < 0 else f"{value:>{width}}")
        return "  ".join(cells)

    def children(self, health: Health, width: int) -> list[str]:
        rows = [row for node in health.root.children for row in self.vdev(node, "data", 2, width, health)]
        for role, heading in HEADINGS:
            nodes = health.others.get(role, [])
            if nodes:
                # printed so under -H, too
                name = {"spares": "spare"}.get(heading.strip(), heading.strip())
                dashes = [f"{'-':>{abs(w)}}" for w in (5, 5, 5, 7, 8, 5, 5, 5, 8)]
                rows.append("  ".join([f"{name:<{width}}", *dashes]))
            rows += [row for node in nodes for row in self.vdev(node, role, 2, width, health)]
        return rows

    def vdev(self, node: Node, role: str, depth: int, width: int, health: Health) -> list[str]:
        cells = self.vdev_cells(node, role, depth, health)
        if self.scripted:
            row = "\t" + "\t".join([label(node, paths=self.paths), *cells])
        else:
            widths = (5, 5, 5, 7, 8, 5, 5, 5, 8)
            padded = [f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True)]
            row = "  ".join([f"{' ' * depth + label(node, paths=self.paths):<{width}}", *padded])
        return [row, *(r for child in node.children for r in self.vdev(child, role, depth + 2, width, health))]

    def vdev_cells(self, node: Node, role: str, depth: int, health: Health) -> list[str]:
        """size, allocated, free, -, -, fragmentation, capacity, -, health."""
        leaf, top = "disk" in node.vdev, depth == 2 and role != "spare"
        phys = sizes.phys_space(self.state, node.vdev) if leaf else 0
        total = (
            phys - sizes.LABELS - sizes.CACHE_HEADER
            if role == "cache"
            else sizes.asize(self.state, node.vdev)
            if top
            else 0
        )
        used = {"data": health.pool["allocated"] // len(health.pool["groups"]["data"]), "cache": 4096}.get(role, 0)
        figures = [self.size(phys if leaf else total) if leaf or top else "-"]
        figures += [self.size(used), self.size(total - used)] if top else ["-", "-"]
        spread = health.pool.get("fragmentation", 0) if role == "data" else 0
        shares = [self.percent(spread), self.share(used, total)] if top else ["-", "-"]
        return [*figures, "-", "-", *shares, "-", node.text_state]

    def size(self, number: int) -> str:
        return str(number) if self.parsable else sizes.nice(number)

    def share(self, used: int, total: int) -> str:
        return (
            str(100 * used // total) if self.parsable else f"{10_000 * used // total / 100:.2f}%"
        )  # cut off, not rounded

    def json(self, pools: list[Health], *, ints: bool) -> dict[str, Any]:
        """`-j`."""

        def number(text: str) -> Any:
            return int(text) if ints and text.isdigit() else text

        found = {}
        for health in pools:
            pool = health.pool
            found[pool["name"]] = {
                "name": pool["name"],
                "type": "POOL",
                "state": health.state,
                "pool_guid": number(pool["guid"]),
                "txg": number("4"),
                "spa_version": number("5000"),
                "zpl_version": number("5"),
                "properties": {
                    column: {"value": number(self.value(health, column)), "source": self.source(health, column)}
                    for column in self.columns
                    if column != "name"
                },
            }
        return {**header("zpool list"), "pools": found}

    def source(self, health: Health, column: str) -> dict[str, str]:
        if column in health.pool["properties"] or (column == "altroot" and health.pool["altroot"]):
            return {"type": "LOCAL", "data": "-"}
        return {"type": "DEFAULT" if column in (*SETTABLE, "altroot") else "NONE", "data": "-"}
