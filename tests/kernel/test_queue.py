"""The queue: the worker is woken at once, takes nothing but operations, and loses none when its processes die."""

from __future__ import annotations

import base64
import fcntl
import os
import pickle
import signal
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from picklefield.fields import dbsafe_decode

from calypso.kernel import executor, queue, store
from calypso.kernel.locks import operation_lock
from tests.support.appliance import Appliance, children, wait_for
from tests.support.deeds import Deeds
from tests.support.remote import Remote

pytestmark = pytest.mark.process


@pytest.fixture
def broker(fresh_database: str) -> Iterator[queue.Broker]:
    made = queue.Broker(django_settings.Q_CLUSTER["name"])
    yield made
    if made._listener is not None:
        made._listener.close()


def tasks(broker: queue.Broker) -> list[str]:
    """The operations that the broker hands out now, one dequeue after the other, until it has none."""
    found: list[str] = []
    while rows := broker.dequeue() or (broker.dequeue() if OrmQ.objects.filter(lock__lt=timezone.now()) else []):
        for _, package in rows:
            task = SignedPackage.loads(package)
            assert (task["func"], task["kwargs"], len(task["args"])) == ("calypso.kernel.executor.run", {}, 1)
            found += task["args"]
    return found


def put(payload: str) -> None:
    OrmQ.objects.create(
        key=django_settings.Q_CLUSTER["name"], payload=payload, lock=timezone.now() - timedelta(seconds=1)
    )


# --- what leaves it -------------------------------------------------------------------------------------------------


def test_an_operation_is_handed_out_once(deeds: Deeds, broker: queue.Broker) -> None:
    operations = [str(deeds.ask(name).pk) for name in "abc"]
    assert tasks(broker) == operations
    assert OrmQ.objects.count() == 3, "kept until they are acknowledged"
    assert tasks(broker) == []


class Touches:
    """Unpickled, it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mknod, (str(self.mark),)


@pytest.mark.parametrize("kind", ["signed", "pickle", "unknown", "words", "empty", "dressed", "sql"])
def test_what_is_no_operation_is_dropped_unread(deeds: Deeds, broker: queue.Broker, kind: str, tmp_path: Path) -> None:
    mark = tmp_path / "unpickled"
    known = str(deeds.ask("a").pk)
    OrmQ.objects.all().delete()
    put(
        {
            "signed": SignedPackage.dumps({"func": "os.system", "args": (f"touch {mark}",), "evil": Touches(mark)}),
            "pickle": pickle.dumps(Touches(mark)).hex(),
            "unknown": str(uuid4()),
            "words": "os.system",
            "empty": "",
            "dressed": f"{{{known.upper()}}}",
            "sql": f"{known}' OR '1'='1",
        }[kind]
    )
    put(known)
    assert tasks(broker) == [known], "what is behind it is handed out"
    assert list(OrmQ.objects.values_list("payload", flat=True)) == [known]
    assert not mark.exists()


def test_a_planted_result_is_never_unpickled(appliance: Appliance, remote: Remote, tmp_path: Path) -> None:
    """The table of django-q2's results is one that the web process may write, and holds pickles."""
    mark = tmp_path / "unpickled"
    bomb = base64.b64encode(pickle.dumps(Touches(mark))).decode()
    dbsafe_decode(bomb)
    assert mark.exists(), "the bomb is one"
    mark.unlink()
    with appliance.database() as database:
        for _ in range(3):
            database.execute(
                "INSERT INTO django_q_task (id, name, func, args, kwargs, result, started, stopped, success,"
                " attempt_count) VALUES (%s, 'x', 'y', %s, %s, %s, now(), now(), true, 1)",
                [uuid4().hex, bomb, bomb, bomb],
            )
    assert remote.end(remote.ask("/storage/scan")["id"])["state"] == "succeeded"
    with appliance.database() as database:
        left = "SELECT count(*) FROM django_q_ormq"
        wait_for(lambda: database.execute(left).fetchone() == (0,), 20, "acknowledged, after the result was kept")
        database.execute("DELETE FROM django_q_task WHERE name = 'x'")
    assert not mark.exists()


