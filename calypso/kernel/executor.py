"""Carries out an operation's plan (a django-q2 task). It has no choice to make: every choice stands in the plan.

Crash rule: before anything is repeated, the step that was in hand is looked for on the box by its probe.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from calypso.kernel import box, commands, logs, meter, queue, secrets, shell
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
    StepStarted,
    StepUndone,
)
from calypso.kernel.plans import Call, Outcome, Plan, Run, Step
from calypso.kernel.record import Ended, Record, defect_of, problem_of
from calypso.kernel.redaction import redact

log = structlog.get_logger()

WAIT_SECONDS = 1.0  # until an operation whose resource is taken is looked at again, should nobody wake it
UNDO_DEADLINE = 120.0


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
                *_changes(plan.outcome),
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
        traces = isinstance(step, Run) and step.leaves_traces
        if before["state"] == "failed" and (traces or (self._ended_by_force(before) and self._is_there(last))):
            self._took_effect(last)
        if isinstance(step, Run) and (before.get("exit_code") or 0) > 0:
            result = shell.Result(step.argv, before["exit_code"], before["stdout"], before["stderr"], 0, "", 0)
            raise box.named_error(result)
        if self.operation.cancel_requested:
            raise ToolCancelled("Stopped on request.")
        raise ToolError(f"“{step.title}” failed.", detail=before.get("stderr", ""))

    def _found_undone(self, index: int, step: Run) -> bool:
        """After a crash: whether the undo had its effect already, unrecorded."""
        if not self.resumed or step.leaves_traces or "started_at" not in self.operation.steps[index]:
            return False
        if box.look(step.done, self._started(index)) is not False:
            return False
        self.record.add(
            StepUndone(operation=self.operation.pk, step=index, argv=step.undo, exit_code=0, stderr="(found undone)")
        )
        return True

    @staticmethod
    def _ended_by_force(record: dict[str, Any]) -> bool:
        """A tool that refuses leaves nothing; one that was ended may have had its effect."""
        code = record.get("exit_code")
        return code is None or code < 0

    def _is_there(self, index: int) -> bool:
        step = self.steps[index]
        return isinstance(step, Run) and box.look(step.done, self._started(index)) is True

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
        step = self.steps[index]
        if crashed and self._found_done(index):
            return
        if isinstance(step, Run):
            with secrets.opened(step.stdin) as stdin:
                self.record.add(StepStarted(operation=self.operation.pk, step=index, argv=step.argv))
                self._run(index, step, stdin)
        else:
            self.record.add(StepStarted(operation=self.operation.pk, step=index, argv=(), call=step.function))
            self._call(index, step)
        self.done.append(index)

    def _call(self, index: int, step: Call) -> None:
        started = time.monotonic()
        try:
            box.perform(step.function, step.args)
        except AWAY:
            raise
        except Exception as error:
            words = error.message if isinstance(error, CalypsoError) else type(error).__name__
            self.record.finish(index, "failed", started, stderr=redact(words))
            raise
        self.record.finish(index, "done", started)

    def _found_done(self, index: int) -> bool:
        """After a crash within a step: is its effect on the box? Then it is not done again."""
        step = self.steps[index]
        if not isinstance(step, Run):
            return False  # a Call is safe to repeat
        found = box.look(step.done, self._started(index))
        if found is None:
            raise _Interrupted(
                f"The work stopped in “{step.title}”, and the box does not tell whether it took effect.",
                hint="Look at the resource, then ask again or leave it.",
            )
        if found:
            fact = StepFinished(operation=self.operation.pk, step=index, outcome="observed")
            self.record.add_all([Change(self.operation.pk, fact), *_changes(step.records)])
            self.done.append(index)
        return found

    def _started(self, index: int) -> float:
        return datetime.fromisoformat(self.operation.steps[index]["started_at"]).timestamp()

    def _run(self, index: int, step: Run, stdin: bytes | None) -> None:
        now, started = time.time(), time.monotonic()
        asked, lock = self.record.cancel_requested, [self.lock]
        gauge = meter.Meter(self.operation.pk, index, step.argv)
        try:
            result = shell.run(
                step.argv, deadline=step.deadline, stdin=stdin, cancelled=asked, keep_open=lock, watch=gauge.watch
            )
        except CalypsoError as error:
            gauge.sample()
            words = "\n".join(redact(part) for part in (error.message, error.detail) if part)
            self.record.finish(index, "failed", started, stderr=words[-shell.TAIL_CHARACTERS :])
            self._note_if_there(index, step, now)
            raise
        stdout, stderr = result.tails()
        self.record.finish(
            index,
            "done" if result.ok else "failed",
            started,
            also=_changes(step.records) if result.ok else (),
            exit_code=result.exit_code,
            output_sha256=result.sha256,
            output_bytes=result.output_bytes,
            stdout=stdout,
            stderr=stderr,
        )
        if not result.ok:
            if result.exit_code < 0 or step.leaves_traces:
                self._note_if_there(index, step, now)
            raise box.named_error(result)

    def _note_if_there(self, index: int, step: Run, since: float) -> None:
        """A tool that was ended by force may have had its effect: then it's taken back with the others."""
        if step.leaves_traces or box.look(step.done, since):
            self._took_effect(index)

    def _took_effect(self, index: int) -> None:
        """It did, though its end is on record as a failure."""
        step = self.steps[index]
        self.done.append(index)
        if isinstance(step, Run) and step.records:
            self.record.add_all(_changes(step.records))

    def _undo(self) -> None:
        """Takes back the steps that took effect, the last first."""
        for index in reversed(self.done):
            step = self.steps[index]
            if not isinstance(step, Run) or not step.undo or self._found_undone(index, step):
                continue
            code: int | None
            try:
                result = shell.run(step.undo, deadline=UNDO_DEADLINE, keep_open=[self.lock])
                code, words = result.exit_code, result.tails()[1]
            except CalypsoError as error:  # it did not return
                code, words = None, error.message
            self.record.add(
                StepUndone(operation=self.operation.pk, step=index, argv=step.undo, exit_code=code, stderr=words)
            )

    def _stop_if_cancelled(self) -> None:
        if Operation.objects.filter(pk=self.operation.pk, cancel_requested=True).exists():
            raise ToolCancelled("Stopped on request.")


def _changes(outcomes: Sequence[Outcome]) -> list[Change]:
    return [Change(UUID(o.stream), o.event()) for o in outcomes]
