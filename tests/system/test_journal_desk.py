"""Logs from the lab's journalctl over the desk: pages, filters, rotation, and a noisy unit that is followed."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.system import journal
from apps.system.adapters.journalctl import LogQuery
from apps.system.observe import journal_desk, units
from calypso.kernel.actors import Role
from calypso.kernel.errors import CalypsoError
from calypso.lab import journal as lab
from calypso.lab.state import change
from tests.support.appliance import wait_for
from tests.support.rest import Person, person

pytestmark = [pytest.mark.process, pytest.mark.django_db]
CRON = "cron.service"


@pytest.fixture
def desk(plain_box: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The observer's desk, over a lab whose units were seen."""
    stop = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(journal, "socket_path", lambda: Path(folder) / "journal.sock")
        thread = threading.Thread(target=journal_desk.serve_forever, args=(stop,), daemon=True)
        thread.start()
        wait_for((Path(folder) / "journal.sock").exists, 20, "the desk is open")
        units.look_at_all()
        yield
        stop.set()
        thread.join(20)


@pytest.fixture
def viewer(desk: None) -> Person:
    return person(Role.VIEWER)


def write(*messages: str, unit: str = CRON, **more: Any) -> None:
    with change() as state:
        for message in messages:
            lab.write(state, unit, message, identifier="cron", pid=7, **more)


def messages(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["message"] for item in answer.body["items"]]


def log(who: Person, query: str = "", unit: str = CRON) -> Any:
    return who.get(f"/system/services/{unit}/log{query}")


def test_the_newest_come_first_and_pages_lead_through_all(viewer: Person) -> None:
    write(*(f"line {n}" for n in range(25)))
    write("of another", unit="ssh.service")
    found, cursor = [], ""
    for _ in range(3):
        page = log(viewer, f"?limit=10&cursor={cursor}")
        found += messages(page)
        cursor = (page.body["next"] or "").replace(";", "%3B")
    assert (found, cursor) == ([f"line {n}" for n in range(24, -1, -1)], "")


def test_entries_are_chosen_by_priority_text_and_time(viewer: Person) -> None:
    write("all is well", "password=hunter2hunter2")
    write("Disk [A] on fire", priority=2)
    assert messages(log(viewer, "?priority=err")) == ["Disk [A] on fire"]
    assert messages(log(viewer, "?text=disk%20%5Ba")) == ["Disk [A] on fire"]
    assert messages(log(viewer, "?since=2099-01-01T00:00:00Z")) == []
    assert len(messages(log(viewer, "?until=2099-01-01T00:00:00Z"))) == 3
    assert "hunter2" not in str(log(viewer).body)


def test_a_cursor_that_was_rotated_away_and_other_bad_ones(viewer: Person) -> None:
    write(*(f"line {n}" for n in range(25)))
    cursor = log(viewer, "?limit=20").body["next"].replace(";", "%3B")
    with change() as state:
        lab.rotate(state, 3)
    gone = log(viewer, f"?cursor={cursor}")
    assert (gone.status, gone.body["code"]) == (409, "cursor_gone")
    assert log(viewer, "?cursor=bogus").body["code"] == "bad_cursor"
    assert log(viewer, unit="nope.service").status == 404
    assert log(viewer, unit="..%2Fx.service").body["code"] == "bad_unit_name"


def test_without_the_observer_it_is_said(
    db: None, plain_box: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(journal, "socket_path", lambda: tmp_path / "none")
    units.look_at_all()
    answer = log(person(Role.VIEWER))
    assert (answer.status, answer.body["code"]) == (503, "observer_away")


# --- followed ---


async def collected(query: LogQuery, until: int, meanwhile: Any) -> tuple[list[str], int, int]:
    """What is told until so many entries were told or dropped: messages, how many were dropped, the largest batch."""
    found: list[str] = []
    dropped = largest = 0
    async with asyncio.timeout(60):
        async for batch in journal.follow(query):
            if meanwhile is not None:
                await asyncio.to_thread(meanwhile)
                meanwhile = None
            found += [entry["message"] for entry in batch["entries"]]
            dropped += batch.get("dropped", 0)
            largest = max(largest, len(batch["entries"]))
            if len(found) + dropped >= until:
                break
    return found, dropped, largest


def followed(query: LogQuery, until: int, meanwhile: Any = None) -> tuple[list[str], int, int]:
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(asyncio.run(collected(query, until, meanwhile))))
    thread.start()
    thread.join(90)
    assert got, "it came to nothing"
    return got[0]


def test_a_log_is_followed_from_its_last_lines_on(desk: None) -> None:
    write("one", "two")
    found, dropped, _ = followed(LogQuery(unit=CRON), 4, lambda: write("three", "four"))
    assert (found, dropped) == (["one", "two", "three", "four"], 0)


def test_a_noisy_unit_is_cut_to_the_newest_and_the_rest_is_counted(desk: None) -> None:
    count = 5000
    write("one")
    noise = [f"noise {n}" for n in range(count)]
    found, dropped, largest = followed(LogQuery(unit=CRON), count + 1, lambda: write(*noise))
    assert len(found) + dropped == count + 1
    assert largest <= journal_desk.MOST_A_FLUSH and dropped > 0
    assert found[-1] == noise[-1], "the newest are kept"


def test_too_many_followers_are_refused(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_desk, "_followers", threading.BoundedSemaphore(1))
    assert journal_desk._followers.acquire(blocking=False)

    async def ask() -> None:
        async for _ in journal.follow(LogQuery(unit=CRON)):
            pass

    with pytest.raises(CalypsoError) as caught:
        asyncio.run(ask())
    assert caught.value.code == "too_many_followers"
