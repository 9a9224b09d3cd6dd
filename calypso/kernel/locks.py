"""The lock of a running operation: an flock that the worker and the tool it runs both hold.

It ends with the last of the two and not with the database connection: while a tool whose worker was killed still runs,
nobody starts the step anew; and a restart of PostgreSQL takes nobody's lock away.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings


def _path(operation: UUID | str) -> Path:
    return Path(settings.HOME.operations) / f"{UUID(str(operation))}.lock"


@contextmanager
def operation_lock(operation: UUID | str) -> Iterator[int | None]:
    """Yields the lock's file descriptor, to be passed on to tools, or None when another process holds it."""
    path = _path(operation)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(operation: UUID | str) -> bool:
    """Whether a worker, or a tool that a worker started, is at this operation now."""
    if not _path(operation).exists():
        return False
    with operation_lock(operation) as descriptor:
        return descriptor is None


def forget(operation: UUID | str) -> None:
    """Removes the lock's file of an operation that has ended. The caller holds the lock."""
    _path(operation).unlink(missing_ok=True)


@contextmanager
def patient_lock(operation: UUID | str) -> Iterator[int | None]:
    """The same; somebody who merely looks whether it is held has it for an instant, which is waited for."""
    for _ in range(5):
        with operation_lock(operation) as descriptor:
            if descriptor is not None:
                yield descriptor
                return
        time.sleep(0.05)
    yield None
