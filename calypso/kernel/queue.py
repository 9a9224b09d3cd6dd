"""The way from a recorded operation to the worker: django-q2's ORM broker, woken by NOTIFY instead of by polling.

A row of the queue holds an operation's id and nothing else. The worker's own broker makes the task of it, so that a
broken web process can neither have another function called nor a pickle of its own read by the privileged worker.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from calypso.kernel import store
from calypso.kernel.locks import is_held
from calypso.kernel.models import Operation

CHANNEL = "calypso_queue"
IDLE_SECONDS = 1.0


def enqueue(operation: UUID, delay: float = 0.0) -> None:
    """Puts an operation into the queue, in the caller's transaction; its commit wakes the worker."""
    OrmQ.objects.create(
        key=settings.Q_CLUSTER["name"],
        payload=str(operation),
        lock=timezone.now() + timedelta(seconds=delay) - timedelta(milliseconds=1),
    )
    wake()


def wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def release(resources: Sequence[str]) -> None:
    """Makes operations that waited for these resources due at once."""
    waiting = Operation.objects.unfinished().filter(state="queued").touching(resources)
    due = OrmQ.objects.filter(payload__in=[str(pk) for pk in waiting.values_list("pk", flat=True)])
    if due.update(lock=timezone.now() - timedelta(milliseconds=1)):
        wake()


class Broker(ORM):  # type: ignore[misc]  # django_q has no types
    """Hands out operations as they are enqueued, and those again whose worker died."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener: psycopg.Connection[Any] | None = None
        self._looked = 0.0

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
        if time.monotonic() - self._looked > IDLE_SECONDS:
            self._looked = time.monotonic()
            revive()
        rows = super().dequeue() if self._due() else []
        if rows:
            return [(row, package(operation)) for row, operation in rows]
        for _ in self._listener.notifies(timeout=IDLE_SECONDS, stop_after=1):
            pass
        return []

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
