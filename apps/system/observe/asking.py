"""When to ask a service that comes when it is asked, as hostnamed and timedated do: each question may start a process.

So it is asked when a file changed in which its answer stands, and now and then. In between its last answer holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from calypso.kernel import bus
from calypso.kernel.errors import CalypsoError
from calypso.kernel.file_swap import path
from calypso.kernel.plans import Request

EVERY_SECONDS = 120.0
DEADLINE = 30.0  # seconds; it may have to be started first

Answer = tuple[dict[str, Any], CalypsoError | None]


class Asked:
    """The properties that an object of such a service had, with the error when it did not answer."""

    def __init__(
        self, question: Callable[[], Request], *files: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.question, self.files, self.clock = question, files, clock
        self.marks: tuple[object, ...] = ()
        self.until = float("-inf")
        self.answer: Answer = ({}, None)

    def latest(self) -> Answer:
        """The last answer, or a new one where it may have become another."""
        marks = tuple(_mark(name) for name in self.files)
        if marks != self.marks or self.clock() >= self.until:
            self.marks = marks
            return self.now()
        return self.answer

    def now(self) -> Answer:
        """A new answer. What could not be asked is asked again at the next look."""
        try:
            self.answer = bus.read(self.question(), deadline=DEADLINE)[0], None
            self.until = self.clock() + EVERY_SECONDS
        except CalypsoError as error:
            self.answer, self.until = ({}, error), float("-inf")
        return self.answer


def _mark(name: str) -> object:
    """Changes when the file does, or where a link leads."""
    try:
        found = path(name).lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
