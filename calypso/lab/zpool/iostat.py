"""`zpool iostat`: figures that a lightly used box could have; they move with the clock and rise with a scan."""

from __future__ import annotations

import sys
import time
import zlib
from dataclasses import dataclass

from calypso.lab import sizes
from calypso.lab.disks import named
from calypso.lab.health import Health, Node, check
from calypso.lab.options import Options
from calypso.lab.scans import running
from calypso.lab.sizes import nice
from calypso.lab.state import State, clock, read
from calypso.lab.zpool import usage
from calypso.lab.zpool.intervals import repeat, take
from calypso.lab.zpool.showing import wanted
from calypso.lab.zpool.status_text import label, width_of

SCAN_SPEED = 150 * 1024**2  # bytes/s read from each disk
SLOW_WAIT = 35_000_000_000  # ns of a disk that answers slowly
LATENCIES = ("total_wait", "disk_wait", "syncq_wait", "asyncq_wait")
SINGLE = ("scrub", "trim", "rebuild")
QUEUES = ("syncq_read", "syncq_write", "asyncq_read", "asyncq_write", "scrubq_read", "trimq_write", "rebuildq_write")
HEADINGS = {"dedup": "dedup", "special": "special", "log": "logs", "cache": "cache"}


@dataclass(frozen=True)
class Load:
    """Operations and bytes a second; waits in ns."""

    reads: int
    writes: int
    read_bytes: int
    write_bytes: int
    read_wait: int
    write_wait: int


def iostat(argv: list[str]) -> int:
    given = Options(argv, "gHlnpPqvy", usage.ZPOOL)
    seconds, count = take(given)
    if given.has("y"):  # not the average since the start, but that over the first interval
        time.sleep(seconds)
    return repeat(seconds, count, lambda: _once(given))


def _once(given: Options) -> int:
    state = read()
    pools, missing = wanted(state, given.operands)
    sys.stderr.write(missing)
    table = _Table(state, given, [check(state, pool) for pool in pools])
    sys.stdout.write(table.text())
    return 1 if missing else 0