def test_an_operation_that_has_ended_leaves_the_queue(deeds: Deeds, broker: queue.Broker) -> None:
    operation = deeds.ask("a")
    executor.run(str(operation.pk))
    assert tasks(broker) == []
    assert not OrmQ.objects.exists()


# --- what comes back ------------------------------------------------------------------------------------------------


def test_lost_rows_are_revived(deeds: Deeds, broker: queue.Broker) -> None:
    operation = deeds.ask("a")
    OrmQ.objects.all().delete()
    wait_for(lambda: tasks(broker) == [str(operation.pk)], 10, "handed out")


def test_a_queued_row_is_not_multiplied(deeds: Deeds, broker: queue.Broker) -> None:
    operation = deeds.ask("a")
    for _ in range(5):
        queue.revive()
    assert list(OrmQ.objects.values_list("payload", flat=True)) == [str(operation.pk)]


def test_what_somebody_has_in_hand_is_not_revived(deeds: Deeds, broker: queue.Broker) -> None:
    operation = deeds.ask("a")
    OrmQ.objects.all().delete()
    with operation_lock(operation.pk) as lock:
        assert lock is not None
        queue.revive()
        assert not OrmQ.objects.exists()
    queue.revive()
    assert OrmQ.objects.count() == 1


def test_what_a_dead_worker_had_in_hand_is_due_when_the_broker_starts(deeds: Deeds, broker: queue.Broker) -> None:
    operation = deeds.ask("a")
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=60))
    assert tasks(broker) == [str(operation.pk)]


def test_the_broker_survives_a_lost_connection(deeds: Deeds, broker: queue.Broker, fresh_database: str) -> None:
    assert tasks(broker) == []
    store.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND usename = current_user AND datname = current_database()"
    )
    operation = deeds.ask("a")
    wait_for(lambda: tasks(broker) == [str(operation.pk)], 10, "handed out")


# --- the running appliance ------------------------------------------------------------------------------------------


def test_an_operation_runs_without_a_visible_delay(
    appliance: Appliance, remote: Remote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.end(remote.ask("/storage/scan")["id"])
    waits = []
    for _ in range(20):
        operation = remote.end(remote.ask("/storage/scan")["id"])
        assert operation["state"] == "succeeded"
        asked, started = (datetime.fromisoformat(operation[name]) for name in ("requested_at", "started_at"))
        waits.append((started - asked).total_seconds() * 1000)
    p50, worst = statistics.median(waits), max(waits)
    with capsys.disabled():
        print(f"\nqueued → running: p50 {p50:.0f} ms, most {worst:.0f} ms of {len(waits)}")
    assert p50 < 1000


def workers(appliance: Appliance) -> list[int]:
    """The processes that carry out operations: the sentinel's children but for the two that serve the queue."""
    main = appliance.child("worker")
    assert main
    (sentinel,) = [pid for pid, _ in children(main)]
    return [pid for pid, _ in children(sentinel)]


def test_idle_workers_may_be_killed(appliance: Appliance, remote: Remote) -> None:
    """One of them holds the lock of the pipe that operations come by, which must not go down with it."""
    before = wait_for(lambda: len(found := workers(appliance)) == 6 and found, 20, "four workers, monitor, pusher")
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(set(workers(appliance)) - set(before)) == 6, 20, "all are replaced")
    operations = [remote.ask("/storage/scan")["id"] for _ in range(3)]
    assert {remote.end(operation, 20)["state"] for operation in operations} == {"succeeded"}


def test_a_worker_killed_at_work_is_replaced_and_its_operation_ends(appliance: Appliance, remote: Remote) -> None:
    pids = workers(appliance)
    lock = (appliance.home / "run" / "observe.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # a scan now waits in the worker
    operation = remote.ask("/storage/scan")["id"]
    held = appliance.home / "run" / "operations" / f"{operation}.lock"
    worker = wait_for(lambda: [pid for pid in pids if has_open(pid, held)], 10, "a worker has it in hand")[0]
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: worker not in workers(appliance) and len(workers(appliance)) == 6, 20, "replaced")
    lock.close()
    ended = remote.end(operation, 30)
    assert (ended["state"], [step["state"] for step in ended["steps"]]) == ("succeeded", ["done"])


def has_open(pid: int, file: Path) -> bool:
    try:
        return any(os.path.realpath(fd) == str(file) for fd in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
