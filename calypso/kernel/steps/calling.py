"""Steps that call a function of ours. They are safe to repeat, and have nothing to take back."""

from __future__ import annotations

from calypso.kernel import box
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Call
from calypso.kernel.redaction import redact
from calypso.kernel.steps.base import Handler, Work


class Calling(Handler[Call]):
    def carry_out(self, step: Call, work: Work) -> None:
        work.start(call=step.function)
        try:
            box.perform(step.function, step.args)
        except AWAY:
            raise
        except Exception as error:
            words = error.message if isinstance(error, CalypsoError) else type(error).__name__
            work.finish("failed", stderr=redact(words))
            raise
        work.finish("done")
