"""The simulated box's ARC: figures that move with the clock and the stored data, in the kernel's own form."""

from __future__ import annotations

import math
from pathlib import Path

from calypso.lab.state import clock, reading

MOST = 4 * 1024**3  # bytes
LEAST = MOST // 32
WARM_UP = 600.0  # seconds until the cache has what it can
BEGAN = 1_795_000_000.0  # when the simulated module was loaded
RATE = 900.0  # reads a second on average
SWING, PERIOD = 400.0, 97.0  # of that rate, in reads a second and seconds
SHARES = {"demand_data": 0.62, "demand_metadata": 0.30, "prefetch_data": 0.06, "prefetch_metadata": 0.02}
HIT_SHARES = {"demand_data": 0.93, "demand_metadata": 0.995, "prefetch_data": 0.41, "prefetch_metadata": 0.72}
HEADING = "18 1 0x01 147 39984 43914500510 761785537570\n"


def arcstats_text(path: Path | None = None) -> str:
    """What /proc/spl/kstat/zfs/arcstats would have now."""
    with reading(path) as state:
        now = clock(state)
        stored = sum(pool["allocated"] for pool in state["pools"])
        cached = any(pool["groups"].get("cache") for pool in state["pools"])
    figures = _reads(max(0.0, now - BEGAN)) | _sizes(stored, now) | _second_level(stored, now, cached)
    rows = "".join(f"{name:<31} 4    {value}\n" for name, value in figures.items())
    return f"{HEADING}{'name':<31} type data\n{rows}"


def _reads(age: float) -> dict[str, int]:
    """Counts grow for ever, now faster, now slower: the integral of a rate that swings."""
    total = RATE * age + SWING * PERIOD / math.tau * (1 - math.cos(math.tau * age / PERIOD))
    found: dict[str, int] = {}
    for kind, share in SHARES.items():
        hits = int(total * share * HIT_SHARES[kind])
        misses = int(total * share * (1 - HIT_SHARES[kind]))
        found |= {f"{kind}_hits": hits, f"{kind}_iohits": misses // 50, f"{kind}_misses": misses - misses // 50}
    sums = {word: sum(found[f"{kind}_{word}"] for kind in SHARES) for word in ("hits", "iohits", "misses")}
    mfu = int(sums["hits"] * 0.84)
    return {**sums, **found, "mru_hits": sums["hits"] - mfu, "mfu_hits": mfu, "mru_ghost_hits": 0, "mfu_ghost_hits": 0}


def _sizes(stored: int, now: float) -> dict[str, int]:
    """It holds what is stored as far as that fits, and breathes a little."""
    breath = 1 + 0.02 * math.sin(math.tau * now / PERIOD)
    data = int(min(stored, MOST * 0.8) * 0.9 * breath)
    metadata, headers = LEAST // 16 + data // 40, LEAST // 256 + data // 400
    size = data + metadata + headers
    mfu = int((data + metadata) * 0.7)
    return {
        "c": max(LEAST, min(MOST, int(size * 1.1))), "c_min": LEAST, "c_max": MOST, "size": size,
        "compressed_size": data + metadata, "uncompressed_size": int((data + metadata) * 1.45), "hdr_size": headers,
        "data_size": data, "metadata_size": metadata, "mru_size": data + metadata - mfu, "mru_ghost_size": data // 30,
        "mfu_size": mfu, "mfu_ghost_size": 0,
    }  # fmt: skip


def _second_level(stored: int, now: float, cached: bool) -> dict[str, int]:
    age = max(0.0, now - BEGAN) if cached else 0.0
    hits, misses = int(age * 11), int(age * 25)
    size = int(stored * 0.5) if cached else 0
    return {
        "l2_hits": hits, "l2_misses": misses, "l2_read_bytes": hits * 65536, "l2_write_bytes": misses * 65536,
        "l2_size": size, "l2_asize": int(size * 0.7), "l2_hdr_size": size // 1000,
    }  # fmt: skip
