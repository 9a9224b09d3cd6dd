"""The way from a recorded operation to the worker: django-q2's ORM broker, woken by NOTIFY instead of by polling.

A row of the queue holds an operation's id and nothing else. The worker's own broker makes the task of it, so that a
broken web process can neither have another function called nor a pickle of its own read by the privileged worker.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import structlog
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.queues import Queue
from django_q.signing import SignedPackage

from calypso.kernel import secrets, store
from calypso.kernel.locks import is_held
from calypso.kernel.models import Operation

CHANNEL = "calypso_queue"
IDLE_SECONDS = 1.0
TAKEN_SECONDS = 5.0  # until an operation that no worker has begun is handed out again: the one that had it may be dead
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_ENQUEUE = f"""WITH queued AS (INSERT INTO {OrmQ._meta.db_table} (key, payload, lock) VALUES (%s, %s, %s) RETURNING id)
    SELECT pg_notify(%s, '') FROM queued"""  # noqa: S608  the table's name; one round trip, not two

log = structlog.get_logger()


def enqueue(operation: UUID, delay: float = 0.0) -> None:
    """Puts an operation into the queue, in the caller's transaction; its commit wakes the worker."""
    due = timezone.now() + timedelta(seconds=delay) - timedelta(milliseconds=1)
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, [str(settings.Q_CLUSTER["name"]), str(operation), due, CHANNEL])


def wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def release(resources: Sequence[str]) -> None:
    """Makes the first operation that waits for each of these resources due at once; the others wait for its end."""
    taken: set[str] = set()
    first = []
    for operation in Operation.objects.filter(state="queued").touching(resources).order_by("position"):
        if taken.isdisjoint(operation.resources):
            first.append(str(operation.pk))
        taken.update(operation.resources)
    if OrmQ.objects.filter(payload__in=first).update(lock=timezone.now() - timedelta(milliseconds=1)):
        wake()


class Broker(ORM):  # type: ignore[misc]  # django_q has no types
    """Hands out operations as they are enqueued, and those again whose worker died."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener: psycopg.Connection[Any] | None = None
        self._looked = 0.0

    def timeout(self, task: OrmQ) -> datetime:
        return timezone.now() + timedelta(seconds=TAKEN_SECONDS)

    def dequeue(self) -> list[tuple[int, str]]:
        try:
            return self._dequeue()
        except Exception:  # the database is away: django-q2 would end this process for ten seconds
            if self._listener is not None:
                self._listener.close()
            self._listener = None
            close_old_connections()
            time.sleep(IDLE_SECONDS / 4)
            return []

    def _dequeue(self) -> list[tuple[int, str]]:
        if self._listener is None:
            self._listener = store.listen(CHANNEL)
            OrmQ.objects.update(lock=timezone.now() - timedelta(milliseconds=1))  # what a dead worker had in hand
            secrets.sweep()
        if time.monotonic() - self._looked > IDLE_SECONDS:
            self._looked = time.monotonic()
            revive()
        rows = super().dequeue() if self._due() else []
        if rows:
            return [(row, package(payload)) for row, payload in rows if self._is_known(row, payload)]
        for _ in self._listener.notifies(timeout=IDLE_SECONDS, stop_after=1):
            pass
        return []

    def _is_known(self, row: int, payload: str) -> bool:
        """Whether it is the id of an operation that is to be done, as `enqueue` writes it; else the row is dropped."""
        operation = Operation.objects.filter(pk=payload).only("state").first() if _ID.fullmatch(payload) else None
        if operation is None:
            log.error("dropped from the queue: no operation of ours", row=row, length=len(payload))
        if operation is None or operation.finished or (operation.state == "running" and is_held(operation.pk)):
            self.delete(row)
            return False
        return True

    def _due(self) -> bool:
        return bool(self.get_connection().filter(key=self.list_key, lock__lt=timezone.now()).exists())


def package(operation: str) -> str:
    """The django-q2 task of an operation, signed here in the worker."""
    task = {
        "id": uuid4().hex,
        "name": f"operation {operation}",
        "func": "calypso.kernel.executor.run",
        "args": (operation,),
        "kwargs": {},
        "started": timezone.now(),
        "ack_failure": True,
    }
    return str(SignedPackage.dumps(task))


def revive() -> None:
    """Enqueues unfinished operations that nothing will bring to an end: not in the queue, or their worker is dead."""
    for operation in Operation.objects.unfinished().only("pk", "state"):
        rows = OrmQ.objects.filter(payload=str(operation.pk))
        if is_held(operation.pk):
            continue
        with transaction.atomic():
            if not rows.exists():
                enqueue(operation.pk)
            elif operation.state == "running":
                rows.filter(lock__gt=timezone.now()).update(lock=timezone.now() - timedelta(milliseconds=1))


class Pipe(Queue):  # type: ignore[misc]  # django_q has no types
    """The queue between django-q2's processes. A reader that is killed while it waits takes no others along."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rlock = _ReadersLock()


class _ReadersLock:
    """Like multiprocessing.Lock, but a process that dies gives it back: fcntl(2) locks are the process's own."""

    def __init__(self) -> None:
        self.file = os.memfd_create("calypso-queue")

    def acquire(self) -> bool:
        fcntl.lockf(self.file, fcntl.LOCK_EX)
        return True

    def release(self) -> None:
        fcntl.lockf(self.file, fcntl.LOCK_UN)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()
