"""/proc/spl/kstat/zfs/arcstats: the ARC's statistics. Pure: text in. Source: arc_stats_t in OpenZFS' arc_impl.h."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calypso.kernel.errors import ToolGarbage

PATH = "/proc/spl/kstat/zfs/arcstats"


@dataclass(frozen=True)
class Reads:
    """Reads of one kind since the module was loaded. ``iohits``: found while on their way from disk."""

    hits: int
    iohits: int
    misses: int

    @property
    def hit_percent(self) -> float | None:
        """None while nothing was read."""
        total = self.hits + self.iohits + self.misses
        return round(100 * (self.hits + self.iohits) / total, 2) if total else None

    def since(self, before: Reads) -> Reads | None:
        """The reads after an earlier look; None when the module was loaded anew meanwhile."""
        parts = (self.hits - before.hits, self.iohits - before.iohits, self.misses - before.misses)
        return Reads(*parts) if min(parts) >= 0 else None


@dataclass(frozen=True)
class L2:
    """The second level, on cache devices. Sizes in bytes; ``size`` as the data is, ``allocated`` as it is stored."""

    size: int
    allocated: int
    headers: int
    hits: int
    misses: int
    read_bytes: int
    written_bytes: int

    @property
    def hit_percent(self) -> float | None:
        total = self.hits + self.misses
        return round(100 * self.hits / total, 2) if total else None


@dataclass(frozen=True)
class Arc:
    """Sizes in bytes. ``target`` is what the size tends to, between ``least`` and ``most``."""

    size: int
    target: int
    least: int
    most: int
    data: int
    metadata: int
    headers: int
    compressed: int
    uncompressed: int
    mru: int
    mfu: int
    mru_ghost: int
    mfu_ghost: int
    mru_hits: int
    mfu_hits: int
    evicted_ghost_hits: int
    total: Reads
    demand_data: Reads
    demand_metadata: Reads
    prefetch_data: Reads
    prefetch_metadata: Reads
    l2: L2 | None


def parse(text: str) -> Arc:
    """The statistics. Raises ToolGarbage for any other text."""
    n = _numbers(text)
    if "size" not in n or "c" not in n:
        raise ToolGarbage("The kernel's ARC statistics have no sizes.", detail=text[:2000])
    return Arc(
        size=n["size"],
        target=n["c"],
        least=n.get("c_min", 0),
        most=n.get("c_max", 0),
        data=n.get("data_size", 0),
        metadata=n.get("metadata_size", 0),
        headers=n.get("hdr_size", 0),
        compressed=n.get("compressed_size", 0),
        uncompressed=n.get("uncompressed_size", 0),
        mru=n.get("mru_size", 0),
        mfu=n.get("mfu_size", 0),
        mru_ghost=n.get("mru_ghost_size", 0),
        mfu_ghost=n.get("mfu_ghost_size", 0),
        mru_hits=n.get("mru_hits", 0),
        mfu_hits=n.get("mfu_hits", 0),
        evicted_ghost_hits=n.get("mru_ghost_hits", 0) + n.get("mfu_ghost_hits", 0),
        total=_reads(n, ""),
        demand_data=_reads(n, "demand_data_"),
        demand_metadata=_reads(n, "demand_metadata_"),
        prefetch_data=_reads(n, "prefetch_data_"),
        prefetch_metadata=_reads(n, "prefetch_metadata_"),
        l2=_l2(n),
    )


def _numbers(text: str) -> dict[str, int]:
    """``name type data`` a line, below two lines of heading."""
    found = {}
    for line in text.split("\n")[2:]:
        words = line.split()
        if len(words) == 3 and words[2].isascii() and words[2].isdigit() and len(words[2]) <= 20:
            found[words[0]] = int(words[2])
    return found


def _reads(n: Mapping[str, int], prefix: str) -> Reads:
    """``iohits`` came with OpenZFS 2.2."""
    return Reads(n.get(f"{prefix}hits", 0), n.get(f"{prefix}iohits", 0), n.get(f"{prefix}misses", 0))


def _l2(n: Mapping[str, int]) -> L2 | None:
    """None where no cache device was ever used."""
    if not (n.get("l2_size") or n.get("l2_hits") or n.get("l2_misses") or n.get("l2_write_bytes")):
        return None
    return L2(
        size=n.get("l2_size", 0),
        allocated=n.get("l2_asize", 0),
        headers=n.get("l2_hdr_size", 0),
        hits=n.get("l2_hits", 0),
        misses=n.get("l2_misses", 0),
        read_bytes=n.get("l2_read_bytes", 0),
        written_bytes=n.get("l2_write_bytes", 0),
    )
