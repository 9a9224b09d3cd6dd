"""Values that flutter against thresholds: a level takes hold at its threshold, and lets go a little below. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from calypso.kernel.models import Alert


def level(value: float, thresholds: Sequence[int], standing: Alert | None, back_off: float) -> int | None:
    """The highest threshold that holds, or None. ``standing``: the alert so far, whose grade is its threshold."""
    reached = max((t for t in thresholds if value >= t), default=None)
    held = standing.grade if standing is not None else None
    if held is not None and (reached is None or reached < held) and value >= held - back_off:
        return held
    return reached


def magnitude(count: int) -> tuple[int, str]:
    """How large a count is in whole powers of ten, as a grade and in words: counts that creep are no news."""
    digits = len(str(count))
    return digits, str(count) if count < 10 else f"{10 ** (digits - 1)} or more"
