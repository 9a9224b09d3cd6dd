"""How each kind of step is carried out, looked for after a crash, and taken back: one handler a kind.

The executor knows their order and their record; a handler knows its one kind, and decides nothing.
"""

from __future__ import annotations

from typing import Any

from calypso.kernel.plans import Step
from calypso.kernel.steps import asking, calling, running, writing
from calypso.kernel.steps.base import Handler, Work

_handlers: dict[str, Handler[Any]] = {
    "run": running.Running(),
    "write": writing.Writing(),
    "ask": asking.Asking(),
    "call": calling.Calling(),
}


def handler(step: Step) -> Handler[Any]:
    """The handler of a step's kind."""
    return _handlers[step.kind]


__all__ = ["Work", "handler"]
