"""journalctl(1): what to ask for, the entries that it prints as JSON (journal export fields), its refusals. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from calypso.kernel.errors import CalypsoError, Conflict, Invalid, ToolError, ToolGarbage

FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID,_SYSTEMD_UNIT,UNIT"
MOST_CHARACTERS = 8000  # of a message
_CURSOR = re.compile(r"s=[0-9a-f]{32};i=[0-9a-f]+;b=[0-9a-f]{32};m=[0-9a-f]+;t=[0-9a-f]+;x=[0-9a-f]+")

Priority = Literal["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
PRIORITIES: tuple[Priority, ...] = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


class LogQuery(BaseModel):
    """Which entries of a unit: ``since`` and ``until`` in unix seconds, this priority or a graver one, with this text.

    ``cursor``: an entry of the journal; what is asked for lies behind it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    since: float | None = None
    until: float | None = None
    priority: Priority | None = None
    text: str = Field("", max_length=200)
    cursor: str = Field("", max_length=300)
    limit: int = Field(100, ge=1, le=500)


@dataclass(frozen=True)
class Entry:
    """``at`` in unix seconds. ``identifier``: the program's name for itself; ``pid`` where it is known."""

    cursor: str
    at: float
    priority: Priority
    identifier: str
    pid: int | None
    message: str


class BadCursor(Invalid):
    code = "bad_cursor"


class CursorGone(Conflict):
    """The entry is not in the journal any more, or not among those asked for."""

    code = "cursor_gone"


class JournalDenied(ToolError):
    code = "journal_denied"


def page_argv(query: LogQuery) -> list[str]:
    """The newest first. One more than asked for tells whether there are more; with a cursor its entry comes first."""
    lines = query.limit + (2 if query.cursor else 1)
    cursor = [f"--cursor={checked_cursor(query.cursor)}"] if query.cursor else []
    return [*_argv(query), "--reverse", f"--lines={lines}", *cursor]


def follow_argv(query: LogQuery) -> list[str]:
    """What is written from now on, or behind the cursor, until it is ended."""
    where = f"--after-cursor={checked_cursor(query.cursor)}" if query.cursor else "--lines=0"
    ever = query.model_copy(update={"since": None, "until": None})  # what comes is newer than any time one may name
    return [*_argv(ever), "--follow", where]


def _argv(query: LogQuery) -> list[str]:
    argv = ["journalctl", "--output=json", f"--output-fields={FIELDS}", "--no-pager", "--quiet", f"--unit={query.unit}"]
    if query.since is not None:
        argv.append(f"--since=@{query.since:.6f}")
    if query.until is not None:
        argv.append(f"--until=@{query.until:.6f}")
    if query.priority is not None:
        argv.append(f"--priority={query.priority}")
    if query.text:
        argv += [f"--grep={literal(query.text)}", "--case-sensitive=false"]
    return argv


def literal(text: str) -> str:
    """A pattern that means just this text (pcre2pattern(3), “Characters and metacharacters”)."""
    return "\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E"


def checked_cursor(cursor: str) -> str:
    """Raises BadCursor for what journalctl would not take."""
    if not _CURSOR.fullmatch(cursor):
        raise BadCursor("This is no cursor of the journal.", field="cursor", hint="Start again without a cursor.")
    return cursor


def page_of(query: LogQuery, stdout: str, *, truncated: bool) -> tuple[list[Entry], str | None]:
    """The entries, and the cursor of the next page. Raises CursorGone."""
    lines = stdout.splitlines()
    whole = lines[:-1] if truncated else lines
    entries = [parse(line) for line in whole]
    if query.cursor:
        if not entries or entries[0].cursor != query.cursor:
            raise CursorGone(
                "The journal does not go back to where this page begins: it was rotated meanwhile.",
                field="cursor",
                hint="Start again without a cursor.",
            )
        entries = entries[1:]
    more = len(entries) > query.limit or truncated
    entries = entries[: query.limit]
    return entries, entries[-1].cursor if more and entries else None


def parse(line: str) -> Entry:
    """One line of ``--output=json``. Raises ToolGarbage."""
    try:
        found: dict[str, Any] = orjson.loads(line)
        priority = int(_text(found.get("PRIORITY", "6")))
        pid = _text(found.get("_PID", ""))
        return Entry(
            cursor=str(found["__CURSOR"]),
            at=int(found["__REALTIME_TIMESTAMP"]) / 1_000_000,
            priority=PRIORITIES[priority] if 0 <= priority < len(PRIORITIES) else "info",
            identifier=_text(found.get("SYSLOG_IDENTIFIER") or found.get("_COMM") or ""),
            pid=int(pid) if pid.isdecimal() else None,
            message=_text(found.get("MESSAGE"))[:MOST_CHARACTERS],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolGarbage("journalctl printed something that is no entry.", detail=line[:1000]) from error


def _text(value: Any) -> str:
    """A field's text. What is no UTF-8 comes as numbers, what is there twice as a list, a huge one as null."""
    if value is None:
        return "(too long to be shown)"
    if isinstance(value, list):
        if value and all(isinstance(each, int) for each in value):
            return bytes(value).decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
        return "\n".join(_text(each) for each in value)
    return str(value).replace("\x00", "\\x00")


def error_from(stderr: str) -> CalypsoError:
    """A refusal as a named error."""
    if "Failed to seek to cursor" in stderr:
        return BadCursor(
            "This is no cursor of the journal.", field="cursor", detail=stderr, hint="Start again without a cursor."
        )
    if "insufficient permissions" in stderr:
        return JournalDenied(
            "The journal may not be read.",
            detail=stderr,
            hint="Run Calypso's observer as root, or put its user into the group systemd-journal.",
        )
    if "pattern matching" in stderr:
        return ToolError("This journalctl can't search for text.", detail=stderr, code="journal_no_search")
    return ToolError("journalctl failed.", detail=stderr, code="journal_failed")
