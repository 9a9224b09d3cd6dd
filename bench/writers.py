"""Row 6: many processes append at once, each as fast as it can, one event a transaction."""

from __future__ import annotations

import multiprocessing
import time

FORK = multiprocessing.get_context("fork")


def measure(writers: int, appends: int) -> tuple[list[float], float]:
    """Latencies of all appends in ms, begin to commit, and appends per second of all together."""
    from django.db import connections

    connections.close_all()
    results, barrier = FORK.Queue(), FORK.Barrier(writers)
    processes = [FORK.Process(target=_write, args=(appends, barrier, results)) for _ in range(writers)]
    for process in processes:
        process.start()
    parts = [results.get() for _ in processes]
    for process in processes:
        process.join()
    seconds = max(end for _, _, end in parts) - min(start for _, start, _ in parts)
    return [latency for latencies, _, _ in parts for latency in latencies], writers * appends / seconds


def _write(appends: int, barrier: object, results: multiprocessing.Queue[tuple[list[float], float, float]]) -> None:
    from bench.appending import appending

    work = appending(1)
    work()  # connects
    barrier.wait()
    started, latencies = time.monotonic(), []
    for _ in range(appends):
        before = time.perf_counter()
        work()
        latencies.append((time.perf_counter() - before) * 1000)
    results.put((latencies, started, time.monotonic()))
