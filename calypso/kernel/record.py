"""The record of a running operation: its events, appended even if the database comes back only later."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import structlog
from django.db import close_old_connections

from calypso.kernel import store
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change, Event, Metadata
from calypso.kernel.models import Operation
from calypso.kernel.operations import Problem, StepFinished
from calypso.kernel.projections import append
from calypso.kernel.redaction import redact

log = structlog.get_logger()

PATIENCE = 600.0  # seconds that a worker keeps what it alone knows while the database is away


class Ended(BaseException):
    """The operation ended behind its runner's back; there is nothing more to do or to record."""


class Record:
    """Appends the events of one operation, in the name of whoever asked for it."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.metadata = Metadata(
            actor=operation.actor,
            auth=operation.auth,
            source=operation.source,
            reason=operation.reason,
            operation_id=operation.pk,
            correlation_id=operation.correlation_id,
        )
        self.asked = 0.0  # when a cancel was last looked for

    def add(self, fact: Event) -> None:
        """One event of the operation's own stream. Raises Ended."""
        self.add_all([Change(self.operation.pk, fact)])

    def finish(self, index: int, outcome: str, started: float, also: Sequence[Change] = (), **facts: Any) -> None:
        """The end of a step that began at ``started`` on the monotonic clock, with what it brought about."""
        took = round((time.monotonic() - started) * 1000)
        fact = StepFinished(operation=self.operation.pk, step=index, outcome=outcome, duration_ms=took, **facts)
        self.add_all([Change(self.operation.pk, fact), *also])

    def add_all(self, changes: Sequence[Change]) -> None:
        """Records, if need be when the database is back: nobody else knows how the step ended. Raises Ended."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._add_once(changes)
            except AWAY as error:
                if time.monotonic() > until:
                    raise
                log.warning("waiting for the database to record a step", error=str(error).strip())
                close_old_connections()
                time.sleep(0.2)

    def _add_once(self, changes: Sequence[Change]) -> None:
        """Records, unless the operation has ended meanwhile (cancelled while it was queued)."""
        with store.writing():
            if store.query("SELECT 1 FROM ledger.event WHERE event_id = %s", [changes[0].event_id]):
                return  # recorded, and only the answer was lost
            if Operation.objects.get(pk=self.operation.pk).finished:
                raise Ended
            append(changes, self.metadata)

    def cancel_requested(self) -> bool:
        """Asked while a tool runs, which a database that is away must not end."""
        now = time.monotonic()
        if now - self.asked < 0.2:
            return False
        self.asked = now
        try:
            return Operation.objects.filter(pk=self.operation.pk, cancel_requested=True).exists()
        except AWAY:
            close_old_connections()
            return False


def problem_of(error: CalypsoError) -> Problem:
    """A named error as it is recorded."""
    return Problem(code=error.code, message=redact(error.message), detail=error.detail[-16000:], hint=error.hint)


def defect_of(error: Exception) -> Problem:
    """A defect of ours as it is recorded; the log has its traceback."""
    return Problem(
        code="internal_error",
        message=f"Calypso itself failed ({type(error).__name__}); the log has the details under this operation's id.",
        hint="Please report this.",
    )
