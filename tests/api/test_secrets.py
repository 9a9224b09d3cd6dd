"""A planted secret is in no log, event, problem or process list; one id leads from an answer to its lines and events.

Through a real appliance: what is looked at is what its processes have left on the disk and in the ledger.
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from calypso.kernel.errors import TooLarge
from tests.support.appliance import Appliance, processes_of, wait_for

pytestmark = pytest.mark.whole


@dataclass
class Said:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass
class Talk:
    """HTTP to the appliance; keeps all that was answered."""

    appliance: Appliance
    answers: list[Said] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.appliance.port, timeout=30)
        try:
            connection.request(method, path, data, {"Content-Type": "application/json", **named})
            answer = connection.getresponse()
            said = Said(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()
        self.answers.append(said)
        return said


@pytest.fixture
def talk(appliance: Appliance) -> Talk:
    wait_for(lambda: appliance.status() == 200, 30, "answers")
    return Talk(appliance)


@pytest.fixture
def bearer(talk: Talk, appliance: Appliance) -> str:
    answer = talk.ask(
        "POST", "/api/v1/auth/jwt", {"username": appliance.username, "password": appliance.admin_password}
    )
    assert answer.status == 200, answer.text
    return f"Bearer {answer.body['access']}"


# --- one id for a request ---------------------------------------------------------------------------------------------


def lines_of(appliance: Appliance, request_id: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in appliance.logs.splitlines() if request_id in line]
    return [line for line in found if line.get("request_id") == request_id]


def test_a_request_id_leads_from_the_problem_to_the_log(talk: Talk, appliance: Appliance) -> None:
    said = talk.ask("GET", "/api/v1/storage/pools/nothing")
    request_id = said.headers["x-request-id"]
    assert said.status == 401 and said.body["request_id"] == request_id
    [line] = wait_for(lambda: lines_of(appliance, request_id), 5, "the line")
    assert line["status"] == 401 and line["event"] == "GET /api/v1/storage/pools/nothing"
    assert (line["process"], line["client"]) == ("web", "127.0.0.1")


def test_a_proxys_id_is_taken_when_it_is_harmless(talk: Talk) -> None:
    assert talk.ask("GET", "/api/v1/health", X_Request_ID="proxy-0001.a_b").headers["x-request-id"] == "proxy-0001.a_b"
    for bad in ("short", "x" * 65, "a b c d e f g", "<script>alert(1)", "ümläut-ümläut"):
        answer = talk.ask("GET", "/api/v1/health", X_Request_ID=bad.encode("latin-1").decode("latin-1"))
        assert answer.headers["x-request-id"] != bad and len(answer.headers["x-request-id"]) == 32


def test_the_same_id_stands_in_events_operations_and_the_workers_lines(
    talk: Talk, bearer: str, appliance: Appliance
) -> None:
    request_id = uuid4().hex
    said = talk.ask("POST", "/api/v1/storage/scan?wait=20", {}, Authorization=bearer, X_Request_ID=request_id)
    assert (said.status, said.body["state"]) == (202, "succeeded"), said.text
    assert said.headers["x-request-id"] == request_id
    assert said.body["correlation_id"] == str(UUID(request_id))
    with appliance.database() as connection:
        rows = connection.execute(
            "SELECT type FROM ledger.event WHERE correlation_id = %s ORDER BY position", [UUID(request_id)]
        ).fetchall()
    assert [kind.split(".")[1] for (kind,) in rows] == [
        *("OperationRequested", "OperationStarted", "StepStarted", "StepFinished", "OperationSucceeded")
    ]


def test_another_kind_of_id_ties_to_its_events_too(talk: Talk, bearer: str, appliance: Appliance) -> None:
    from apps.system.auth import correlation_of

    said = talk.ask("POST", "/api/v1/storage/scan", {}, Authorization=bearer, X_Request_ID="proxy-0002")
    assert said.body["correlation_id"] == str(correlation_of("proxy-0002"))


# --- large bodies, over the wire --------------------------------------------------------------------------------------


def test_ten_megabytes_are_refused(talk: Talk, bearer: str) -> None:
    for path in ("/api/v1/storage/pools", "/api/v1/auth/login", "/api/v1/auth/jwt"):
        said = talk.ask("POST", path, b"[" + b" " * 10_000_000 + b"]", Authorization=bearer)
        assert (said.status, said.body["code"]) == (413, TooLarge.code), said.text[:500]
        assert said.headers["content-type"] == "application/problem+json"
    assert talk.ask("GET", "/api/v1/health").status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /api/v1/health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /api/v1/storage/pools/%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/health?\xff=\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=\xff\x01; ;=;\r\n\r\n",
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"POST /api/v1/auth/jwt HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST /api/v1/auth/jwt HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"FOO /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_broken_http_is_answered_by_no_5xx(talk: Talk, appliance: Appliance, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", appliance.port), timeout=10) as plain:
        plain.sendall(raw.replace(b"Host: localhost", f"Host: localhost:{appliance.port}".encode()))
        plain.shutdown(socket.SHUT_WR)
        answer = plain.recv(65536)
    assert not answer or 200 <= int(answer.split(b" ")[1]) < 500, answer[:300]
    assert talk.ask("GET", "/api/v1/health").status == 200


# --- planted secrets --------------------------------------------------------------------------------------------------


def plant() -> str:
    return "Planted" + secrets.token_urlsafe(18)


def left_behind(home: Path) -> Iterator[tuple[str, bytes]]:
    """All files of the appliance but the folder of the database and the file that is meant for secrets."""
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(home)
        if path.is_file() and relative.parts[0] != "db" and relative.name != "secrets.env":
            yield str(relative), path.read_bytes()


def process_list(home: Path) -> bytes:
    found = b""
    for pid in processes_of(home):
        try:
            found += Path(f"/proc/{pid}/cmdline").read_bytes() + b"\n"
        except OSError:
            continue
    return found


def test_no_secret_is_left_anywhere(talk: Talk, bearer: str, appliance: Appliance) -> None:
    passwords = {name: plant() for name in ("of nobody", "in the wrong field", "by jwt", "in a problem", "as a form")}
    ask = talk.ask
    ask("POST", "/api/v1/auth/jwt", {"username": "nobody-here", "password": passwords["of nobody"]})
    ask("POST", "/api/v1/auth/jwt", {"username": passwords["in the wrong field"], "password": "x"})
    ask("POST", "/api/v1/auth/jwt", {"username": appliance.username, "password": passwords["by jwt"]})
    ask("POST", "/api/v1/auth/jwt", {"username": ["x"], "password": passwords["in a problem"]})
    form = f"username=admin&password={passwords['as a form']}".encode()
    ask("POST", "/api/v1/auth/jwt", form, Content_Type="application/x-www-form-urlencoded")
    made = ask("POST", "/api/v1/auth/tokens", {"name": "x", "scope": ["read"]}, Authorization=bearer)
    assert made.status == 201
    token = made.body["token"]
    pair = ask("POST", "/api/v1/auth/jwt", {"username": appliance.username, "password": appliance.admin_password}).body
    renewed = ask("POST", "/api/v1/auth/jwt/refresh", {"refresh": pair["refresh"]}).body
    shown_on_purpose = len(talk.answers)
    for credential in (token, pair["access"], renewed["access"]):
        assert ask("GET", "/api/v1/auth/me", Authorization=f"Bearer {credential}").status == 200
    wrong = {"token": "cal_" + plant(), "jwt": f"eyJ{plant()}.{plant()}.{plant()}", "bearer": plant(), "basic": plant()}
    for name in ("token", "jwt", "bearer"):
        assert ask("GET", "/api/v1/auth/me", Authorization=f"Bearer {wrong[name]}").status == 401
    ask("GET", "/api/v1/auth/me", Authorization=f"Basic {wrong['basic']}")
    cookies = {name: plant() for name in ("sessionid", "csrftoken", "other")}
    ask(
        "POST",
        "/api/v1/auth/logout",
        Cookie="; ".join(f"{n}={v}" for n, v in cookies.items()),
        X_CSRFToken=cookies["csrftoken"],
    )
    in_query = {name: plant() for name in ("token", "password", "access_token")}
    for name, value in in_query.items():
        ask("GET", f"/api/v1/storage/pools?{name}={value}", Authorization=bearer)
    assert ask("POST", "/api/v1/storage/scan?wait=20", {}, Authorization=bearer).status == 202
    planted = [
        *passwords.values(), token, token.removeprefix("cal_"), *pair.values(), *renewed.values(), bearer.split()[1],
        *wrong.values(), *cookies.values(), *in_query.values(), appliance.admin_password,
    ]  # fmt: skip
    last = talk.answers[-1].headers["x-request-id"]
    wait_for(lambda: lines_of(appliance, last), 5, "the last request's line")
    with appliance.database() as connection:
        rows = connection.execute("SELECT e::text, convert_from(state, 'UTF8') FROM ledger.event e").fetchall()
    ledger = "\n".join(text for row in rows for text in row)
    places = {
        "the terminal": appliance.output.encode(),
        "the ledger": ledger.encode(),
        "the process list": process_list(appliance.home),
        "later answers": "".join(f"{said.text}{said.headers}" for said in talk.answers[shown_on_purpose:]).encode(),
        **dict(left_behind(appliance.home)),
    }
    assert len(places) > 6 and places["the process list"].count(b"\n") >= 4
    assert b"nobody-here" not in places["the ledger"]
    found = [
        (place, secret, content[content.index(secret.encode()) - 200 :][:400])
        for place, content in places.items()
        for secret in planted
        if secret.encode() in content
    ]
    assert found == []


def test_the_searched_places_would_show_it(talk: Talk, bearer: str, appliance: Appliance) -> None:
    """What is no secret is found in these very places, so that finding none means something."""
    mark = "Harmless" + secrets.token_hex(8)
    said = talk.ask("POST", f"/api/v1/storage/scan?wait=20&x={mark}", {"reason": mark}, Authorization=bearer)
    wait_for(lambda: lines_of(appliance, said.headers["x-request-id"]), 5, "its line")
    assert any(mark.encode() in content for place, content in left_behind(appliance.home) if place.startswith("logs/"))
    with appliance.database() as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM ledger.event WHERE reason = %s", [mark]).fetchall()
    assert count >= 5
    assert b"manage.py" in process_list(appliance.home)
