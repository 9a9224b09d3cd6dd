"""calypso-network-rollback (calypso/deploy): argv, what it tells, its refusals as named errors. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import orjson

from apps.system.domain.network import Renderer
from calypso.kernel.errors import CalypsoError, Conflict, NotFound, ToolError, ToolGarbage

TOOL = "calypso-network-rollback"
ChangeState = Literal["pending", "confirmed", "rolled_back"]
_HINTS = {
    "change_pending": "Confirm it, or take it back, first.",
    "change_over": "Look at the network as it is now, and ask anew.",
    "no_timer": "The box needs a systemd that runs: without a timer nothing would bring the old configuration back.",
    "apply_failed": "The old configuration is back. Look at what the tool said.",
    "file_refused": "The file system may be read-only or full; nothing was changed.",
    "file_is_link": "Another program keeps it: change it there.",
}


class RollbackRefused(Conflict):
    code = "rollback_refused"


@dataclass(frozen=True)
class TrialState:
    """A change as the box has it on record."""

    id: UUID
    state: ChangeState
    applied: bool
    timers: tuple[str, ...]
    files: tuple[str, ...]
    cause: str
    complete: bool
    detail: str


def arm_argv(
    change: UUID,
    *,
    seconds: int,
    renderer: Renderer,
    interfaces: Sequence[str],
    made: Sequence[str],
    removed: Sequence[str],
    files: Sequence[str],
) -> list[str]:
    """Keeps the files as they are, and starts the timer that brings them back."""
    named = [word for name in interfaces for word in ("--interface", name)]
    named += [word for name in made for word in ("--made", name)]
    named += [word for name in removed for word in ("--removed", name)]
    return [TOOL, "arm", "--seconds", str(seconds), "--renderer", renderer, *named, "--", str(change), *files]


def apply_argv(change: UUID) -> list[str]:
    """Has the box read the new files, and starts the time to confirm."""
    return [TOOL, "apply", str(change)]


def confirm_argv(change: UUID) -> list[str]:
    return [TOOL, "confirm", str(change)]


def rollback_argv(change: UUID, cause: Literal["asked", "refused"]) -> list[str]:
    return [TOOL, "rollback", str(change), "--cause", cause]


def status_argv() -> list[str]:
    """For parse_status()."""
    return [TOOL, "status"]


def parse_status(printed: str) -> dict[UUID, TrialState]:
    """Raises ToolGarbage."""
    try:
        return {UUID(each["id"]): _trial(each) for each in orjson.loads(printed)["changes"]}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise ToolGarbage(f"{TOOL} printed what Calypso does not know.", detail=printed[:500]) from error


def _trial(each: dict[str, object]) -> TrialState:
    files, timers = each["files"], each.get("timers", [])
    assert isinstance(files, list) and isinstance(timers, list)
    return TrialState(
        id=UUID(str(each["id"])),
        state=each["state"],  # type: ignore[arg-type]  # likewise
        applied=bool(each["applied"]),
        timers=tuple(timers),
        files=tuple(str(file["path"]) for file in files),
        cause=str(each.get("cause", "")),
        complete=bool(each.get("complete", True)),
        detail=str(each.get("detail", "")),
    )


def error_from(exit_code: int, stdout: str, stderr: str) -> CalypsoError:
    """The named error of a refusal."""
    at = re.search(rf"^{TOOL}: (\w+): (.*)", stderr, re.MULTILINE | re.DOTALL)
    if at is None:
        return ToolError(f"{TOOL} failed with exit code {exit_code}.", detail=stderr or stdout)
    code, words = at[1], at[2].strip()
    if code == "no_such_change":
        return NotFound(words, code=code)
    message, _, rest = words.partition("\n")
    return RollbackRefused(message, code=code, detail=rest, hint=_HINTS.get(code, ""))
