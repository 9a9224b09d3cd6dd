"""`zpool status -j`, after the same functions of zpool_main.c; keys in the recorded order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from calypso.lab import sizes
from calypso.lab.disks import leaves, named
from calypso.lab.health import SEE, Health, Node, explanation
from calypso.lab.scans import Progress
from calypso.lab.state import State

Size = Callable[[int], Any]
GROUPS = (("log", "logs"), ("cache", "l2cache"), ("spare", "spares"))
CLASSES = {"data": "normal", "log": "log", "cache": "l2cache", "spare": "spare"}


def header(command: str) -> dict[str, Any]:
    """What begins every JSON answer."""
    return {"output_version": {"command": command, "vers_major": 0, "vers_minor": 1}}


class Writer:
    """Turns pools into JSON values; numbers are ints (--json-int), digits (-p) or shortened texts."""

    def __init__(self, state: State, *, ints: bool, parsable: bool, paths: bool) -> None:
        self.state, self.ints, self.parsable, self.paths = state, ints, parsable, paths

    def exact(self, number: int | str) -> Any:
        return int(number) if self.ints else str(number)

    def size(self, number: int, zero_unit: str = "") -> Any:
        return self.exact(number) if self.ints or self.parsable else sizes.nice(number, zero_unit)

    def moment(self, seconds: int) -> Any:
        if self.ints or self.parsable:
            return self.exact(seconds)
        return time.strftime("%a %b %e %H:%M:%S %Z %Y", time.localtime(seconds)) if seconds else "-"

    def pool(self, health: Health) -> dict[str, Any]:
        """One pool."""
        pool, why = health.pool, explanation(health)
        found: dict[str, Any] = {"name": pool["name"], "state": health.state, "pool_guid": self.exact(pool["guid"])}
        found |= {"txg": self.exact(4), "spa_version": self.exact(5000), "zpl_version": self.exact(5)}
        if why:
            found |= {"status": why[0], "action": why[1]}
            found |= {"msgid": why[2], "moreinfo": SEE + why[2]} if why[2] else {}
        if health.scan:
            found["scan_stats"] = self.scan(health.scan)
        found["vdevs"] = {pool["name"]: self.root(health)}
        for role, key in GROUPS:
            if health.others.get(role):
                found[key] = {self.name(n): self.vdev(n, None, role, health) for n in health.others[role]}
        found["error_count"] = self.size(pool["errors"])
        return found

    def scan(self, scan: Progress) -> dict[str, Any]:
        function, word = scan.state.upper().split()
        return {
            "function": function,
            "state": "SCANNING" if word == "PAUSED" else word,
            "start_time": self.moment(scan.start),
            "end_time": self.moment(scan.end),
            "to_examine": self.size(scan.total, "B"),
            "examined": self.size(scan.total, "B"),
            "skipped": self.size(0, "B"),
            "processed": self.size(scan.processed, "B"),
            "errors": self.size(0),
            "bytes_per_scan": self.size(0, "B"),
            "pass_start": self.exact(scan.pass_start),
            "scrub_pause": self.moment(scan.paused_at),
            "scrub_spent_paused": self.exact(scan.spent_paused),
            "issued_bytes_per_scan": self.size(scan.issued, "B"),
            "issued": self.size(scan.issued, "B"),
        }

    def name(self, node: Node) -> str:
        return node.path if self.paths and node.path else node.name

    def root(self, health: Health) -> dict[str, Any]:
        pool, data = health.pool, health.root.children
        total = sum(sizes.asize(self.state, node.vdev) for node in data)
        def_space = sum(sizes.deflated(node.vdev, sizes.asize(self.state, node.vdev)) for node in data)
        found = {"name": pool["name"], "vdev_type": "root", "guid": self.exact(pool["guid"]), "class": "normal"}
        found |= {"state": health.root.state, **self.space(pool["allocated"], total, def_space), **self.counts({})}
        found |= {"aux": health.root.aux} if health.root.aux else {}
        found["vdevs"] = {self.name(node): self.vdev(node, None, "data", health) for node in data}
        return found

    def space(self, allocated: int, total: int, def_space: int) -> dict[str, Any]:
        used = {"alloc_space": self.size(allocated)} if allocated else {}
        return {**used, "total_space": self.size(total), "def_space": self.size(def_space)}

    def counts(self, vdev: dict[str, Any]) -> dict[str, Any]:
        kinds = ("read", "write", "checksum")
        return {f"{kind}_errors": self.size(vdev.get(kind, 0)) for kind in kinds}

    def vdev(self, node: Node, parent: Node | None, role: str, health: Health) -> dict[str, Any]:
        """A group or a disk. parent: the group that it is in, None at the top."""
        leaf = "disk" in node.vdev
        spare = leaf and any(node.vdev["disk"] == s.vdev["disk"] for s in health.others.get("spare", []))
        found: dict[str, Any] = {"name": self.name(node), "vdev_type": "disk" if leaf else node.vdev["kind"]}
        found["guid"] = self.exact(node.vdev["guid"])
        found |= self.place(node) if leaf else {}
        found |= {"class": "spare" if spare else CLASSES[role], "state": node.state}
        if role != "spare":
            found |= self.figures(node, parent, role, health)
        found |= {"aux": node.aux} if node.aux else {}
        if node.children:
            found["vdevs"] = {self.name(child): self.vdev(child, node, role, health) for child in node.children}
        return found

    def place(self, node: Node) -> dict[str, Any]:
        disk = named(self.state, node.vdev["disk"])
        known = {key: disk[key] for key in ("phys_path", "devid") if disk.get(key)}
        return {"path": node.path, **known}

    def figures(self, node: Node, parent: Node | None, role: str, health: Health) -> dict[str, Any]:
        vdev, leaf = node.vdev, "disk" in node.vdev
        found: dict[str, Any] = {}
        phys = sizes.phys_space(self.state, vdev) if leaf else 0
        if role == "cache":
            found = {"alloc_space": self.size(4096), "total_space": self.size(phys - sizes.LABELS - sizes.CACHE_HEADER)}
            found["rep_dev_size"] = self.size(phys)
        else:
            if parent is None:
                found = self.space(*self.top_space(vdev, role, health.pool))
            found["rep_dev_size"] = self.size(self.rep_dev_size(node, parent))
        found |= {"phys_space": self.size(phys)} if leaf else {}
        found |= self.counts(vdev)
        scan = health.scan
        if scan and scan.processed and any(one["disk"] == scan.disk for one in leaves(vdev)):
            found["scan_processed"] = self.size(scan.processed)
        return found | ({"slow_ios": self.size(0)} if leaf else {})

    def top_space(self, vdev: dict[str, Any], role: str, pool: dict[str, Any]) -> tuple[int, int, int]:
        """(allocated, total, data bytes) of a top-level vdev; the pool's contents are spread evenly."""
        total = sizes.asize(self.state, vdev)
        allocated = pool["allocated"] // len(pool["groups"]["data"]) if role == "data" else 0
        return allocated, total, sizes.deflated(vdev, total)

    def rep_dev_size(self, node: Node, parent: Node | None) -> int:
        return sizes.rep_dev_size(self.state, node.vdev, parent.vdev if parent else None)
