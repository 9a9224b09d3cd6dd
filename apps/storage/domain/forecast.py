"""When a pool will be full, from how full it was. Pure: plain numbers in, times in Unix seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

POINTS = 60  # that the history is looked at: evenly, though samples are kept only where something changed
SHORTEST = 3600.0  # seconds of history below which nothing is said
FARTHEST = 20 * 365.25 * 86400  # seconds ahead, beyond which a date means nothing
Verdict = Literal["growing", "not in sight", "too little known"]


@dataclass(frozen=True)
class Forecast:
    """``full_at`` only for a growing pool. ``per_day``: bytes. ``samples`` over ``seconds`` are what it rests on."""

    verdict: Verdict
    full_at: float | None
    per_day: float
    samples: int
    seconds: float


def forecast(samples: Sequence[tuple[float, int]], size: int) -> Forecast:
    """Least squares over (time, allocated bytes), oldest first; between two samples the older one holds."""
    span = samples[-1][0] - samples[0][0] if samples else 0.0
    if len(samples) < 2 or span < SHORTEST:
        return Forecast("too little known", None, 0.0, len(samples), span)
    slope, last = _line(_even(samples), span)
    to_go = (size - last) / slope if slope > 0 else float("inf")
    if to_go > FARTHEST:
        return Forecast("not in sight", None, slope * 86400, len(samples), span)
    return Forecast("growing", samples[-1][0] + max(0.0, to_go), slope * 86400, len(samples), span)


def _even(samples: Sequence[tuple[float, int]]) -> list[int]:
    """The value at evenly spread times."""
    start, end = samples[0][0], samples[-1][0]
    found, at = [], 0
    for point in range(POINTS):
        moment = start + (end - start) * point / (POINTS - 1)
        while at + 1 < len(samples) and samples[at + 1][0] <= moment:
            at += 1
        found.append(samples[at][1])
    return found


def _line(values: Sequence[int], span: float) -> tuple[float, float]:
    """(bytes a second, the value at the end) of the line nearest to evenly spread values."""
    step = span / (len(values) - 1)
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((x - middle) ** 2 for x in range(len(values)))
    slope = sum((x - middle) * (y - mean) for x, y in enumerate(values)) / spread
    return slope / step, mean + slope * middle
