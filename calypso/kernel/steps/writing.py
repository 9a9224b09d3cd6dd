"""Steps that edit a configuration file."""

from __future__ import annotations

from calypso.kernel import files
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Write
from calypso.kernel.redaction import redact
from calypso.kernel.steps.base import Handler, Undo, Work, changes


class Writing(Handler[Write]):
    def carry_out(self, step: Write, work: Work) -> None:
        work.start(call=f"write {step.path}")
        try:
            there = files.is_done(step)
            if not there:
                files.write(step, cancelled=work.record.cancel_requested, keep_open=[work.lock])
        except CalypsoError as error:
            work.fail(error)
            raise
        work.finish("observed" if there else "done", also=changes(step.records))

    def found(self, step: Write, since: float) -> bool | None:
        try:
            return files.is_done(step)
        except CalypsoError:
            return None

    def undo(self, step: Write) -> Undo | None:
        return None if step.records else Undo(call=f"restore {step.path}")

    def take_back(self, step: Write, lock: int) -> tuple[int | None, str]:
        try:
            files.restore(step)
        except CalypsoError as error:
            return 1, redact(error.message)
        return 0, ""
