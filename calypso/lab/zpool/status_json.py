"""`zpool status -j`, after vdev_stats_nvlist() and its like in zpool_main.c; keys in the recorded order."""

from __future__ import annotations

import time
from typing import Any

from calypso.lab import activities, sizes
from calypso.lab.disks import named
from calypso.lab.health import CLASS_OF, Health, Node
from calypso.lab.state import State
from calypso.lab.zpool import work_json
from calypso.lab.zpool.explanations import SEE, explanation
from calypso.lab.zpool.status_text import Looks, healthy, label

GROUPS = (("dedup", "dedup"), ("special", "special"), ("log", "logs"), ("cache", "l2cache"), ("spare", "spares"))


class Numbers:
    """Numbers as asked for: ints (--json-int), digits (-p) or shortened texts."""

    def __init__(self, *, ints: bool, parsable: bool) -> None:
        self.ints, self.parsable = ints, parsable

    def exact(self, number: int | str) -> Any:
        return int(number) if self.ints else str(number)

    def size(self, number: int, zero_unit: str = "") -> Any:
        return self.exact(number) if self.ints or self.parsable else sizes.nice(number, zero_unit)

    def moment(self, seconds: float) -> Any:
        if self.ints or self.parsable:
            return self.exact(int(seconds))
        return time.strftime("%a %b %e %H:%M:%S %Z %Y", time.localtime(int(seconds))) if seconds else "-"


