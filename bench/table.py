"""The table: one row a measurement, its target, and whether it was met."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Spread

HEAD = ("What", "Measured", "Least to most", "Target", "Met")


@dataclass(frozen=True)
class Row:
    """``target`` None: stands there to compare with. ``at_most``: the target is an upper limit."""

    what: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    target: float | None = None
    at_most: bool = False

    @classmethod
    def spread(cls, what: str, s: Spread, unit: str = "", target: float | None = None, *, at_most: bool = False) -> Row:
        return cls(what, s.median, unit, s.least, s.most, target, at_most)

    @property
    def met(self) -> str:
        if self.target is None:
            return ""
        return "yes" if (self.value <= self.target if self.at_most else self.value >= self.target) else "**no**"

    def cells(self) -> tuple[str, ...]:
        around = "" if self.least is None or self.most is None else f"{_figure(self.least)} to {_figure(self.most)}"
        sign = "≤" if self.at_most else "≥"
        target = "" if self.target is None else f"{sign} {_figure(self.target)} {self.unit}".strip()
        return self.what, f"{_figure(self.value)} {self.unit}".strip(), around, target, self.met


def _figure(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def markdown(rows: Sequence[Row]) -> str:
    lines = [HEAD, tuple("---" if i in (0, 4) else "--:" for i in range(5)), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def terminal(rows: Sequence[Row]) -> str:
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(5)]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)


def machine(server: str) -> list[str]:
    """What was measured on."""
    cpu = next((x.split(":", 1)[1].strip() for x in _lines("/proc/cpuinfo") if x.startswith("model name")), "unknown")
    memory = next((int(x.split()[1]) // 1024 // 1024 for x in _lines("/proc/meminfo") if x.startswith("MemTotal")), 0)
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    return [
        f"Machine: {cpu}, {os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}; load at the end {load}",
        f"PostgreSQL {server}, fsync on, synchronous_commit on; Python {platform.python_version()}",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, `{' '.join(['python -m bench', *sys.argv[1:]])}` (`make bench`)",
    ]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
