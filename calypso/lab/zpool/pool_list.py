"""`zpool list`, after zpool_do_list() and print_list_stats() in zpool_main.c."""

from __future__ import annotations

from typing import Any

from calypso.lab import sizes
from calypso.lab.disks import named
from calypso.lab.health import CLASS_OF, Health, Node
from calypso.lab.json_text import header
from calypso.lab.state import State
from calypso.lab.zpool.pool_properties import source, value
from calypso.lab.zpool.status_json import GROUPS
from calypso.lab.zpool.status_text import HEADINGS, label, width_of

DEFAULT = [
    "name", "size", "allocated", "free", "checkpoint", "expandsize", "fragmentation", "capacity", "dedupratio",
    "health", "altroot",
]  # fmt: skip
COLUMNS = {  # heading and width; a negative width is left-aligned
    "name": ("NAME", -4), "guid": ("GUID", 5), "size": ("SIZE", 5), "allocated": ("ALLOC", 5), "free": ("FREE", 5),
    "freeing": ("FREEING", 7), "checkpoint": ("CKPOINT", 7), "expandsize": ("EXPANDSZ", 8),
    "fragmentation": ("FRAG", 5), "capacity": ("CAP", 5), "dedupratio": ("DEDUP", 5), "health": ("HEALTH", 8),
    "altroot": ("ALTROOT", -7), "ashift": ("ASHIFT", 6), "autoexpand": ("EXPAND", 6), "autoreplace": ("REPLACE", 7),
    "autotrim": ("AUTOTRIM", 8), "readonly": ("RDONLY", 6), "comment": ("COMMENT", -7), "failmode": ("FAILMODE", 8),
    "delegation": ("DELEGATION", 10), "listsnapshots": ("LISTSNAPS", 9), "version": ("VERSION", 7),
    "cachefile": ("CACHEFILE", -9), "multihost": ("MULTIHOST", 9), "leaked": ("LEAKED", 6), "bootfs": ("BOOTFS", -6),
    "load_guid": ("LOAD_GUID", 9), "compatibility": ("COMPATIBILITY", -13), "bcloneused": ("BCLONE_USED", 11),
    "bclonesaved": ("BCLONE_SAVED", 12), "bcloneratio": ("BCLONE_RATIO", 12), "dedup_table_size": ("DDTSIZE", 7),
    "dedup_table_quota": ("DDTQUOTA", 8), "last_scrubbed_txg": ("LAST_SCRUBBED_TXG", 17),
}  # fmt: skip
WIDTHS = (5, 5, 5, 7, 8, 5, 5, 5, 8)  # of the columns of vdevs
NAMES = ("size", "allocated", "free", "checkpoint", "expandsize", "fragmentation", "capacity", "dedupratio", "health")


def heading(column: str) -> str:
    return COLUMNS[column][0] if column in COLUMNS else column.upper()