class Writer:
    """Turns pools into JSON values. flat: --json-flat-vdevs."""

    def __init__(self, state: State, looks: Looks, *, ints: bool, flat: bool = False) -> None:
        self.state, self.looks, self.flat = state, looks, flat
        self.numbers = Numbers(ints=ints, parsable=looks.parsable)

    def pool(self, health: Health) -> dict[str, Any]:
        """One pool."""
        pool, why, exact = health.pool, explanation(health), self.numbers.exact
        found: dict[str, Any] = {"name": pool["name"], "state": health.state, "pool_guid": exact(pool["guid"])}
        found |= {"txg": exact(4), "spa_version": exact(5000), "zpl_version": exact(5)}
        if why:
            found |= {"status": why[0], "action": why[1]}
            found |= {"msgid": why[2], "moreinfo": SEE + why[2]} if why[2] else {}
        found |= work_json.work(self.state, health, self.numbers)
        found["vdevs"] = self.put({}, health.root, None, "data", health)
        for role, key in GROUPS:
            nodes = [node for node in health.others.get(role, []) if not node.indirect]
            group = found["vdevs"] if self.flat else {}
            for node in nodes:
                self.put(group, node, None, role, health)
            found |= {key: group} if group and not self.flat else {}
        found["error_count"] = self.numbers.size(pool["errors"])
        if pool["errors"] and self.looks.verbose:
            found["errlist"] = pool.get("errlist") or ["<metadata>:<0x0>"]
        return found | (
            {"dedup_stats": {"obj_count": self.numbers.size(0), "ddt_object_stats": {}}} if self.looks.dedup else {}
        )

    def name(self, node: Node) -> str:
        return label(node, paths=self.looks.paths, guids=self.looks.guids)

    def put(self, into: dict[str, Any], node: Node, parent: Node | None, role: str, health: Health) -> dict[str, Any]:
        """Add a vdev, and in its ``vdevs`` what is below it; flat ones are siblings of their parents, too."""
        if node.indirect or (self.looks.unhealthy and node is not health.root and healthy(node)):
            return into
        found = self.vdev(node, parent, role, health)
        if self.flat and node.leaf:
            into[self.name(node)] = found
        below: dict[str, Any] = {}
        for child in node.children:
            if self.flat:
                self.put(into, child, node, role, health)
            self.put(below, child, node, role, health)
        into[self.name(node)] = found | ({"vdevs": below} if below else {})
        return into

    def vdev(self, node: Node, parent: Node | None, role: str, health: Health) -> dict[str, Any]:
        """A root, group or disk. parent: the vdev that it is in."""
        root = node is health.root
        spare = node.leaf and any(node.vdev["disk"] == s.vdev["disk"] for s in health.others.get("spare", []))
        found: dict[str, Any] = {"name": self.name(node)}
        if not node.vdev["kind"].startswith("draid"):  # 2.3.2 leaves these four out there
            found |= {"vdev_type": node.vdev["kind"], "guid": self.numbers.exact(node.vdev["guid"])}
            found |= self.place(node) if node.leaf else {}
            found |= {"class": "spare" if spare else CLASS_OF[role], "state": node.state}
        found |= {"parent": self.name(parent)} if self.flat and parent else {}
        if role != "spare":
            found |= self.figures(node, health.root if root else parent, role, health)
        if node.was:
            found |= {"not_present": self.numbers.exact(1), "was": node.was}
        elif node.aux:
            found["aux"] = node.aux
        if node.removing:
            found["removing" if node.removing == "removing" else "noalloc"] = self.numbers.exact(1)
        return found | (self.surface(node) if node.leaf else {})

    def place(self, node: Node) -> dict[str, Any]:
        disk = named(self.state, node.vdev["disk"])
        known = {key: disk[key] for key in ("phys_path", "devid") if disk.get(key)}
        path = node.path or node.was
        return {"path": path, **known} if path.startswith("/") else known

    def figures(self, node: Node, parent: Node | None, role: str, health: Health) -> dict[str, Any]:
        vdev, size = node.vdev, self.numbers.size
        root = node is health.root
        found: dict[str, Any] = {}
        phys = sizes.phys_space(self.state, vdev) if node.leaf and not node.was else 0
        if role == "cache":
            found = {"alloc_space": size(4096), "total_space": size(phys - sizes.LABELS - sizes.CACHE_HEADER)}
            found["rep_dev_size"] = size(phys)
        elif root:
            found = self.space(*self.pool_space(health))
        else:
            top = parent is None or parent is health.root
            if top:
                found = self.space(*sizes.top_space(self.state, vdev, role, health.pool))
            least = sizes.rep_dev_size(
                self.state, vdev, None if top or parent is None else self.raidz_above(parent, health)
            )
            found["rep_dev_size"] = size(least)
        found |= {"self_healed": size(vdev["healed"], "B")} if vdev.get("healed") else {}
        found |= {"phys_space": size(phys)} if phys else {}
        found |= {f"{kind}_errors": size(vdev.get(kind, 0)) for kind in ("read", "write", "checksum")}
        found |= {"scan_processed": size(node.processed, "B")} if node.processed and not root else {}
        return found | ({"slow_ios": size(vdev.get("slow", 0))} if node.leaf else {})

    def raidz_above(self, parent: Node, health: Health) -> dict[str, Any]:
        """The top-level vdev that a disk's least size depends on, through a spare or replacing vdev."""
        tops = [node for node in health.tops if parent is node or parent in node.children]
        return tops[0].vdev if tops else parent.vdev

    def space(self, allocated: int, total: int, def_space: int) -> dict[str, Any]:
        used = {"alloc_space": self.numbers.size(allocated)} if allocated else {}
        return {**used, "total_space": self.numbers.size(total), "def_space": self.numbers.size(def_space)}

    def pool_space(self, health: Health) -> tuple[int, int, int]:
        vdevs = sizes.counted(health.pool)
        total = [sizes.asize(self.state, vdev) for vdev in vdevs]
        fit = [sizes.deflated(vdev, raw) for vdev, raw in zip(vdevs, total, strict=True)]
        return health.pool["allocated"], sum(total), sum(fit)

    def surface(self, node: Node) -> dict[str, Any]:
        """What -i and -t add to a disk."""
        found: dict[str, Any] = {}
        numbers = self.numbers
        no_trim = named(self.state, node.vdev["disk"])["rotational"]
        if self.looks.init:
            found |= self.work(
                node.vdev.get("init"),
                ("init_state", "initialized", "to_initialize", "init_time", "init_errors"),
                "UNINITIALIZED",
            )
        if self.looks.trim and not no_trim:
            found |= self.work(
                node.vdev.get("trim"), ("trim_state", "trimmed", "to_trim", "trim_time", "trim_errors"), "UNTRIMMED"
            )
        return found | ({"trim_notsup": numbers.exact(int(no_trim))} if self.looks.trim else {})

    def work(self, work: activities.Activity | None, keys: tuple[str, ...], never: str) -> dict[str, Any]:
        if not work:
            return {keys[0]: never}
        state, size = self.state, self.numbers.size
        complete = activities.word(state, work) == "COMPLETE"
        when = activities.ended(work) if complete else work["action"]
        values = (activities.word(state, work), size(activities.done(state, work), "B"), size(work["size"], "B"))
        return dict(zip(keys, (*values, self.numbers.moment(when), size(0)), strict=True))
