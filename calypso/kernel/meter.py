"""The progress of an operation's step: what its tool tells becomes the operation's latest sample, and no event."""

from __future__ import annotations

import time
from dataclasses import asdict
from uuid import UUID

import structlog
from django.db import close_old_connections
from django.utils import timezone

from calypso.kernel.box import AWAY
from calypso.kernel.models import OperationProgress
from calypso.kernel.progress import Progress, tellers

log = structlog.get_logger("calypso.progress")

EVERY_SECONDS = 1.0
TAIL_BYTES = 4096  # of what the tool printed last


class Meter:
    """Samples one step of an operation while its tool runs."""

    def __init__(self, operation: UUID, step: int, argv: tuple[str, ...]) -> None:
        self.operation, self.step, self.argv = operation, step, argv
        self.teller = tellers.get(argv[0])
        self.pid, self.printed = 0, b""
        self.started = self.looked = time.monotonic()

    def watch(self, pid: int, printed: bytes) -> None:
        """Called several times a second while the tool runs, with what it printed since."""
        self.pid, self.printed = pid, (self.printed + printed)[-TAIL_BYTES:]
        if time.monotonic() - self.looked >= EVERY_SECONDS:
            self.sample()

    def sample(self) -> None:
        """Keeps how far the tool is now. What can't be had or kept must end no tool."""
        self.looked = time.monotonic()
        if self.teller is None:
            return
        try:
            if told := self.teller(self.argv, self.printed.decode(errors="replace"), self.pid):
                values = {**asdict(self._timed(told)), "step": self.step, "sampled_at": timezone.now()}
                OperationProgress.objects.update_or_create(operation=self.operation, defaults=values)
        except AWAY:
            close_old_connections()
        except Exception:
            log.exception("progress could not be told", tool=self.argv[0])

    def _timed(self, told: Progress) -> Progress:
        """With the rate since the step began, where the tool itself tells none."""
        if told.rate is not None or told.done is None or told.total is None:
            return told
        return Progress.of(done=told.done, total=told.total, rate=told.done / (time.monotonic() - self.started))


def forget(operation: UUID) -> None:
    """The operation has ended: there is nothing to show any more."""
    try:
        OperationProgress.objects.filter(pk=operation).delete()
    except AWAY:
        close_old_connections()
