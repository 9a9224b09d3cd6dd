"""Steps that run a tool."""

from __future__ import annotations

from typing import Any

from calypso.kernel import box, meter, secrets, shell
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Run
from calypso.kernel.steps.base import Handler, Undo, Work, changes

UNDO_DEADLINE = 120.0


class Running(Handler[Run]):
    def carry_out(self, step: Run, work: Work) -> None:
        with secrets.opened(step.stdin) as stdin:
            work.start(argv=step.argv)
            result = self._run(step, work, stdin)
        stdout, stderr = result.tails()
        work.finish(
            "done" if result.ok else "failed",
            also=changes(step.records) if result.ok else (),
            exit_code=result.exit_code,
            output_sha256=result.sha256,
            output_bytes=result.output_bytes,
            stdout=stdout,
            stderr=stderr,
        )
        if not result.ok:
            work.refused = result.exit_code > 0
            raise box.named_error(result)

    def _run(self, step: Run, work: Work, stdin: bytes | None) -> shell.Result:
        asked, lock = work.record.cancel_requested, [work.lock]
        gauge = meter.Meter(work.operation, work.index, step.argv)
        try:
            return shell.run(
                step.argv, deadline=step.deadline, stdin=stdin, cancelled=asked, keep_open=lock, watch=gauge.watch
            )
        except CalypsoError as error:
            gauge.sample()
            work.fail(error)
            raise

    def failure(self, step: Run, ended: dict[str, Any]) -> CalypsoError | None:
        if (code := ended.get("exit_code") or 0) <= 0:
            return None
        return box.named_error(shell.Result(step.argv, code, ended["stdout"], ended["stderr"], 0, "", 0))

    def undo(self, step: Run) -> Undo | None:
        return Undo(argv=step.undo) if step.undo else None

    def take_back(self, step: Run, lock: int) -> tuple[int | None, str]:
        try:
            result = shell.run(step.undo, deadline=UNDO_DEADLINE, keep_open=[lock])
        except CalypsoError as error:  # it did not return
            return None, error.message
        return result.exit_code, result.tails()[1]
