"""Measuring fairly on a machine that is not ours alone: contestants take turns, each round is compared in itself."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from statistics import median
from time import perf_counter

Work = Callable[[], object]  # one transaction


@dataclass(frozen=True)
class Spread:
    """The median of some figures, with the least and the greatest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: list[float]) -> Spread:
        return cls(median(figures), min(figures), max(figures))


@dataclass(frozen=True)
class Turns:
    """Transactions per second of each contestant, round by round."""

    rates: Mapping[str, list[float]]

    def rate(self, name: str) -> Spread:
        return Spread.of(self.rates[name])

    def ratio(self, name: str, base: str) -> Spread:
        """How fast one is measured in another, round by round."""
        return Spread.of(self.ratios(name, base))

    def ratios(self, name: str, base: str) -> list[float]:
        return [a / b for a, b in zip(self.rates[name], self.rates[base], strict=True)]


def take_turns(contestants: Mapping[str, Work], rounds: int, count: int) -> Turns:
    """Each does ``count`` transactions a round, A B C, then C B A, after a round to warm up that does not count."""
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for at in range(rounds + 1):
        names = list(contestants) if at % 2 else list(reversed(contestants))
        for name in names:
            rate = _rate(contestants[name], count)
            if at:
                rates[name].append(rate)
    return Turns(rates)


def _rate(work: Work, count: int) -> float:
    gc.collect()
    started = perf_counter()
    for _ in range(count):
        work()
    return count / (perf_counter() - started)


def percentile(figures: list[float], percent: float) -> float:
    """Nearest rank: the least figure that so many percent do not exceed."""
    ordered = sorted(figures)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
