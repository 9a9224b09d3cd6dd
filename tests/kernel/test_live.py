"""Live updates over a real daphne: nothing missed, nothing twice, whatever breaks; a client that does not read goes."""

from __future__ import annotations

import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import connections
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from apps.system.accounts import ensure_first_administrator, set_roles
from apps.system.auth import fingerprint
from apps.system.domain import TokenCreated
from calypso.kernel import store
from calypso.kernel.actors import Permission, Role
from calypso.kernel.events import Change, Kind, Metadata
from calypso.kernel.projections import append
from tests.support.appliance import ROOT, free_port, wait_for

pytestmark = pytest.mark.process

RING, PAGE = 64, 50  # events, small so that a few hundred events go through all ways of reading
PATIENCE, LAST_WORD = 1.0, 3.0  # seconds
SOON = 30.0  # seconds, after which a test has failed

SERVER = f"""
from calypso import server
import django
django.setup()
from calypso.kernel import live
live.RING, live.PAGE, server.PATIENCE, server.LAST_WORD = {RING}, {PAGE}, {PATIENCE}, {LAST_WORD}
import sys
server.serve("127.0.0.1", int(sys.argv[1]))
"""

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


@dataclass
class Web:
    process: subprocess.Popen[bytes]
    port: int

    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")


@contextmanager
def serving(program: str = SERVER) -> Iterator[Web]:
    port = free_port()
    environment = os.environ | {"CALYPSO_PROCESS": "web"}
    process = subprocess.Popen([sys.executable, "-c", program, str(port)], cwd=ROOT, env=environment)
    try:
        wait_for(lambda: process.poll() is not None or listens(port), SOON, "listening")
        yield Web(process, port)
    finally:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def tokens(module_database: str) -> dict[str, str]:
    """Tokens of an administrator and of a viewer."""
    ensure_first_administrator("admin", secrets.token_urlsafe())
    set_roles(User.objects.create_user("viewer"), Role.VIEWER)
    found = {name: f"cal_{secrets.token_urlsafe()}" for name in ("admin", "viewer")}
    facts = [
        TokenCreated(
            token=uuid4(),
            username=name,
            name="test",
            scope=tuple(p.value for p in Permission),
            expires_at=None,
            fingerprint=fingerprint(token),
        )
        for name, token in found.items()
    ]
    with store.writing():
        append([Change(fact.token, fact) for fact in facts], Metadata())
    return found


@pytest.fixture(scope="module")
def web(tokens: dict[str, str]) -> Iterator[Web]:
    with serving() as running:
        yield running


Open = Callable[..., "Client"]


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.ready: list[tuple[int, int]] = []  # (position said, last position received by then)
        self.last = 0

    def next(self) -> dict[str, Any]:
        """The next event's message."""
        while True:
            message = orjson.loads(self.socket.recv(SOON))
            if "control" not in message:
                self.last = message["position"]
                return dict(message)
            assert message["control"] == "ready"
            self.ready.append((message["position"], self.last))

    def until(self, position: int) -> list[int]:
        found = [self.next()["position"]]
        while found[-1] < position:
            found.append(self.next()["position"])
        return found

    def until_ready(self) -> int:
        message = orjson.loads(self.socket.recv(SOON))
        assert message["control"] == "ready", message
        return int(message["position"])

    def closed(self) -> tuple[int, str]:
        """Code and reason of the close that must come next."""
        with pytest.raises(ConnectionClosed) as caught:
            self.socket.recv(SOON)
        assert caught.value.rcvd is not None
        return caught.value.rcvd.code, caught.value.rcvd.reason


@pytest.fixture
def client(web: Web, tokens: dict[str, str]) -> Iterator[Open]:
    """Opens clients; they are closed with the test."""
    with clients(web, tokens) as opened:
        yield opened


@contextmanager
def clients(web: Web, tokens: dict[str, str]) -> Iterator[Open]:
    def opened(query: str = "", who: str = "admin", origin: str | None = "http://127.0.0.1") -> Client:
        token = tokens.get(who, who)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        opening = connect(
            f"ws://127.0.0.1:{web.port}/ws/v1/live{query}",
            additional_headers=headers,
            origin=origin,  # type: ignore[arg-type]
            max_size=None,
            close_timeout=0.2,
            open_timeout=SOON,
        )
        return Client(stack.enter_context(opening))

    with ExitStack() as stack:
        yield opened


def happen(count: int = 1, **values: Any) -> int:
    """Commits events in one transaction and returns the last position."""
    given = {"topic": "tests.Happened.v1", "state": b"{}", "keys": ("tests.thing",)} | values
    envelopes = [store.Envelope(originator_id=uuid4(), originator_version=1, **given) for _ in range(count)]
    positions = store.recorder.insert_events(envelopes)
    assert positions
    return positions[-1]


