"""How a pool is, worked out of the state: every vdev's state as ZFS would name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from calypso.lab.disks import named, partition
from calypso.lab.scans import Progress, progress
from calypso.lab.state import State

Pool = dict[str, Any]
GOOD = ("ONLINE", "DEGRADED")
ROLES = ("dedup", "special", "log", "cache", "spare")  # in the order of `zpool status`
VITAL = ("dedup", "special")  # without them the data can't be read
CLASS_OF = {
    "data": "normal",
    "log": "log",
    "cache": "l2cache",
    "spare": "spare",
    "dedup": "dedup",
    "special": "special",
}
AUX_NOTES = {
    "NO_REPLICAS": "insufficient replicas",
    "ERR_EXCEEDED": "too many errors",
    "EXTERNAL": "external device fault",
    "SPARED": "currently in use",
}


@dataclass
class Node:
    """A row of the tree. state: as JSON names it (CANT_OPEN is UNAVAIL in text). vdev: what the state file holds.

    was: the path under which a disk without a label was known. processed: bytes that the scan wrote to it.
    work: in words, "resilvering" …
    """

    name: str
    path: str
    state: str
    vdev: dict[str, Any]
    aux: str = ""
    was: str = ""
    processed: int = 0
    work: str = ""
    removing: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def leaf(self) -> bool:
        return "disk" in self.vdev

    @property
    def indirect(self) -> bool:
        return bool(self.vdev["kind"] == "indirect")

    @property
    def text_state(self) -> str:
        return "UNAVAIL" if self.state == "CANT_OPEN" else self.state

    @property
    def notes(self) -> list[str]:
        words = [f"was {self.was}"] if self.was else [AUX_NOTES[self.aux]] if self.aux else []
        return words + [f"({word})" for word in (self.work, self.removing) if word]


@dataclass
class Health:
    """A pool with its rows: root (whose children are the data vdevs), and the other roles' vdevs."""

    pool: Pool
    state: str
    root: Node
    others: dict[str, list[Node]]
    scan: Progress | None

    @property
    def tops(self) -> list[Node]:
        """All top-level vdevs that hold data or the intent log."""
        return self.root.children + [node for role in (*VITAL, "log") for node in self.others.get(role, [])]


def check(state: State, pool: Pool) -> Health:
    """The pool's health now."""
    scan = progress(state, pool["scan"]) if pool["scan"] else None
    groups = pool["groups"]
    nodes = {
        role: [_node(state, pool, vdev, scan) for vdev in groups[role]]
        for role in ("data", *ROLES)
        if role != "spare" and groups.get(role)
    }
    data = nodes.pop("data", [])
    vital = [node for role in VITAL for node in nodes.get(role, [])]
    root = Node(
        pool["name"], "", _root_state(data + vital, nodes.get("log", [])), {"kind": "root", "guid": pool["guid"]}
    )
    nodes["spare"] = [_spare(state, pool, vdev) for vdev in groups.get("spare", [])]
    root.children = data
    root.aux = "NO_REPLICAS" if root.state == "CANT_OPEN" else ""
    return Health(pool, "SUSPENDED" if pool["suspended"] else root.text_state, root, nodes, scan)


def usable(state: State, pool: Pool) -> bool:
    """Whether the pool's data can be reached through the disks as they are."""
    return check(state, pool).root.state in GOOD


def _root_state(data: list[Node], logs: list[Node]) -> str:
    if any(node.state not in GOOD for node in data):
        return "CANT_OPEN"
    return "DEGRADED" if any(node.state != "ONLINE" for node in data + logs) else "ONLINE"


def _node(state: State, pool: Pool, vdev: dict[str, Any], scan: Progress | None) -> Node:
    if "disk" in vdev:
        node = _leaf(state, pool, vdev, scan)
    else:
        node = _group(vdev, [_node(state, pool, child, scan) for child in vdev.get("children", [])])
    removal = pool.get("removal") or {}
    if removal.get("guid") == vdev["guid"] and not (removal.get("settled") or removal.get("canceled")):
        node.removing = "removing"
        for child in node.children:
            child.removing = "non-allocating"
    return node


def _group(vdev: dict[str, Any], children: list[Node]) -> Node:
    bad = sum(child.state not in GOOD for child in children)
    bearable = vdev["parity"] if vdev["kind"] in ("raidz", "draid") else max(0, len(children) - 1)
    if bad > bearable:
        word, aux = "CANT_OPEN", "NO_REPLICAS"
    else:
        word, aux = ("DEGRADED" if any(child.state != "ONLINE" for child in children) else "ONLINE"), ""
    return Node(
        group_name(vdev),
        "",
        word,
        vdev,
        aux,
        processed=max([c.processed for c in children], default=0),
        children=children,
    )


def group_name(vdev: dict[str, Any]) -> str:
    """mirror-0, raidz1-0, spare-0, draid2:4d:11c:1s-0 …"""
    return f"{kind_word(vdev)}-{vdev['number']}"


def kind_word(vdev: dict[str, Any]) -> str:
    """mirror, raidz1, spare …"""
    if vdev["kind"] == "draid":
        return f"draid{vdev['parity']}:{vdev['data']}d:{len(vdev['children'])}c:{vdev['spares']}s"
    return f"raidz{vdev['parity']}" if vdev["kind"] == "raidz" else str(vdev["kind"])


def _leaf(state: State, pool: Pool, leaf: dict[str, Any], scan: Progress | None) -> Node:
    word, aux = _leaf_state(named(state, leaf["disk"]), pool, leaf)
    path = leaf["path"]
    node = Node(path.rsplit("/", 1)[-1], partition(path), word, leaf, aux)
    if leaf.get("absent"):
        node.name, node.was = leaf["guid"], node.path
        node.path = ""
    if scan and leaf["disk"] in scan.disks and word == "ONLINE":
        node.processed = scan.processed
        node.work = "resilvering" if scan.state == "resilver scanning" and scan.processed else ""
    elif scan and scan.function == "scrub" and "damage" in leaf and scan.processed:
        node.processed = scan.processed
        node.work = "repairing" if scan.state in ("scrub scanning", "scrub paused") else ""
    return node


def _leaf_state(disk: dict[str, Any], pool: Pool, leaf: dict[str, Any]) -> tuple[str, str]:
    if leaf["disk"] in pool["lost"] or leaf.get("absent"):
        return "CANT_OPEN", ""
    if leaf["offline"]:
        return "OFFLINE", ""
    if leaf["fault"]:
        return "FAULTED", leaf["fault"]
    if not disk["attached"]:
        return "REMOVED", ""
    if disk["broken"]:
        return "FAULTED", "ERR_EXCEEDED"
    return ("DEGRADED", "ERR_EXCEEDED") if leaf.get("degraded") else ("ONLINE", "")


def _spare(state: State, pool: Pool, leaf: dict[str, Any]) -> Node:
    path = leaf["path"]
    node = Node(path.rsplit("/", 1)[-1], partition(path), "AVAIL", leaf)
    disk = named(state, leaf["disk"])
    if leaf["disk"] in pool["spares_in_use"].values():
        node.state, node.aux = "INUSE", "SPARED"
    elif leaf["disk"] in pool["lost"] or not disk["attached"]:
        node.state = "REMOVED"
    elif disk["broken"]:
        node.state, node.aux = "FAULTED", "ERR_EXCEEDED"
    return node


def leaf_nodes(node: Node) -> list[Node]:
    """All disks below a node."""
    return [node] if node.leaf else [leaf for child in node.children for leaf in leaf_nodes(child)]
