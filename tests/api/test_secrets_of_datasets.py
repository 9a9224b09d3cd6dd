"""A planted passphrase, and a key that Calypso made, are in no event, log, answer, database, file or process list."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_secrets import Said, Talk, bearer, left_behind, lines_of, plant, process_list, talk  # noqa: F401  fixtures
from tests.support.appliance import Appliance, wait_for

pytestmark = pytest.mark.whole

STORAGE = "/api/v1/storage"


def tools() -> bytes:
    """Command lines and environments of all zfs that run now: the appliance's tools do not know its folder."""
    found = b""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            found += line + (folder / "environ").read_bytes() + b"\n" if b"zfs" in line else b""
    return found


@contextmanager
def watched(home: Path) -> Iterator[list[bytes]]:
    """What stood in the process list meanwhile, tools that ran for a moment included."""
    seen: list[bytes] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            seen.append(process_list(home) + tools())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def in_the_database(appliance: Appliance) -> bytes:
    """All rows of all tables as text, the ledger's events decoded."""
    with appliance.database() as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'ledger')"
        ).fetchall()
        rows = [row for (table,) in tables for row in connection.execute(f"SELECT t::text FROM {table} t").fetchall()]
        rows += connection.execute("SELECT convert_from(state, 'UTF8') FROM ledger.event").fetchall()
    return "\n".join(str(row[0]) for row in rows).encode()


def test_no_key_is_left_anywhere(talk: Talk, bearer: str, appliance: Appliance) -> None:  # noqa: F811  fixtures
    def ask(method: str, path: str, body: Any = None, **headers: str) -> Said:
        return talk.ask(method, f"{STORAGE}{path}", body, Authorization=bearer, **headers)

    def done(method: str, path: str, body: Any = None) -> None:
        said = ask(method, f"{path}{'&' if '?' in path else '?'}wait=60", body)
        assert (said.status, said.body["state"]) == (202, "succeeded"), said.text

    def id_of(name: str) -> str:
        return str(next(d["id"] for d in ask("GET", f"/datasets?search={name}").body["items"] if d["name"] == name))

    disk = next(d["id"] for d in ask("GET", "/disks").body["items"] if d["available"])
    done("POST", "/pools", {"name": "keys", "vdevs": [{"type": "stripe", "disks": [disk]}]})
    first, second, wrong, refused = plant(), plant(), plant(), plant()
    with watched(appliance.home) as processes:
        ask("POST", "/datasets?dry_run=true", {"name": "keys/a", "encryption": {"passphrase": plant()}})
        done("POST", "/datasets", {"name": "keys/a", "encryption": {"passphrase": first}})
        typed = id_of("keys/a")
        done("POST", f"/datasets/{typed}/unload-key", {})
        failed = ask("POST", f"/datasets/{typed}/load-key?wait=60", {"passphrase": wrong})
        assert failed.body["error"]["code"] == "wrong_key"
        done("POST", f"/datasets/{typed}/load-key", {"passphrase": first})
        done("POST", f"/datasets/{typed}/change-key", {"passphrase": second})
        for shape in ([refused], {"x": refused}, f"{refused}\n", refused * 40):
            for body in ({"passphrase": shape}, {"passphrase": refused, refused[:3]: 1}, {"name": [refused]}):
                assert ask("POST", f"/datasets/{typed}/change-key", body).status == 422
        gone = "00000000-0000-4000-8000-000000000000"
        assert ask("POST", f"/datasets/{gone}/load-key", {"passphrase": refused}).status == 404
        assert ask("POST", "/datasets", {"name": "keys/a", "encryption": {"passphrase": refused}}).status == 409
        done("POST", "/datasets", {"name": "keys/kept", "encryption": {}})
        kept = id_of("keys/kept")
        done("POST", f"/datasets/{kept}/unload-key", {})
        done("POST", f"/datasets/{kept}/load-key", {})
    shown = ask("POST", f"/datasets/{kept}/export-key", {"reason": "for the safe"})
    assert shown.status == 200
    talk.answers.remove(shown)  # on purpose, and only there
    last = talk.answers[-1].headers["x-request-id"]
    wait_for(lambda: lines_of(appliance, last), 5, "the last request's line")
    places = {
        "the terminal": appliance.output.encode(),
        "the database": in_the_database(appliance),
        "the process list": b"".join(processes),
        "answers": "".join(f"{said.text}{said.headers}" for said in talk.answers).encode(),
        **dict(left_behind(appliance.home)),
    }
    secrets = [first, second, wrong, refused, shown.body["key"]]
    assert [(place, s) for place, content in places.items() for s in secrets if s.encode() in content] == []
    assert b"load-key" in places["the process list"] and b"secret://" in places["the database"]
    vault = list((appliance.home / "vault").iterdir())
    assert len(vault) == 1, "what was typed is forgotten; the kept key is there"
    done("DELETE", f"/datasets/{kept}?confirm=keys/kept")
    assert list((appliance.home / "vault").iterdir()) == []
    done("POST", "/scan", {})
    done("DELETE", "/pools/keys?confirm=keys")
