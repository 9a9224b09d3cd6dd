"""`zpool iostat -Hpvly SECONDS 1`: what each vdev reads and writes, over so many seconds.

Under -H the tree is lost and the headings of groups are empty lines (zpool_main.c, print_vdev_stats).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.storage.adapters.zpool.values import garbage, maybe_number, number

_LEAST_COLUMNS = 9  # name, allocated, free, operations, bandwidth, total wait; more depend on the version


@dataclass(frozen=True, slots=True)
class VdevIo:
    """One row: rates a second, bytes a second, mean waits in nanoseconds (None when there was nothing to wait for).

    ``place``: the row's number within its pool; 0 is the pool itself, and then as the tool lists them.
    """

    pool: str
    place: int
    name: str
    allocated: int
    free: int
    reads: int
    writes: int
    read_bytes: int
    write_bytes: int
    read_wait: int | None
    write_wait: int | None


def iostat_argv(pools: Iterable[str], seconds: int) -> list[str]:
    """The named pools over the next seconds, for parse_iostat(). A suspended pool must not be among them: it hangs."""
    return ["zpool", "iostat", "-Hpvly", "--", *pools, str(seconds), "1"]


def parse_iostat(text: str, pools: Sequence[str]) -> tuple[VdevIo, ...]:
    """The rows of these pools. Raises ToolGarbage."""
    waiting, found, pool, place = set(pools), [], "", 0
    for line in text.split("\n"):
        fields = line.split("\t")
        if not line.strip() or (len(fields) < _LEAST_COLUMNS and not any(field.isdigit() for field in fields)):
            continue
        if len(fields) < _LEAST_COLUMNS:
            garbage("a line of the I/O statistics", line)
        place += 1
        if fields[0] in waiting:
            pool, place = fields[0], 0
            waiting.discard(pool)
        if not pool:
            garbage("I/O of no pool", line)
        found.append(_row(pool, place, fields))
    return tuple(found)


def _row(pool: str, place: int, fields: Sequence[str]) -> VdevIo:
    counts = [maybe_number(text) or 0 for text in fields[1:7]]
    waits = [None if text == "-" else number(text) for text in fields[7:9]]
    return VdevIo(pool, place, fields[0].strip(), *counts, *waits)