class Lister:
    """Renders pools. parsable: -p, scripted: -H, paths: -P, guids: -g."""

    def __init__(
        self, state: State, columns: list[str], *, parsable: bool, scripted: bool, paths: bool, guids: bool
    ) -> None:
        self.state, self.columns = state, columns
        self.parsable, self.scripted, self.paths, self.guids = parsable, scripted, paths, guids

    def value(self, health: Health, column: str) -> str:
        return value(self.state, health, column, parsable=self.parsable)

    def label(self, node: Node) -> str:
        return label(node, paths=self.paths, guids=self.guids)

    def percent(self, number: int) -> str:
        return str(number) if self.parsable else f"{number}%"

    def text(self, pools: list[Health], *, verbose: bool) -> str:
        """The table, or lines under -H."""
        width = max([len("NAME"), *(self.width(health, verbose) for health in pools)])
        lines = [] if self.scripted else [self.line(width, [heading(c) for c in self.columns])]
        for health in pools:
            lines.append(self.line(width, [self.value(health, column) for column in self.columns]))
            if verbose:
                lines += self.children(health, width)
        return "".join(line + "\n" for line in lines)

    def width(self, health: Health, verbose: bool) -> int:
        return width_of(health, paths=self.paths, guids=self.guids) if verbose else len(health.pool["name"])

    def line(self, name_width: int, values: list[str]) -> str:
        if self.scripted:
            return "\t".join(values)
        cells = []
        for place, (column, text) in enumerate(zip(self.columns, values, strict=True)):
            width = -name_width if column == "name" else COLUMNS.get(column, ("", len(column)))[1]
            last = place == len(values) - 1
            cells.append(text if width < 0 and last else f"{text:<{-width}}" if width < 0 else f"{text:>{width}}")
        return "  ".join(cells)

    def children(self, health: Health, width: int) -> list[str]:
        rows = [row for node in health.root.children for row in self.vdev(node, "data", 2, width, health)]
        for role, heading in HEADINGS:
            nodes = health.others.get(role, [])
            if nodes:
                # printed so under -H, too
                name = {"spares": "spare"}.get(heading.strip(), heading.strip())
                rows.append("  ".join([f"{name:<{width}}", *(f"{'-':>{w}}" for w in WIDTHS)]))
            rows += [row for node in nodes for row in self.vdev(node, role, 2, width, health)]
        return rows

    def vdev(self, node: Node, role: str, depth: int, width: int, health: Health) -> list[str]:
        cells = self.vdev_cells(node, role, depth == 2, health)
        if self.scripted:
            row = "\t" + "\t".join([self.label(node), *cells])
        else:
            padded = [f"{cell:>{w}}" for cell, w in zip(cells, WIDTHS, strict=True)]
            row = "  ".join([f"{' ' * depth + self.label(node):<{width}}", *padded])
        return [row, *(r for child in node.children for r in self.vdev(child, role, depth + 2, width, health))]

    def vdev_cells(self, node: Node, role: str, first: bool, health: Health) -> list[str]:
        """size, allocated, free, checkpoint, expandsize, fragmentation, capacity, -, health."""
        vdev = node.vdev
        top = first and role != "spare" and not node.indirect
        phys = sizes.phys_space(self.state, vdev) if node.leaf and not node.was else 0
        used, total, _ = sizes.top_space(self.state, vdev, role, health.pool) if top else (0, 0, 0)
        if role == "cache":
            used, total = 4096, phys - sizes.LABELS - sizes.CACHE_HEADER
        figures = [self.size(phys if node.leaf else total) if phys or top else "-"]
        figures += [self.size(used), self.size(total - used)] if top else ["-", "-"]
        more = (
            sizes.asize(self.state, vdev, grown=True) - sizes.asize(self.state, vdev) if top and role != "cache" else 0
        )
        spread = health.pool.get("fragmentation", 0) if role == "data" else 0
        shares = [self.percent(spread), self.share(used, total)] if top else ["-", "-"]
        return [*figures, "-", self.size(more) if more else "-", *shares, "-", node.text_state]

    def size(self, number: int) -> str:
        return str(number) if self.parsable else sizes.nice(number)

    def share(self, used: int, total: int) -> str:
        return (
            str(100 * used // max(1, total)) if self.parsable else f"{10_000 * used // max(1, total) / 100:.2f}%"
        )  # cut off, not rounded

    def json(self, pools: list[Health], *, ints: bool, verbose: bool, by_guid: bool) -> dict[str, Any]:
        """`-j`. by_guid: --json-pool-key-guid."""

        def number(text: str) -> Any:
            return int(text) if ints and text.isdigit() else text

        found = {}
        for health in pools:
            pool = health.pool
            about = {"name": pool["name"], "type": "POOL", "state": health.state, "pool_guid": number(pool["guid"])}
            about |= {"txg": number("4"), "spa_version": number("5000"), "zpl_version": number("5")}
            about["properties"] = {
                column: {"value": number(self.value(health, column)), "source": source_json(pool, column)}
                for column in self.columns
                if column != "name"
            }
            about |= {"vdevs": self.vdevs_json(health, number)} if verbose else {}
            found[pool["guid"] if by_guid else pool["name"]] = about
        return {**header("zpool list"), "pools": found}

    def vdevs_json(self, health: Health, number: Any) -> dict[str, Any]:
        found = {self.label(node): self.vdev_json(node, "data", health, number) for node in health.root.children}
        for role, key in GROUPS:
            nodes = health.others.get(role, [])
            if nodes:
                found[key] = {self.label(node): self.vdev_json(node, role, health, number) for node in nodes}
        return found

    def vdev_json(self, node: Node, role: str, health: Health, number: Any, *, first: bool = True) -> dict[str, Any]:
        found: dict[str, Any] = {"name": self.label(node), "vdev_type": node.vdev["kind"]}
        found["guid"] = number(node.vdev["guid"])
        if node.leaf:
            disk = named(self.state, node.vdev["disk"])
            found |= {"path": node.path or node.was}
            found |= {key: disk[key] for key in ("phys_path", "devid") if disk.get(key)}
        health_word = "ONLINE" if node.state in ("AVAIL", "INUSE") else node.state
        found |= {"class": CLASS_OF[role], "state": health_word}
        cells = zip(NAMES, self.vdev_cells(node, role, first, health), strict=True)
        none = {"type": "NONE", "data": "-"}
        found["properties"] = {name: {"value": number(cell), "source": none} for name, cell in cells}
        below = {self.label(c): self.vdev_json(c, role, health, number, first=False) for c in node.children}
        return found | ({"vdevs": below} if below else {})


def source_json(pool: dict[str, Any], name: str) -> dict[str, str]:
    found = source(pool, name)
    return {"type": "NONE" if found == "-" else found.upper(), "data": "-"}
