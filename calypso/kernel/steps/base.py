"""What the handlers of the kinds of steps have in common."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from calypso.kernel import box
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.operations import StepStarted
from calypso.kernel.plans import Ask, Outcome, Run, Step
from calypso.kernel.record import Record
from calypso.kernel.redaction import redact
from calypso.kernel.shell import TAIL_CHARACTERS

S = TypeVar("S", bound=Step)


@dataclass
class Work:
    """One step in hand. ``lock``: a descriptor that says so for as long as it is open, also in a child.

    ``refused``: the tool did nothing, and said so; otherwise a step that failed may have had its effect.
    """

    operation: UUID
    index: int
    record: Record
    lock: int
    began: float = 0.0  # on the monotonic clock
    refused: bool = False

    def start(self, *, argv: Sequence[str] = (), call: str = "") -> None:
        """Puts on record what is about to be done."""
        self.record.add(StepStarted(operation=self.operation, step=self.index, argv=tuple(argv), call=call))
        self.began = time.monotonic()

    def finish(self, outcome: str, also: Sequence[Change] = (), **facts: Any) -> None:
        self.record.finish(self.index, outcome, self.began, also=also, **facts)

    def fail(self, error: CalypsoError) -> None:
        """The step's end by an error that its tool did not tell itself."""
        words = "\n".join(redact(part) for part in (error.message, error.detail) if part)
        self.finish("failed", stderr=words[-TAIL_CHARACTERS:])


class Undo(NamedTuple):
    """How a step is taken back: by a tool, or by a call."""

    argv: tuple[str, ...] = ()
    call: str = ""


class Handler(ABC, Generic[S]):
    """Carries out the steps of one kind."""

    @abstractmethod
    def carry_out(self, step: S, work: Work) -> None:
        """Does it, and records its start and its end with what it brought about. Raises what it failed with."""

    def found(self, step: S, since: float) -> bool | None:
        """Whether its effect is on the box, of a step that began then (unix seconds). None: it can't be told."""
        return box.look(step.done, since) if isinstance(step, Run | Ask) else False

    def failure(self, step: S, ended: dict[str, Any]) -> CalypsoError | None:
        """The named error of a step that its tool refused, from its record; None where there is none to be told."""
        return None

    def undo(self, step: S) -> Undo | None:
        """What would take it back, as it is recorded. None: nothing does."""
        return None

    def take_back(self, step: S, lock: int) -> tuple[int | None, str]:
        """Does its undo. 0 where it is taken back, None where that did not return; and the tool's words."""
        raise NotImplementedError  # asked only of a kind whose undo() tells of one


def changes(outcomes: Sequence[Outcome]) -> list[Change]:
    """The events of outcomes, to be appended."""
    return [Change(UUID(o.stream), o.event()) for o in outcomes]
