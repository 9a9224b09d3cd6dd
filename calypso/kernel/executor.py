"""Carries out an operation's plan (a django-q2 task). It has no choice to make: every choice stands in the plan.

Crash rule: before anything is repeated, the step that was in hand is looked for on the box by its probe.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from calypso.kernel import box, commands, logs, meter, queue, secrets
from calypso.kernel.alerts import rules
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError, StalePlan, ToolCancelled, ToolError
from calypso.kernel.events import Change
from calypso.kernel.locks import forget, patient_lock
from calypso.kernel.models import Operation
from calypso.kernel.operations import (
    OperationCancelled,
    OperationEvent,
    OperationFailed,
    OperationInterrupted,
    OperationStarted,
    OperationSucceeded,
    StepFinished,
    StepUndone,
)
from calypso.kernel.plans import Outcome, Plan, Step
from calypso.kernel.record import Ended, Record, defect_of, problem_of
from calypso.kernel.steps import Work, handler
from calypso.kernel.steps.base import changes

log = structlog.get_logger()

WAIT_SECONDS = 1.0  # until an operation whose resource is taken is looked at again, should nobody wake it


def run(operation_id: str) -> None:
    """Brings an operation to its end, or leaves it to whoever holds it, or to its turn on a resource."""
    with logs.bound(operation_id=operation_id), patient_lock(operation_id) as lock:
        operation = Operation.objects.filter(pk=operation_id).first()
        if lock is None or operation is None:
            return
        if operation.finished:
            forget(operation_id)
            secrets.ended(operation)
            return
        if not _its_turn(operation):
            return
        with logs.bound(correlation_id=str(operation.correlation_id or "")):
            _Runner(operation, lock).go()
        forget(operation_id)
        meter.forget(operation.pk)
    secrets.ended(operation)
    queue.release(operation.resources)
    box.observe(operation)
    rules.evaluate_for(operation.resources)


def _its_turn(operation: Operation) -> bool:
    """Otherwise it waits in the queue, and is woken by the end of what is before it."""
    ahead = Operation.objects.ahead_of(operation)
    if not ahead.exists():
        return True
    queue.enqueue(operation.pk, delay=WAIT_SECONDS)
    if not ahead.all().exists():  # that end came before there was anything to wake
        queue.release(operation.resources)
    return False


class _Interrupted(CalypsoError):
    code = "interrupted"


class _Runner:
    def __init__(self, operation: Operation, lock: int) -> None:
        self.operation, self.lock = operation, lock
        self.steps: tuple[Step, ...] = ()
        self.record = Record(operation)
        self.done: list[int] = []
        self.resumed = operation.state == "running"  # somebody else began it, and died

    def go(self) -> None:
        try:
            self._carry_out()
        except Ended:
            log.info("operation had ended meanwhile")

    def _carry_out(self) -> None:
        try:
            self._go()
        except AWAY:
            raise  # nothing can be recorded now; the operation is taken up again by its probes
        except ToolCancelled:
            self._undo()
            self._end(OperationCancelled(operation=self.operation.pk))
        except _Interrupted as error:
            self._end(OperationInterrupted(operation=self.operation.pk, error=problem_of(error)))
        except CalypsoError as error:
            self._undo()
            self._end(OperationFailed(operation=self.operation.pk, error=problem_of(error)))
        except Exception as error:
            log.exception("operation failed by a defect")
            self._undo()
            self._end(OperationFailed(operation=self.operation.pk, error=defect_of(error)))

    def _end(self, fact: OperationEvent) -> None:
        """An end without success, with what it leaves behind."""
        self.record.add_all([*box.left(self.operation), Change(self.operation.pk, fact)])

    def _go(self) -> None:
        plan = Plan.model_validate(self.operation.plan)
        self.steps = plan.steps
        if self.operation.state == "queued":
            self.record.add(OperationStarted(operation=self.operation.pk))
        if all(step["state"] == "waiting" for step in self.operation.steps):
            self._check_plan()
        self._unwind_if_it_was()
        for index, before in enumerate(self.operation.steps):
            if before["state"] in ("done", "observed"):
                self.done.append(index)
            else:
                self._stop_if_cancelled()
                self._step(index, crashed=before["state"] == "running")
        self.record.add_all(
            [
                *changes(plan.outcome),
                *box.found(self.operation),
                Change(self.operation.pk, OperationSucceeded(operation=self.operation.pk)),
            ]
        )

    def _unwind_if_it_was(self) -> None:
        """A crash came while steps were taken back: that is gone on with. Raises what had been the reason for it."""
        steps = self.operation.steps
        if not any(step["state"] in ("failed", "undone", "undo failed") for step in steps):
            return
        self.done = [i for i, step in enumerate(steps) if step["state"] in ("done", "observed")]
        last = max(i for i, step in enumerate(steps) if step["state"] != "waiting")
        step, before = self.steps[last], steps[last]
        if before["state"] == "failed" and (_traces(step) or (_by_force(before) and self._found(last) is True)):
            self._took_effect(last)
        if (error := handler(step).failure(step, before)) is not None:
            raise error
        if self.operation.cancel_requested:
            raise ToolCancelled("Stopped on request.")
        raise ToolError(f"“{step.title}” failed.", detail=before.get("stderr", ""))

    def _found_undone(self, index: int) -> bool:
        """After a crash: whether the undo had its effect already, unrecorded."""
        if not self.resumed or _traces(self.steps[index]) or "started_at" not in self.operation.steps[index]:
            return False
        return self._found(index) is False

    def _found(self, index: int) -> bool | None:
        """Whether a step's effect is on the box; None: it can't be told."""
        return handler(self.steps[index]).found(self.steps[index], self._started(index))

    def _check_plan(self) -> None:
        """Makes the plan again from the box as it is now; refuses when it differs in a way that matters."""
        asked = commands.registered()[self.operation.command].model_validate(self.operation.input)
        box.observe(self.operation)
        now = commands.planned(asked, self.operation.pk)
        if now.digest != self.operation.digest:
            was = Plan.model_validate(self.operation.plan)
            raise StalePlan(
                "The box has changed since this was planned; nothing was done.",
                detail="\n".join(was.differences(now)),
                hint="Look at the plan again and ask anew.",
            )

    def _step(self, index: int, *, crashed: bool) -> None:
        if crashed and self._found_done(index):
            return
        step, now = self.steps[index], time.time()
        work = Work(self.operation.pk, index, self.record, self.lock)
        try:
            handler(step).carry_out(step, work)
        except AWAY:
            raise
        except CalypsoError:
            if _traces(step) or (not work.refused and handler(step).found(step, now)):
                self._took_effect(index)
            raise
        self.done.append(index)

    def _found_done(self, index: int) -> bool:
        """After a crash within a step: is its effect on the box? Then it is not done again."""
        step, found = self.steps[index], self._found(index)
        if found is None:
            raise _Interrupted(
                f"The work stopped in “{step.title}”, and the box does not tell whether it took effect.",
                hint="Look at the resource, then ask again or leave it.",
            )
        if found:
            fact = StepFinished(operation=self.operation.pk, step=index, outcome="observed")
            self.record.add_all([Change(self.operation.pk, fact), *changes(_records(step))])
            self.done.append(index)
        return found

    def _started(self, index: int) -> float:
        return datetime.fromisoformat(self.operation.steps[index]["started_at"]).timestamp()

    def _took_effect(self, index: int) -> None:
        """It did, though its end is on record as a failure: it is taken back with the others."""
        self.done.append(index)
        if recorded := changes(_records(self.steps[index])):
            self.record.add_all(recorded)

    def _undo(self) -> None:
        """Takes back the steps that took effect, the last first."""
        for index in reversed(self.done):
            step, by = self.steps[index], handler(self.steps[index])
            if (undo := by.undo(step)) is not None:
                code, words = (0, "(found undone)") if self._found_undone(index) else by.take_back(step, self.lock)
                facts = {**undo._asdict(), "exit_code": code, "stderr": words}
                self.record.add(StepUndone(operation=self.operation.pk, step=index, **facts))

    def _stop_if_cancelled(self) -> None:
        if Operation.objects.filter(pk=self.operation.pk, cancel_requested=True).exists():
            raise ToolCancelled("Stopped on request.")


def _by_force(ended: dict[str, Any]) -> bool:
    """A tool that refuses leaves nothing; one that was ended may have had its effect."""
    code = ended.get("exit_code")
    return code is None or code < 0


def _traces(step: Step) -> bool:
    """Whether the step does a part even where it then refuses."""
    return bool(getattr(step, "leaves_traces", False))


def _records(step: Step) -> Sequence[Outcome]:
    """What is recorded with the step itself."""
    return getattr(step, "records", ())
