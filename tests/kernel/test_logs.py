"""Logs: ids in every line, one line each, rotation between processes, and no planted secret anywhere."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import get_contextvars

from calypso.kernel import redaction
from calypso.kernel.logfile import LogFile
from calypso.kernel.logs import bind, bound, formatter, get_logger
from calypso.kernel.redaction import MASK, is_secret_name, mask, masked_value, masking, redact

SECRET = "Pl4nted-s3cret!"

Lines = Callable[[], list[str]]


@pytest.fixture(params=["json", "terminal", "journal"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(style: str) -> Iterator[Lines]:
    """Lines of this style, of everything that is logged during the test."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(style, "tests"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    structlog.contextvars.clear_contextvars()
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def planted() -> Iterator[str]:
    with masking(SECRET):
        yield SECRET


def test_a_line_has_the_ids_of_its_context(written: Lines, style: str) -> None:
    bind(request_id="req-1")
    with bound(operation_id="op-2", actor="alice"):
        get_logger("calypso.test").info("pool created", pool="tank")
    logging.getLogger("django.test").warning("after %s", "wards")
    assert get_contextvars() == {"request_id": "req-1"}
    first, second = written()
    for text in ("req-1", "op-2", "alice", "pool created", "tank"):
        assert text in first
    assert "req-1" in second and "op-2" not in second and "after wards" in second
    if style == "json":
        assert json.loads(first)["process"] == "tests"
        assert json.loads(first)["level"] == "info"


def test_the_journal_knows_the_priority(written: Lines, style: str) -> None:
    get_logger("x").error("broken")
    assert written()[0].startswith("<3>") == (style == "journal")


def test_an_exception_is_one_line_and_whole_in_the_file(written: Lines, style: str) -> None:
    try:
        raise RuntimeError("first\nsecond")
    except RuntimeError:
        get_logger("x").exception("failed")
    [line] = written()
    assert "second" in line
    assert ("Traceback" in line) == (style == "json")


def test_a_forged_line_stays_one_line(written: Lines) -> None:
    get_logger("x").info("hello\n12:00:00 web info forged", name="\x1b[2Jgone\r\n")
    [line] = written()
    assert "\x1b" not in line


def test_a_planted_secret_is_in_no_line(written: Lines, planted: str) -> None:
    log = get_logger("x")
    log.info(f"tool said {planted}", output=f"… {planted} …", nested={"deep": [planted, {planted: planted}]})
    log.info("login", password="short", api_token="a" * 9, headers={"Authorization": "Basic dXNlcjpwYXNz"})
    logging.getLogger("psycopg").warning("connecting to postgresql://calypso:%s@host/db", planted)
    logging.getLogger("django").error("values %r", {"password": planted}, extra={"cookie": "sessionid=abcdef"})
    try:
        raise ValueError(f"bad chap secret {planted}")
    except ValueError:
        log.exception("failed")
    text = "\n".join(written())
    assert planted not in text
    assert len(written()) == 5
    for other in ("short", "a" * 9, "dXNlcjpwYXNz", "abcdef"):
        assert other not in text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end", "eyJzdWIiOiIxIn0"),
        ("token cal_9fKx2LmQ7aZ0pR4t used", "9fKx2LmQ7aZ0pR4t"),
        ("postgresql://calypso:hunter22@db/calypso", "hunter22"),
        ("GET /ws?token=abc123&topics=x", "abc123"),
        ('{"password": "p\\"w, 1", "name": "tank"}', 'p\\"w, 1'),
        ("{'chap_secret': 'abcdefghijkl'}", "abcdefghijkl"),
        ("--password hunter22 --name x", "hunter22"),
        ("PGPASSWORD=hunter22 psql", "hunter22"),
        ("Cookie: sessionid=abcdef123; csrftoken=ghijkl456", "abcdef123"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA\n-----END OPENSSH PRIVATE KEY-----", "b3BlbnNzaA"),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "cut off"),
    ],
)
def test_secrets_are_known_by_their_shape(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert MASK in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "zpool create tank mirror sda sdb",
        "key status: available",
        "12:30:01 pool tank is DEGRADED: 1 device",
        "https://host:8443/path",
        "the token expired; log in again",
        "idempotency-key reused",
        "secret://chap/7 is referenced",
        "passed 3 of 4 tests",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "chap_secret", "Authorization", "Set-Cookie", "apiToken", "SIGNING_KEY", "csrftoken"],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)
    assert masked_value(name, 123456) == MASK


@pytest.mark.parametrize("name", ["idempotency_key", "name", "monkey", "keys", "passed", "tokens_left", "key"])
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


def test_a_reference_to_a_secret_is_shown() -> None:
    assert masked_value("password", "secret://chap/7") == "secret://chap/7"
    assert masked_value("password", None) is None


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=8, max_size=40))
def test_a_registered_value_never_comes_through(value: str) -> None:
    with masking(value):
        mask(value)  # twice: whoever asked for it first still has it masked when the other is done
        with masking(value):
            pass
        assert value not in redact(f"before {value}{value} after")
    del redaction._values[value]


def test_files_are_private_and_rotated_by_size(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "web.jsonl"), max_bytes=1000, keep=2)
    for number in range(100):
        log.emit(record(f"{number:04} " + "x" * 45))
    log.close()
    files = sorted(tmp_path.glob("web.jsonl*"))
    assert [path.name for path in files] == ["web.jsonl", "web.jsonl.1", "web.jsonl.2"]
    assert all(path.stat().st_size <= 1051 for path in files)
    assert "0099" in files[0].read_text()
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_forked_writers_lose_no_line_while_rotating(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "worker.jsonl"), max_bytes=5_000, keep=1000)
    log.emit(record("start"))
    pids = []
    for writer in range(4):
        pid = os.fork()
        if pid == 0:
            for number in range(300):
                log.emit(record(f"{writer} {number} " + "y" * 40))
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    lines = [line for path in tmp_path.glob("worker.jsonl*") for line in path.read_text().splitlines()]
    assert len(lines) == len(set(lines)) == 1 + 4 * 300
    assert len(list(tmp_path.glob("worker.jsonl*"))) > 5


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "", 0, text, (), None)
