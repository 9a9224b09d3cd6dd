"""REST in this process: people of each role with a browser or a token, and the simulated box under it.

The fixtures here are made known to a folder of tests by importing them in its conftest.py.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from apps.audit.models import LedgerEvent
from apps.storage.observe.scan import observe
from apps.system import auth
from apps.system.accounts import set_roles
from calypso.kernel import actors, executor, shell, store
from calypso.kernel.actors import Permission, Role
from tests.support.lab_box import Box

API = "/api/v1"


@dataclass
class Answer:
    """What came back. `body` is the JSON, or None for none."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    def problem(self) -> dict[str, Any]:
        """The body, which must be a whole problem of this very status."""
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.body)
        assert isinstance(self.body, dict)
        assert self.body["status"] == self.status
        assert self.body["type"] == f"urn:calypso:problem:{self.body['code']}"
        assert self.body["title"]
        return self.body


@dataclass
class Person:
    """Somebody at the API, by session (with the CSRF token, as a browser would) or by a bearer credential."""

    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False))
    bearer: str = ""
    username: str = ""

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | str | None = None, **more: Any) -> Answer:
        """body: sent as JSON; raw: sent as it is. more: headers as META names (HTTP_IF_MATCH)."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.bearer}"} if self.bearer else {}
        if "csrftoken" in self.client.cookies:
            headers["HTTP_X_CSRFTOKEN"] = self.client.cookies["csrftoken"].value
        content = {"content_type": "application/json"}
        data = b"" if body is None and raw is None else json.dumps(body) if raw is None else raw
        with _unbroken_transaction():
            response = self.client.generic(method, _full(path), data, **{**content, **headers, **more})
        kind = response.headers.get("Content-Type", "")
        content_bytes = b"" if response.streaming else response.content
        parsed = json.loads(content_bytes) if "json" in kind and content_bytes else None
        return Answer(response.status_code, parsed, {k.lower(): v for k, v in response.headers.items()})

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.ask("POST", path, body, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self.ask("DELETE", path, **more)


def _full(path: str) -> str:
    return path if path.startswith(("/api", "/admin")) else API + path


@contextlib.contextmanager
def _unbroken_transaction() -> Any:
    """A statement that the database refused breaks only itself, as in production, not the test's transaction."""
    if not connection.in_atomic_block:
        yield
        return
    savepoint = transaction.savepoint()
    yield
    status = connection.connection.info.transaction_status
    if status == psycopg.pq.TransactionStatus.INERROR or connection.needs_rollback:
        connection.needs_rollback = False
        transaction.savepoint_rollback(savepoint)


def person(*roles: Role, name: str = "", password: str | None = None) -> Person:
    """An account with these roles, logged in by session and with a CSRF token."""
    name = name or "-".join(roles) or "nobody"
    user = User.objects.create_user(name, password=password)
    set_roles(user, *roles)
    known = Person(username=name)
    known.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    known.get("/auth/csrf")
    return known


def stranger() -> Person:
    """Nobody in particular, but with a CSRF token."""
    unknown = Person()
    unknown.get("/auth/csrf")
    return unknown


def by_token(owner: Person, *scope: Permission, **more: Any) -> Person:
    """The same person by a new personal API token of this scope."""
    made = owner.post("/auth/tokens", {"name": "script", "scope": list(scope), **more})
    assert made.status == 201, made
    return Person(bearer=made.body["token"], username=owner.username)


# --- the ledger -------------------------------------------------------------------------------------------------------


def events_after(position: int, prefix: str = "") -> list[LedgerEvent]:
    return list(LedgerEvent.objects.filter(position__gt=position, type__startswith=prefix).order_by("position"))


def types_after(position: int) -> list[str]:
    """Type names without the context and version: ``PoolCreated``."""
    return [event.type.split(".")[1] for event in events_after(position)]


@contextlib.contextmanager
def nothing_recorded() -> Any:
    """Fails when the ledger has grown meanwhile."""
    before = store.position()
    yield
    assert types_after(before) == []


@pytest.fixture(autouse=True)
def _as_new(settings: Any) -> Any:
    """Requests in this process leave their actor and what they coalesced behind; in production each has a task."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # 0.3 s less a password
    token = actors._acting.set(actors.SYSTEM)
    auth._coalescer._seen.clear()
    yield
    actors._acting.reset(token)


# --- the box ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain_box(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Box:
    """A lab of the test's own, on its first day; its tools are started as processes. No real disk is looked at."""
    path = tmp_path / "lab" / "state.db"
    settings.CALYPSO_LAB_STATE, settings.CALYPSO_BOX_ROOT = path, path.parent / "root"
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(path))
    monkeypatch.setattr("apps.storage.devices.real_disks", list)
    return Box(path)


@pytest.fixture
def box(plain_box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    """The same with its tools called in this process: some milliseconds each instead of a start of Python."""

    def run(argv: Sequence[str], *, stdin: bytes | None = None, **_: Any) -> shell.Result:
        started = time.monotonic()
        done = plain_box.run(*argv, stdin=stdin or b"")
        said = (done.stdout, done.stderr)
        digest = sha256("".join(said).encode()).hexdigest()
        return shell.Result(tuple(argv), done.exit_code, *said, time.monotonic() - started, digest, len("".join(said)))

    monkeypatch.setattr(shell, "run", run)
    return plain_box


def disk_ids(box: Box) -> list[str]:
    """The by-id names of the lab's disks: 0-9 large, 10-11 SSD, 12-13 NVMe, 14 small, 15 with ext4 on it."""
    return [str(disk["id"]) for disk in box.state()["disks"]]


def path_of(disk: str) -> str:
    return f"/dev/disk/by-id/{disk}"


@pytest.fixture
def tank(db: None, box: Box) -> Box:
    """The box with a mirror “tank” of its first two disks, made by hand and then seen."""
    first, second = disk_ids(box)[:2]
    box.ok("zpool", "create", "tank", "mirror", path_of(first), path_of(second))
    observe()
    return box


def finish(operation: str | UUID) -> None:
    """What the worker does with an operation, here and now."""
    executor.run(str(operation))
