"""The appliance under load when its parts are killed outright: PostgreSQL, and the whole worker with its tools."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from calypso import postgres
from calypso.lab.state import change
from tests.support.appliance import Appliance, wait_for
from tests.support.remote import ENDED, Remote

pytestmark = pytest.mark.whole


@dataclass
class Load:
    """Threads that ask for tokens and scans without a pause, and remember every answer."""

    remote: Remote
    operations: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    refused: list[httpx.Response] = field(default_factory=list)
    wrong: list[httpx.Response] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)
    stopping: bool = False

    def run(self, number: int) -> None:
        try:
            self.ask(number)
        except BaseException as error:  # an answer that broke off, for example
            self.broken.append(error)

    def ask(self, number: int) -> None:
        count = 0
        with httpx.Client(base_url=self.remote.http.base_url, headers=self.remote.http.headers, timeout=30) as http:
            while not self.stopping:
                count += 1
                if number % 2:
                    body = {"name": f"load-{number}-{count}", "scope": ["read"]}
                    self.note(http.post("/auth/tokens", json=body), self.tokens, 201)
                else:
                    self.note(http.post("/storage/scan", json={"reason": f"load {number}"}), self.operations, 202)
                    time.sleep(0.2)  # a scan takes a while, and only one runs at a time

    def note(self, answer: httpx.Response, accepted: list[str], expected: int) -> None:
        if answer.status_code == expected:
            accepted.append(answer.json()["id"])
        elif answer.status_code == 503:
            self.refused.append(answer)
            time.sleep(0.05)
        else:
            self.wrong.append(answer)


@pytest.fixture
def load(remote: Remote) -> Iterator[Load]:
    made = Load(remote)
    threads = [threading.Thread(target=made.run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    yield made
    made.stopping = True
    for thread in threads:
        thread.join()


def kill_postgresql(appliance: Appliance, load: Load) -> float:
    """Returns the seconds until requests of both kinds were accepted again."""
    before, answered, killed = postgres.server_pid(appliance.home / "db"), len(load.refused), time.monotonic()
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: len(load.refused) > answered, 20, "somebody is told to wait")
    wait_for(lambda: postgres.server_pid(appliance.home / "db") not in (None, before), 20, "another server")
    tokens, operations = len(load.tokens), len(load.operations)
    wait_for(lambda: len(load.tokens) > tokens + 10 and len(load.operations) > operations, 30, "it goes on")
    return time.monotonic() - killed


def test_postgresql_killed_under_load_costs_no_acknowledged_request(
    appliance: Appliance, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = {name: appliance.child(name) for name in ("web", "worker", "observer")}
    wait_for(lambda: load.wrong or load.broken or (load.operations and len(load.tokens) > 20), 30, "the load runs")
    assert not load.wrong, load.wrong[0].text
    away = [kill_postgresql(appliance, load) for _ in range(2)]
    load.stopping = True

    assert [(a.status_code, a.text[:300]) for a in load.wrong] == []
    assert load.broken == []
    for answer in load.refused:
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert (answer.json()["status"], answer.json()["code"]) == (503, "database_unavailable")

    with appliance.database() as database:
        known = {str(row[0]) for row in database.execute("SELECT id FROM system_token")}
        assert set(load.tokens) <= known, "every token that was given exists"

        def ends() -> Counter[str]:
            rows = database.execute("SELECT id, state FROM kernel_operation")
            states = {str(operation): state for operation, state in rows}
            return Counter(states.get(operation, "lost") for operation in load.operations)

        wait_for(lambda: all(state in (*ENDED, "lost") for state in ends()), 60, "every operation ends")
        assert ends() == {"succeeded": len(load.operations)}
    assert processes == {name: appliance.child(name) for name in processes}, "each reconnected by itself"
    operation = load.remote.ask("/storage/scan")
    assert load.remote.end(operation["id"])["state"] == "succeeded"
    with capsys.disabled():
        counts = f"{len(load.tokens)} tokens, {len(load.operations)} scans, {len(load.refused)} times 503"
        print(f"\nPostgreSQL killed twice under load: {counts}; served again after {max(away):.1f} s")


def test_the_whole_worker_killed_at_work_comes_back_and_ends_what_it_began(
    appliance: Appliance, remote: Remote
) -> None:
    """The lab's state is locked meanwhile, so that `zpool create` waits: the kill comes in the middle of the step."""
    worker = appliance.child("worker")
    assert worker
    body = {"name": "crash", "vdevs": [{"type": "mirror", "disks": remote.free_disks(2)}], "reason": "kill"}
    with change(appliance.home / "lab" / "state.db"):
        made = remote.ask("/storage/pools", **body)["id"]
        tool = wait_for(lambda: creating(appliance), 20, "the tool was started")
        os.killpg(worker, signal.SIGKILL)
        wait_for(lambda: appliance.child("worker") not in (None, worker), 10, "another worker")
        again = wait_for(lambda: creating(appliance) - tool, 20, "the tool is started anew")
        assert len(again) == 1
        assert not creating(appliance) & tool, "the first has ended with its worker"
    ended = remote.end(made, 40)
    assert (ended["state"], ended["error"]) == ("succeeded", None)
    pools = remote.http.get("/storage/pools").json()["items"]
    assert [pool["name"] for pool in pools].count("crash") == 1
    told = Counter(name.split(".")[1] for _, name, state in appliance.events("operations.") if made.encode() in state)
    assert told == {
        "OperationRequested": 1,
        "OperationStarted": 1,
        "StepStarted": 2,
        "StepFinished": 1,
        "OperationSucceeded": 1,
    }
    gone = remote.http.delete("/storage/pools/crash?confirm=crash&reason=done").json()
    assert remote.end(gone["id"])["state"] == "succeeded"


def creating(appliance: Appliance) -> set[int]:
    """The processes of this appliance's `zpool create`."""
    mark = f"CALYPSO_LAB_STATE={appliance.home}/lab/state.db".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                argv = folder.joinpath("cmdline").read_bytes().split(b"\0")
                environment = folder.joinpath("environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"create" in argv and any(part.endswith(b"/zpool") for part in argv) and mark in environment:
                found.add(int(folder.name))
    return found
