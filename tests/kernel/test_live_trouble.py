"""Live updates over a real daphne: nothing missed, whatever breaks; a client that does not read goes."""

from __future__ import annotations

import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest

from calypso.kernel import store
from tests.support.appliance import wait_for
from tests.support.live import LAST_WORD, PAGE, PATIENCE, RING, SERVER, SOON, Open, Web, clients, happen, serving

pytestmark = pytest.mark.process

# A server that takes its time to reach the database and to read what it was notified of.
SLUGGISH = SERVER.replace(
    "import sys",
    """
import asyncio, sys
def late(function, seconds):
    async def later(*args):
        await asyncio.sleep(seconds)
        return await function(*args)
    return later
live.Bridge._listen = late(live.Bridge._listen, 1)
live.Bridge._read_new = late(live.Bridge._read_new, 0.2)
""",
)


# --- what breaks ---


def test_connections_that_postgresql_ends_are_made_again_and_nothing_is_missed(client: Open) -> None:
    end = happen(2 * RING)
    live = client(f"?since={end}")
    live.until_ready()
    client("?since=0").until(end)  # the connection for pages is open
    for _ in range(3):
        killed = store.query(
            """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'calypso-web'
                 AND query LIKE '%%FROM ledger.%%'"""
        )
        assert killed == [(True,)] * 2  # the bridge's own, and that for pages
        more = happen(RING + 5)  # more than the ring holds, unheard
        assert live.until(more) == list(range(end + 1, more + 1))
        assert client("?since=0").until(more) == list(range(1, more + 1))
        end = more


def test_all_that_connect_first_at_once_start_where_they_asked(tokens: dict[str, str]) -> None:
    """Right after a start, when everybody comes back; and they hear when the server ends."""
    end = happen(5)
    with serving(SLUGGISH) as fresh, clients(fresh, tokens) as client:
        with ThreadPoolExecutor(12) as pool:
            opened = list(pool.map(client, [f"?since={end}", ""] * 6))
        assert [live.until_ready() for live in opened] == [end] * 12
        more = happen()
        assert [live.next()["position"] for live in opened] == [more] * 12
        for _ in range(3):  # what was just committed is not ahead, though the server has yet to hear of it
            more = happen()
            assert client(f"?since={more}").until_ready() == more
        assert [live.until(more) for live in opened] == [list(range(more - 2, more + 1))] * 12
        fresh.process.send_signal(signal.SIGTERM)
        assert {live.closed() for live in opened} == {(1012, "Calypso stops or restarts.")}
        assert fresh.process.wait(SOON) == 0


# --- who does not read ---


class Deaf:
    """A client that opens and then reads nothing until it is asked to."""

    def __init__(self, web: Web, token: str, since: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.socket.settimeout(SOON)
        self.socket.connect(("127.0.0.1", web.port))
        self.port = self.socket.getsockname()[1]
        request = [
            f"GET /ws/v1/live?since={since} HTTP/1.1", "Host: 127.0.0.1", "Origin: http://127.0.0.1",
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Authorization: Bearer {token}",
        ]  # fmt: skip
        self.socket.sendall("\r\n".join([*request, "", ""]).encode())

    def all(self) -> bytes:
        """Reads all that still comes until the server has ended the connection."""
        data = bytearray()
        try:
            while piece := self.socket.recv(1 << 16):
                data += piece
        except ConnectionResetError:
            pass
        return bytes(data).partition(b"\r\n\r\n")[2]


def connected(web: Web) -> set[int]:
    """The ports of the clients that a server has a connection with (proc_pid_net(5))."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(remote.partition(":")[2], 16)
        for _, local, remote, state, *_ in rows
        if int(local.partition(":")[2], 16) == web.port and state == "01"
    }


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Opcode and payload of the server's whole frames (RFC 6455 §5.2)."""
    found, at = [], 0
    while at + 2 <= len(data):
        length, start = data[at + 1], at + 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, start = int.from_bytes(data[start : start + size], "big"), start + size
        if start + length > len(data):
            break
        found.append((data[at] & 15, data[start : start + length]))
        at = start + length
    return found


BIG = tuple(f"tests.{number}.{secrets.token_hex(500)}" for number in range(20))  # 20 kB in all
MANY = 1500  # 30 MB for each client


@pytest.fixture
def deaf(web: Web, tokens: dict[str, str]) -> Iterator[Callable[[int], Deaf]]:
    with ExitStack() as stack:

        def opened(since: int) -> Deaf:
            client = Deaf(web, tokens["admin"], since)
            stack.enter_context(client.socket)
            return client

        yield opened


def test_clients_that_do_not_read_are_dropped_and_cost_nobody_anything(
    web: Web, client: Open, deaf: Callable[[int], Deaf]
) -> None:
    start = happen()
    good = client(f"?since={start}&topics=tests")
    good.until_ready()
    with ThreadPoolExecutor(1) as pool:
        end = happen(RING + PAGE, keys=BIG)  # what the server itself keeps is full before anything is measured
        assert good.until(end) == list(range(start + 1, end + 1))
        before = peak = web.memory()
        ignorant = [deaf(since) for since in (0, start, end, end, end)]
        last = end + MANY
        reading = pool.submit(good.until, last)
        for _ in range(MANY // 50):
            happen(50, keys=BIG)
            peak = max(peak, web.memory())
        assert reading.result(SOON) == list(range(end + 1, last + 1))
    for each in ignorant:
        wait_for(lambda port=each.port: port not in connected(web), SOON, "dropped")
        assert len(each.all()) < 10e6  # what the operating system held for it, of 30 MB
    assert max(peak, web.memory()) - before < 15e6, (before, peak)
    assert happen() == good.until(last + 1)[-1]


def test_a_client_that_reads_again_hears_that_it_was_too_slow(deaf: Callable[[int], Deaf]) -> None:
    start = happen()
    happen(600, keys=BIG)
    for _ in range(5):
        slow, opened = deaf(start), time.monotonic()
        time.sleep(PATIENCE + 0.5)  # it has been told by now, and isn't yet aborted …
        if time.monotonic() - opened < PATIENCE + LAST_WORD / 2:  # … if this machine kept the time
            break
    *told, (opcode, payload) = frames(slow.all())
    positions = [orjson.loads(said)["position"] for _, said in told if b'"control"' not in said]
    assert positions == list(range(start + 1, start + len(positions) + 1)) and 0 < len(positions) < 600
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 4408)
    assert payload[2:].decode() == f"Too slow; reconnect with since={positions[-1]}."
