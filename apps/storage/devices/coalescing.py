"""Many triggers into few calls. Pure: the time is an argument (seconds, monotonic)."""

from __future__ import annotations

import math

QUIET = 0.05  # seconds without a trigger before a call
LONGEST = 0.25  # seconds that a storm may delay a call
GAP = 0.1  # least seconds between two calls


class Coalescer:
    """Collects triggers until a call is due."""

    def __init__(self) -> None:
        self.reasons: dict[str, None] = {}
        self.first = self.last = 0.0
        self.ended = -math.inf

    def note(self, reason: str, now: float) -> None:
        """A trigger came."""
        if not self.reasons:
            self.first = now
        self.last = now
        self.reasons[reason] = None

    def wait(self, now: float) -> float:
        """Seconds until a call is due; infinite when nothing is pending."""
        if not self.reasons:
            return math.inf
        return max(0.0, min(self.last + QUIET, self.first + LONGEST) - now, self.ended + GAP - now)

    def due(self, now: float) -> bool:
        return self.wait(now) <= 0

    def take(self) -> str:
        """The reasons so far in one line; nothing is pending afterwards."""
        names = list(self.reasons)
        self.reasons = {}
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return ", ".join(names[:3]) + more

    def called(self, now: float) -> None:
        """A call ended."""
        self.ended = now