class _Table:
    def __init__(self, state: State, given: Options, healths: list[Health]) -> None:
        self.state, self.given, self.healths = state, given, healths
        self.scripted, self.parsable = given.has("H"), given.has("p")
        widths = [width_of(h, paths=given.has("P"), guids=given.has("g")) for h in healths] if given.has("v") else []
        self.width = max([10, *widths, *(len(health.pool["name"]) for health in healths)])

    def text(self) -> str:
        lines = [] if self.scripted else self.head()
        for health in self.healths:
            lines += self.pool(health)
            if not self.scripted and (self.given.has("v") or health is self.healths[-1]):
                lines.append(self.rule())
        return "".join(line + "\n" for line in lines)

    def head(self) -> list[str]:
        first = f"{'':{self.width}}  {'capacity':>10}     {'operations':>10}     {'bandwidth':<10}"
        second = f"{'pool':<{self.width}}  alloc   free   read  write   read  write"
        if self.given.has("l"):
            first += "".join(f"  {name:^12}" for name in LATENCIES) + "".join(f"  {name:>5}" for name in SINGLE)
            second += "   read  write" * len(LATENCIES) + "   wait" * len(SINGLE)
        if self.given.has("q"):
            first += "".join(f"  {name:^12}" for name in QUEUES)
            second += "   pend  activ" * len(QUEUES)
        return [first, second, self.rule()]

    def rule(self) -> str:
        cells = 6 + 11 * self.given.has("l") + 14 * self.given.has("q")
        return "-" * self.width + "  -----" * cells

    def pool(self, health: Health) -> list[str]:
        size = sizes.pool_size(self.state, health.pool)
        used = int(health.pool["allocated"])
        loads = {id(node): self.load(health, node) for node in self.leaves(health.root)}
        lines = [self.row(health.pool["name"], 0, (used, size - used), self.sum(health.root, loads))]
        if not self.given.has("v"):
            return lines
        for node in health.root.children:
            lines += self.vdev(health, node, "data", 2, loads)
        for role, heading in HEADINGS.items():
            nodes = health.others.get(role, [])
            if nodes:
                dashes = "".join(f"  {'-':>5}" for _ in range(6))
                lines.append("" if self.scripted else f"{heading:<{self.width}}{dashes}")
            for node in nodes:
                loads |= {id(leaf): self.load(health, leaf, 0.1) for leaf in self.leaves(node)}
                lines += self.vdev(health, node, role, 2, loads)
        return lines

    def vdev(self, health: Health, node: Node, role: str, depth: int, loads: dict[int, Load]) -> list[str]:
        used, total, _ = sizes.top_space(self.state, node.vdev, role, health.pool) if depth == 2 else (0, 0, 0)
        if role == "cache":
            used = sizes.CACHE_HEADER
            total = sizes.phys_space(self.state, node.vdev) - sizes.LABELS - sizes.CACHE_HEADER + used
        name = label(node, paths=self.given.has("P"), guids=self.given.has("g"))
        space = (used, total - used) if depth == 2 else None
        if node.indirect:
            return []
        lines = [self.row(name, depth, space, self.sum(node, loads))]
        return lines + [row for child in node.children for row in self.vdev(health, child, role, depth + 2, loads)]

    def leaves(self, node: Node) -> list[Node]:
        return [node] if node.leaf else [leaf for child in node.children for leaf in self.leaves(child)]

    def sum(self, node: Node, loads: dict[int, Load]) -> Load:
        found = [loads[id(leaf)] for leaf in self.leaves(node)] or [Load(0, 0, 0, 0, 0, 0)]
        waits = max(one.read_wait for one in found), max(one.write_wait for one in found)
        sums = [sum(getattr(one, name) for one in found) for name in ("reads", "writes", "read_bytes", "write_bytes")]
        return Load(sums[0], sums[1], sums[2], sums[3], *waits)

    def load(self, health: Health, leaf: Node, share: float = 1.0) -> Load:
        if leaf.state not in ("ONLINE", "DEGRADED") or health.state == "SUSPENDED":
            return Load(0, 0, 0, 0, 0, 0)
        disk = named(self.state, leaf.vdev["disk"])
        chance = zlib.crc32(f"{leaf.vdev['guid']} {int(clock(self.state))}".encode())
        reads, writes = int((chance % 7) * share), int((4 + chance // 7 % 23) * share)
        read_bytes, write_bytes = reads * 8_192, writes * (6_144 + chance // 200 % 8_192)
        if running(self.state, health.pool).endswith("scanning"):
            moved = int(SCAN_SPEED * (0.8 + chance % 100 / 250))
            target = health.scan is not None and leaf.vdev["disk"] in health.scan.disks
            read_bytes, write_bytes = (read_bytes, moved) if target else (moved, write_bytes)
            reads, writes = read_bytes // 131_072 + reads, write_bytes // 131_072 + writes
        wait = (4_000_000 if disk["rotational"] else 90_000) + chance % 60_000
        if disk.get("slow"):
            wait = SLOW_WAIT
        return Load(reads, writes, read_bytes, write_bytes, wait if reads else 0, wait if writes else 0)

    def row(self, name: str, depth: int, space: tuple[int, int] | None, load: Load) -> str:
        cells: list[str] = [self.size(number) for number in space] if space else ["0" if self.scripted else "-"] * 2
        cells += [self.size(n) for n in (load.reads, load.writes, load.read_bytes, load.write_bytes)]
        if self.given.has("l"):
            cells += self.latencies(load)
        if self.given.has("q"):
            cells += ["0"] * (2 * len(QUEUES))
        if self.scripted:
            return "\t".join([name, *cells])
        return f"{' ' * depth + name:<{self.width}}" + "".join(f"  {cell:>5}" for cell in cells)

    def latencies(self, load: Load) -> list[str]:
        disk = [self.wait(load.read_wait * 9 // 10), self.wait(load.write_wait * 7 // 10)]
        queues = [
            self.wait(load.read_wait // 100),
            self.wait(load.write_wait // 100),
            "-",
            self.wait(load.write_wait // 4),
        ]
        return [self.wait(load.read_wait), self.wait(load.write_wait), *disk, *queues, "-", "-", "-"]

    def wait(self, nanoseconds: int) -> str:
        if not nanoseconds:
            return "-"
        if self.parsable:
            return str(nanoseconds)
        for scale, unit in ((10**9, "s"), (10**6, "ms"), (10**3, "us")):
            if nanoseconds >= scale:
                return f"{nanoseconds // scale}{unit}"
        return f"{nanoseconds}ns"

    def size(self, number: int) -> str:
        return str(number) if self.parsable else nice(number)
