"""The tools of disks with answers of a test's choice, in place of processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from calypso.kernel import shell

Answer = tuple[int, str, str]  # exit code, stdout, stderr


def told(protocol: str = "ATA", *, status: int = 0, **more: Any) -> Answer:
    """What smartctl prints of a disk that tells this."""
    known = {"smart_support": {"available": True}, "smart_status": {"passed": True}, "temperature": {"current": 30}}
    document = {"smartctl": {"exit_status": status}, "device": {"protocol": protocol}, **known, **more}
    return status, json.dumps(document), ""


def refused(words: str, status: int = 2) -> Answer:
    """What smartctl prints when it can't."""
    document = {"smartctl": {"exit_status": status, "messages": [{"string": words, "severity": "error"}]}}
    return status, json.dumps(document), ""


@dataclass
class Tools:
    """Answers by tool; a function is given the argv. ``ran``: every argv so far."""

    by_name: dict[str, Answer | Callable[[Sequence[str]], Answer]] = field(default_factory=dict)
    ran: list[list[str]] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """These tools are answered here; all others as before."""
        before = shell.run

        def run(argv: Sequence[str], **how: Any) -> shell.Result:
            if argv[0] not in self.by_name:
                return before(argv, **how)
            self.ran.append(list(argv))
            answer = self.by_name[argv[0]]
            code, out, err = answer(argv) if callable(answer) else answer
            return shell.Result(tuple(argv), code, out, err, 0.01, "", len(out) + len(err))

        monkeypatch.setattr(shell, "run", run)
