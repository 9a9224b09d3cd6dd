"""A real daphne with small limits, clients of its live updates, and writers of events.

The fixtures here are made known to a folder of tests by importing them in its conftest.py.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import connections
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from apps.system.accounts import ensure_first_administrator, set_roles
from apps.system.auth import fingerprint
from apps.system.domain.accounts import TokenCreated
from calypso.kernel import store
from calypso.kernel.actors import Permission, Role
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.support.appliance import ROOT, free_port, wait_for

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
    environment = os.environ | {"CALYPSO_PROCESS": "web", "DJANGO_SETTINGS_MODULE": "calypso.settings"}
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
            origin=origin,
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
