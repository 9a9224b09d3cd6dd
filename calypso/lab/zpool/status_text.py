"""`zpool status` as text, after print_status() in zpool_main.c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calypso.lab import activities
from calypso.lab.disks import named
from calypso.lab.health import Health, Node
from calypso.lab.sizes import nice
from calypso.lab.state import State
from calypso.lab.zpool.explanations import SEE, explanation
from calypso.lab.zpool.scan_text import ctime, work_lines

HEADINGS = (
    ("dedup", "dedup\t"),
    ("special", "special\t"),
    ("log", "logs\t"),
    ("cache", "cache"),
    ("spare", "spares"),
)


@dataclass(frozen=True)
class Looks:
    """What was asked for: -p, -P, -v, -g, -s, -t, -i, -e, -D."""

    parsable: bool = False
    paths: bool = False
    verbose: bool = False
    guids: bool = False
    slow: bool = False
    trim: bool = False
    init: bool = False
    unhealthy: bool = False
    dedup: bool = False


def render(state: State, health: Health, looks: Looks) -> str:
    """One pool's block."""
    lines = [f"  pool: {health.pool['name']}\n state: {health.state}\n"]
    why = explanation(health)
    if why:
        lines.append(f"status: {why[0]}action: {why[1]}")
        lines.append(f"   see: {SEE}{why[2]}\n" if why[2] else "")
    lines.append(work_lines(state, health))
    lines.append("config:\n\n")
    lines.append(_Tree(state, health, looks).text())
    lines.append(f"\nerrors: {_errors(health.pool, looks.verbose)}\n")
    lines.append("\n dedup: no DDT entries\n" if looks.dedup else "")
    return "".join(lines)


def _errors(pool: dict[str, Any], verbose: bool) -> str:
    count = pool["errors"]
    if not count:
        return "No known data errors"
    if verbose:
        names = "\n".join(f"        {name}" for name in pool.get("errlist") or ["<metadata>:<0x0>"])
        return f"Permanent errors have been detected in the following files:\n\n{names}"
    return f"{count} data errors, use '-v' for a list"


def label(node: Node, *, paths: bool, guids: bool = False) -> str:
    """The name in the first column: short, the whole path under -P, the GUID under -g."""
    if guids and node.vdev["kind"] != "root":
        return str(node.vdev["guid"])
    return node.path if paths and node.path else node.name


def width_of(health: Health, *, paths: bool, guids: bool = False) -> int:
    """The width of the first column; at least ten."""
    roots = [health.root, *(node for nodes in health.others.values() for node in nodes)]
    depths = [0] + [2] * (len(roots) - 1)
    return max(10, *(_width(node, depth, paths, guids) for node, depth in zip(roots, depths, strict=True)))


def _width(node: Node, depth: int, paths: bool, guids: bool) -> int:
    own = depth + len(label(node, paths=paths, guids=guids))
    return max(own, *(_width(child, depth + 2, paths, guids) for child in node.children), 0)


def healthy(node: Node) -> bool:
    """Whether nothing at or below it is worth a row under -e."""
    counts = (node.vdev.get(kind, 0) for kind in ("read", "write", "checksum", "slow"))
    return node.state in ("ONLINE", "AVAIL") and not any(counts) and all(healthy(child) for child in node.children)


class _Tree:
    def __init__(self, state: State, health: Health, looks: Looks) -> None:
        self.state, self.health, self.looks = state, health, looks
        self.width = width_of(health, paths=looks.paths, guids=looks.guids)

    def text(self) -> str:
        head = f"\t{'NAME':<{self.width}}  {'STATE':<8} {'READ':>5} {'WRITE':>5} {'CKSUM':>5}"
        rows = [head + (f" {'SLOW':>5}" if self.looks.slow else ""), *self.rows(self.health.root, 0)]
        for role, heading in HEADINGS:
            nodes = [node for node in self.health.others.get(role, []) if not node.indirect]
            if nodes:
                rows.append("\t" + heading)
                rows += [row for node in nodes for row in self.rows(node, 2)]
        return "\n".join(rows) + "\n"

    def rows(self, node: Node, depth: int) -> list[str]:
        if node.indirect or (self.looks.unhealthy and depth and healthy(node)):
            return []
        name = label(node, paths=self.looks.paths, guids=self.looks.guids)
        row = f"\t{'':{depth}}{name:<{self.width - depth}}  {node.text_state:<8}"
        if not self.is_spare(node):
            row += "".join(f" {self.count(node.vdev.get(kind, 0)):>5}" for kind in ("read", "write", "checksum"))
            if self.looks.slow:
                row += f" {self.count(node.vdev.get('slow', 0)) if node.leaf else '-':>5}"
        row += "".join(f"  {note}" for note in [*node.notes, *(self.surface(node) if node.leaf else [])])
        return [row, *(line for child in node.children for line in self.rows(child, depth + 2))]

    def is_spare(self, node: Node) -> bool:
        return any(node is spare for spare in self.health.others.get("spare", []))

    def count(self, number: int) -> str:
        return str(number) if self.looks.parsable else nice(number)

    def surface(self, node: Node) -> list[str]:
        """What -i and -t say of a disk; work that goes on is named without them, too."""
        notes = []
        for key, asked, word in (("init", self.looks.init, "initializ"), ("trim", self.looks.trim, "trimm")):
            work = node.vdev.get(key)
            found = activities.word(self.state, work)
            if asked and key == "trim" and named(self.state, node.vdev["disk"])["rotational"]:
                notes.append("(trim unsupported)")
            elif asked:
                notes.append(self.verbose_work(work, found, word))
            elif found == "ACTIVE":
                notes.append(f"({word}ing)")
        return notes

    def verbose_work(self, work: activities.Activity | None, found: str, word: str) -> str:
        if not work or found == "CANCELED":
            return f"(un{word}ed)"
        percent = int(100 * activities.share(self.state, work))
        when = {
            "ACTIVE": f"started at {ctime(work['action'])}",
            "SUSPENDED": f"suspended, started at {ctime(work['action'])}",
            "COMPLETE": f"completed at {ctime(activities.ended(work))}",
        }[found]
        return f"({percent}% {word}ed, {when})"
