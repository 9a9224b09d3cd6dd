"""`zpool list|status|iostat … [interval [count]]`: the same again and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from calypso.lab.options import Options


def take(given: Options) -> tuple[float, int]:
    """(seconds, how often; 0: for ever) from the last operands, which are removed; (0, 1) for once."""
    numbers: list[float] = []
    while given.operands and len(numbers) < 2 and given.operands[-1].replace(".", "", 1).isdigit():
        numbers.insert(0, float(given.operands.pop()))
    if not numbers:
        return 0.0, 1
    return numbers[0], int(numbers[1]) if len(numbers) > 1 else 0


def repeat(seconds: float, count: int, once: Callable[[], int]) -> int:
    """Run it so often; the last exit code."""
    code = once()
    while count != 1:
        sys.stdout.flush()
        time.sleep(seconds)
        code = once()
        count -= count > 0
    return code
