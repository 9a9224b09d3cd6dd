"""Rows 3 and 4: from just before an append to the message at a WebSocket client; writer, server and clients apart."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from dataclasses import dataclass
from uuid import uuid4

import websockets

from bench.children import bearer, web

FORK = multiprocessing.get_context("fork")
PATIENCE = 15.0  # seconds for the last message


@dataclass(frozen=True)
class Heard:
    """What all clients together got: latencies in ms, how many messages should have come, how fast they were sent."""

    latencies: list[float]
    expected: int
    sent_per_second: float

    @property
    def lost(self) -> int:
        return self.expected - len(self.latencies)


def measure(clients: int, per_second: int, seconds: float) -> Heard:
    from django.db import connections

    connections.close_all()  # or the forked writer would share them
    with web() as address:
        return asyncio.run(_listen(address, bearer(address), clients, per_second, int(per_second * seconds)))


async def _listen(address: str, authorization: str, clients: int, per_second: int, events: int) -> Heard:
    ready = asyncio.Semaphore(0)
    listeners = [asyncio.create_task(_client(address, authorization, events, ready)) for _ in range(clients)]
    async with asyncio.timeout(60):
        for _ in listeners:
            await ready.acquire()
    results = FORK.Queue()
    writer = FORK.Process(target=_write, args=(per_second, events, results))
    writer.start()
    while writer.is_alive():
        await asyncio.sleep(0.1)
    done, pending = await asyncio.wait(listeners, timeout=PATIENCE)
    for task in pending:
        task.cancel()
    heard = [latency for task in done for latency in task.result()]
    return Heard(heard, events * clients, results.get())


async def _client(address: str, authorization: str, events: int, ready: asyncio.Semaphore) -> list[float]:
    latencies: list[float] = []
    url = f"ws://{address}/ws/v1/live?topics=bench"
    headers = {"Authorization": authorization, "Origin": f"http://{address}"}
    async with websockets.connect(url, additional_headers=headers, open_timeout=60, compression=None) as socket:
        async for text in socket:
            now = time.monotonic_ns()
            message = json.loads(text)
            if message.get("control") == "ready":
                ready.release()
            elif "keys" in message:
                latencies.append((now - int(message["keys"][1].rpartition(".")[2])) / 1e6)
            if len(latencies) == events:
                break
    return latencies


def _write(per_second: int, events: int, results: multiprocessing.Queue[float]) -> None:
    """Appends evenly in a process of its own; the key of each event tells when its append began."""
    from bench.appending import NOTE, WHO, Measured
    from calypso.kernel.events import Change
    from calypso.kernel.projections import append
    from calypso.kernel.store import writing

    stream = uuid4()
    with writing():
        pass  # connects
    started = time.monotonic()
    for number in range(events):
        time.sleep(max(0.0, started + number / per_second - time.monotonic()))
        at = time.monotonic_ns()
        with writing():
            append([Change(stream, Measured(note=NOTE, at=at))], WHO)
    results.put(events / (time.monotonic() - started))
