"""Steps that call a method over D-Bus."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import orjson

from calypso.kernel import bus
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Ask
from calypso.kernel.redaction import masked_value, redact
from calypso.kernel.shell import TAIL_CHARACTERS
from calypso.kernel.steps.base import Handler, Undo, Work, changes

UNDO_DEADLINE = 120.0
REFUSED = 1  # in place of an exit code: the other side answered with an error
_ERROR = re.compile(r"([\w.]+): (.*)", re.DOTALL)


class Asking(Handler[Ask]):
    def carry_out(self, step: Ask, work: Work) -> None:
        work.start(call=step.text())
        try:
            reply = bus.call(step, deadline=step.deadline, cancelled=work.record.cancel_requested)
        except bus.Refused as refused:
            work.refused = True
            work.finish("failed", exit_code=REFUSED, stderr=redact(refused.text)[-TAIL_CHARACTERS:])
            raise bus.named_error(step, refused) from None
        except CalypsoError as error:
            work.fail(error)
            raise
        work.finish("done", also=changes(step.records), exit_code=0, **_answer(reply))

    def failure(self, step: Ask, ended: dict[str, Any]) -> CalypsoError | None:
        told = _ERROR.fullmatch(ended.get("stderr", "")) if ended.get("exit_code") == REFUSED else None
        return bus.named_error(step, bus.Refused(told[1], told[2])) if told else None

    def undo(self, step: Ask) -> Undo | None:
        return Undo(call=step.undo.text()) if step.undo else None

    def take_back(self, step: Ask, lock: int) -> tuple[int | None, str]:
        assert step.undo is not None
        try:
            bus.call(step.undo, deadline=UNDO_DEADLINE)
        except bus.Refused as refused:
            return REFUSED, redact(refused.text)[-TAIL_CHARACTERS:]
        except CalypsoError as error:
            return None, error.message
        return 0, ""


def _answer(reply: list[Any]) -> dict[str, Any]:
    """The reply as it is recorded: its digest and size are of all of it."""
    whole = orjson.dumps(reply, default=str)
    shown = orjson.dumps(masked_value("", reply), default=str).decode()[-TAIL_CHARACTERS:] if reply else ""
    return {"stdout": shown, "output_bytes": len(whole), "output_sha256": sha256(whole).hexdigest()}