@contextmanager
def writers(count: int = 3) -> Iterator[Callable[[], int]]:
    """Threads that append one event after the other. Yields what stops them and says where the ledger then ends."""
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.wait(0.002):
                happen(random.randint(1, 3))
        finally:
            connections.close_all()

    def end() -> int:
        stop.set()
        for thread in threads:
            thread.join(SOON)
        return happen()

    threads = [threading.Thread(target=write) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield end
    finally:
        stop.set()


# --- what is said ---


def test_a_client_hears_where_it_starts_and_then_each_event(client: Open) -> None:
    end = happen()
    live = client()
    assert live.until_ready() == end
    assert happen(keys=("storage.pool.tank", "é")) == end + 1
    expected = {"position": end + 1, "type": "tests.Happened.v1", "keys": ["storage.pool.tank", "é"]}
    assert live.next() == expected


def test_since_replays_exactly_and_goes_on(client: Open) -> None:
    """From before, at the edge of, and inside what the server holds in memory."""
    client().until_ready()  # so that the server follows
    end = happen(3 * RING)
    if end % PAGE == 0:
        end = happen()
    starts = [0, 1, end - RING - PAGE, *range(end - RING - 2, end - RING + 3), end - PAGE, end - 1, end]
    opened = [(since, client(f"?since={since}")) for since in starts]
    more = happen(RING // 2)
    for since, live in opened:
        assert live.until(more) == list(range(since + 1, more + 1))
        if not live.ready:
            assert live.until_ready() == more  # it got through only when all had happened
        else:
            ((said, last),) = live.ready
            assert said >= end and last == (said if said > since else 0)


def test_a_program_names_no_origin_and_a_page_of_another_site_is_kept_out(client: Open) -> None:
    end = happen()
    assert client("", "admin", None).until_ready() == end
    with pytest.raises(InvalidStatus) as refused:
        client("", "admin", "http://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_many_that_connect_while_events_are_written_miss_nothing(client: Open) -> None:
    """Each passes from the pages of the database to the ring at some moment of its own."""
    before = happen(4 * RING)
    with writers() as stop:
        opened = [(since, client(f"?since={since}")) for since in (0, before - RING, before) for _ in range(5)]
        readings = []
        with ThreadPoolExecutor(len(opened)) as pool:
            marks = [pool.submit(live.until, before + 3 * RING) for _, live in opened]
            readings = [mark.result(SOON) for mark in marks]
            end = stop()
            rests = [pool.submit(live.until, end) if live.last < end else None for _, live in opened]
            for (since, live), reading, rest in zip(opened, readings, rests, strict=True):
                assert reading + (rest.result(SOON) if rest else []) == list(range(since + 1, end + 1))
                assert len(live.ready) <= 1


def test_reconnecting_with_since_resumes_exactly_while_events_are_written(client: Open) -> None:
    chance, seen, last = random.Random(7), [], happen()
    first = last + 1
    with writers() as stop:
        for _ in range(25):
            live = client(f"?since={last}")
            seen += [live.next()["position"] for _ in range(chance.randint(1, 30))]
            live.socket.close() if chance.random() < 0.5 else live.socket.socket.close()
            last = seen[-1]
        end = stop()
    if last < end:
        seen += client(f"?since={last}").until(end)
    assert seen == list(range(first, seen[-1] + 1)) and seen[-1] == end


def test_clients_that_leave_in_the_middle_of_a_page_disturb_nobody(client: Open) -> None:
    end = happen(2 * RING)
    staying = client(f"?since={end}")
    staying.until_ready()
    for _ in range(15):
        client("?since=0").socket.socket.close()
    more = happen()
    assert staying.until(more) == [more]
    assert client("?since=0").until(more) == list(range(1, more + 1))


# --- who may hear what ---


def test_topics_are_types_keys_and_what_lies_below_them(client: Open) -> None:
    end = happen()
    asked = ["storage", "storage.pool.tank", "tests.A.v1", "storage.pool.tank,system.ntp", "nothing"]
    opened = {topics: client(f"?since={end}&topics={topics}") for topics in asked}
    opened["repeated"] = client(f"?since={end}&topics=system.ntp&topics=tests.B.v1")
    happened = [
        happen(topic=topic, keys=keys)
        for topic, keys in [
            ("tests.A.v1", ("storage.pool.tank",)),
            ("tests.A.v1", ("storage.pool.tank2",)),
            ("tests.B.v1", ("system.ntp",)),
            ("storage.C.v1", ()),
            ("tests.A.v10", ("storages", "x", "storage.pool.tank.data")),
        ]
    ]
    last = happen(topic="tests.A.v1", keys=("storage.pool.tank", "system.ntp", "nothing"))
    expected = {
        "storage": [0, 1, 3, 4],
        "storage.pool.tank": [0, 4],
        "tests.A.v1": [0, 1],
        "storage.pool.tank,system.ntp": [0, 2, 4],
        "nothing": [],
        "repeated": [2],
    }
    for topics, live in opened.items():
        assert live.until(last) == [happened[n] for n in expected[topics]] + [last], topics


def test_security_events_are_heard_only_with_the_permission_audit(client: Open) -> None:
    end = happen()
    everything, public = client(f"?since={end}"), client(f"?since={end}", "viewer")
    secret = happen(kind=Kind.SECURITY, topic="system.LoginFailed.v1")
    last = happen()
    assert everything.until(last) == [secret, last]
    assert public.until(last) == [last]
    assert client(f"?since={end}", "viewer").until(last) == [last]  # from the database's pages, too


@pytest.mark.parametrize("who", ["", "cal_wrong", "not-even-a-token"])
def test_who_is_not_logged_in_is_closed_with_4401(client: Open, who: str) -> None:
    assert client("?since=0", who).closed() == (4401, "Log in first.")


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "%20", "+1", "9" * 19, "٣", "0x1"])
def test_a_since_that_is_no_position_is_closed_with_4400(client: Open, since: str) -> None:
    code, reason = client(f"?since={since}").closed()
    assert code == 4400 and "position" in reason


def test_a_since_behind_the_end_is_closed_with_4409(client: Open) -> None:
    end = happen()
    assert client(f"?since={end + 1}").closed() == (4409, f"The ledger ends at {end}.")
    assert client("?since=999999999999999999").closed()[0] == 4409


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
        wait_for(lambda port=each.port: port not in connected(web), SOON, "dropped")  # type: ignore[misc]
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
