"""How far a running step has got, as its tool tells. Pure; the samples are taken by meter.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` bytes; ``rate`` in bytes a second; ``eta_seconds`` until the end. None: not known."""

    percent: float | None = None
    done: int | None = None
    total: int | None = None
    rate: float | None = None
    eta_seconds: int | None = None

    @classmethod
    def of(cls, *, done: int, total: int, rate: float | None) -> Progress:
        """With percentage and remaining time worked out."""
        done = min(done, total)
        return cls(
            percent=round(100 * done / total, 1) if total else None,
            done=done,
            total=total,
            rate=rate,
            eta_seconds=round((total - done) / rate) if rate else None,
        )


# From the tool's argv, the end of what it printed, and its process: how far it is, if it tells.
Teller = Callable[[tuple[str, ...], str, int], Progress | None]
tellers: dict[str, Teller] = {}


def progress_of(tool: str) -> Callable[[Teller], Teller]:
    """Registers how one learns how far a tool is."""

    def register(function: Teller) -> Teller:
        tellers[tool] = function
        return function

    return register
