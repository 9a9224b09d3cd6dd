"""How a pool is, worked out of the state: every vdev's state as ZFS would name it, and the tool's explanation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from calypso.lab.disks import named, partition
from calypso.lab.scans import Progress, progress
from calypso.lab.state import State

Pool = dict[str, Any]
GOOD = ("ONLINE", "DEGRADED")
SEE = "https://openzfs.github.io/openzfs-docs/msg/"
AUX_NOTES = {
    "NO_REPLICAS": "insufficient replicas",
    "ERR_EXCEEDED": "too many errors",
    "EXTERNAL": "external device fault",
    "SPARED": "currently in use",
}


@dataclass
class Node:
    """A row of the tree. state: as JSON names it (CANT_OPEN is UNAVAIL in text). vdev: what the state file holds."""

    name: str
    path: str
    state: str
    vdev: dict[str, Any]
    aux: str = ""
    resilvering: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def text_state(self) -> str:
        return "UNAVAIL" if self.state == "CANT_OPEN" else self.state

    @property
    def notes(self) -> list[str]:
        return ([AUX_NOTES[self.aux]] if self.aux else []) + (["(resilvering)"] if self.resilvering else [])


@dataclass
class Health:
    """A pool with its rows: root (whose children are the data vdevs), and the other roles' vdevs."""

    pool: Pool
    state: str
    root: Node
    others: dict[str, list[Node]]
    scan: Progress | None


def check(state: State, pool: Pool) -> Health:
    """The pool's health now."""
    scan = progress(state, pool["scan"]) if pool["scan"] else None
    busy = scan.disk if scan and scan.state == "resilver scanning" and scan.processed else ""
    nodes = {
        role: [_node(state, pool, vdev, busy) for vdev in vdevs]
        for role, vdevs in pool["groups"].items()
        if role != "spare"
    }
    nodes["spare"] = [_spare(pool, vdev) for vdev in pool["groups"].get("spare", [])]
    data = nodes.pop("data")
    root = Node(pool["name"], "", _root_state(data, nodes.get("log", [])), {"kind": "root", "guid": pool["guid"]})
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


def _node(state: State, pool: Pool, vdev: dict[str, Any], busy: str) -> Node:
    if "disk" in vdev:
        return _leaf(state, pool, vdev, busy)
    children = [_node(state, pool, child, busy) for child in vdev["children"]]
    bad = sum(child.state not in GOOD for child in children)
    bearable = vdev["parity"] if vdev["kind"] == "raidz" else len(children) - 1
    if bad > bearable:
        word, aux = "CANT_OPEN", "NO_REPLICAS"
    else:
        word, aux = ("DEGRADED" if any(child.state != "ONLINE" for child in children) else "ONLINE"), ""
    return Node(group_name(vdev), "", word, vdev, aux, children=children)


def group_name(vdev: dict[str, Any]) -> str:
    """mirror-0, raidz1-0, spare-0 …"""
    return f"{kind_word(vdev)}-{vdev['number']}"


def kind_word(vdev: dict[str, Any]) -> str:
    """mirror, raidz1, spare …"""
    return f"raidz{vdev['parity']}" if vdev["kind"] == "raidz" else str(vdev["kind"])


def _leaf(state: State, pool: Pool, leaf: dict[str, Any], busy: str) -> Node:
    word, aux = _leaf_state(named(state, leaf["disk"]), pool, leaf)
    path = leaf["path"]
    resilvering = leaf["disk"] == busy and word == "ONLINE"
    return Node(path.rsplit("/", 1)[-1], partition(path), word, leaf, aux, resilvering)


def _leaf_state(disk: dict[str, Any], pool: Pool, leaf: dict[str, Any]) -> tuple[str, str]:
    if leaf["disk"] in pool["lost"]:
        return "CANT_OPEN", ""
    if leaf["offline"]:
        return "OFFLINE", ""
    if leaf["fault"]:
        return "FAULTED", leaf["fault"]
    if not disk["attached"]:
        return "REMOVED", ""
    return ("FAULTED", "ERR_EXCEEDED") if disk["broken"] else ("ONLINE", "")


def _spare(pool: Pool, leaf: dict[str, Any]) -> Node:
    in_use = leaf["disk"] in pool["spares_in_use"].values()
    path = leaf["path"]
    name = path.rsplit("/", 1)[-1]
    return Node(name, partition(path), "INUSE" if in_use else "AVAIL", leaf, "SPARED" if in_use else "")


# (status, action, message id) as print_status() in zpool_main.c words them; tabs and line ends as printed.
SUFFICIENT = "\tSufficient replicas exist for the pool to continue functioning in a\n\tdegraded state.\n"
EXPLANATIONS = {
    "resilvering": (
        "One or more devices is currently being resilvered.  The pool will\n"
        "\tcontinue to function, possibly in a degraded state.\n",
        "Wait for the resilver to complete.\n",
        "",
    ),
    "suspended": (
        "One or more devices are faulted in response to IO failures.\n",
        "Make sure the affected devices are connected, then run 'zpool clear'.\n",
        "ZFS-8000-HC",
    ),
    "faulted": (
        "One or more devices are faulted in response to persistent errors.\n" + SUFFICIENT,
        "Replace the faulted device, or use 'zpool clear' to mark the device\n\trepaired.\n",
        "",
    ),
    "errors": (
        "One or more devices has experienced an unrecoverable error.  An\n"
        "\tattempt was made to correct the error.  Applications are unaffected.\n",
        "Determine if the device needs to be replaced, and clear the errors\n"
        "\tusing 'zpool clear' or replace the device with 'zpool replace'.\n",
        "ZFS-8000-9P",
    ),
    "offline": (
        "One or more devices has been taken offline by the administrator.\n" + SUFFICIENT,
        "Online the device using 'zpool online' or replace the device with\n\t'zpool replace'.\n",
        "",
    ),
    "removed": (
        "One or more devices has been removed by the administrator.\n" + SUFFICIENT,
        "Online the device using zpool online' or replace the device with\n\t'zpool replace'.\n",  # quote as printed
        "",
    ),
}


def explanation(health: Health) -> tuple[str, str, str] | None:
    """(status, action, message id) or None when all is well; the order of check_status() in libzfs_status.c."""
    leaves = [leaf for node in [health.root, *health.others.get("log", [])] for leaf in leaf_nodes(node)]
    rules = (
        ("suspended", health.state == "SUSPENDED"),
        ("resilvering", health.scan is not None and health.scan.state == "resilver scanning"),
        ("faulted", any(leaf.state == "FAULTED" for leaf in leaves)),
        ("errors", any(leaf.vdev[kind] for leaf in leaves for kind in ("read", "write", "checksum"))),
        ("offline", any(leaf.state == "OFFLINE" for leaf in leaves)),
        ("removed", any(leaf.state == "REMOVED" for leaf in leaves)),
    )
    return next((EXPLANATIONS[name] for name, holds in rules if holds), None)


def leaf_nodes(node: Node) -> list[Node]:
    """All disks below a node."""
    return [node] if "disk" in node.vdev else [leaf for child in node.children for leaf in leaf_nodes(child)]
