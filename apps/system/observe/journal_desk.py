"""The desk at which the web process asks for the journal: a socket in the data folder, served by the observer.

However noisy a unit is, a follower gets so many entries a second, the newest, and is told how many were dropped.
"""

from __future__ import annotations

import contextlib
import os
import select
import socketserver
import threading
import time
from collections import deque
from dataclasses import asdict
from typing import Any

import orjson
import structlog
from pydantic import ValidationError

from apps.system import journal
from apps.system.adapters import journalctl
from apps.system.adapters.journalctl import Entry, LogQuery
from calypso.kernel import shell
from calypso.kernel.errors import CalypsoError, Invalid, TooManyAttempts
from calypso.kernel.redaction import redact

log = structlog.get_logger("calypso.journal")

PAGE_DEADLINE = 20.0  # seconds; a search may go through gigabytes
FLUSH_SECONDS = 0.2
MOST_A_FLUSH = 50  # entries: 250 a second
MOST_FOLLOWERS = 16  # each costs a process
MOST_QUESTION = 16 * 1024  # bytes

_followers = threading.BoundedSemaphore(MOST_FOLLOWERS)


def serve_forever(stop: threading.Event) -> None:
    """Answers until told to stop."""
    path = journal.socket_path()
    path.unlink(missing_ok=True)
    with _Server(str(path), _Desk) as server:
        os.chmod(path, 0o660)  # noqa: PTH101  of the socket itself
        server.stop = stop
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
        stop.wait()
        server.shutdown()
    path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    stop: threading.Event


class _Desk(socketserver.StreamRequestHandler):
    """One question."""

    server: _Server

    def handle(self) -> None:
        try:
            self._answer()
        except CalypsoError as error:
            self._say({"error": _told(error)})
        except OSError:
            pass  # whoever asked has gone
        except Exception as error:
            log.exception("the journal's desk failed by a defect")
            self._say(
                {"error": _told(CalypsoError(f"The observer failed ({type(error).__name__}).", code="internal_error"))}
            )

    def _answer(self) -> None:
        try:
            asked = orjson.loads(self.rfile.readline(MOST_QUESTION))
            query, what = LogQuery.model_validate(asked["query"]), asked["do"]
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise Invalid("The question is none that the journal's desk knows.", detail=str(error)) from error
        if what == "follow":
            self._follow(query)
        else:
            self._say(page(query))

    def _follow(self, query: LogQuery) -> None:
        if not _followers.acquire(blocking=False):
            raise TooManyAttempts(
                f"{MOST_FOLLOWERS} logs are followed at once already.",
                code="too_many_followers",
                hint="Close one of them.",
            )
        try:
            first = page(query.model_copy(update={"cursor": ""})) if not query.cursor else {"entries": []}
            self._say({"entries": first["entries"][::-1]})
            at = first["entries"][0]["cursor"] if first["entries"] else query.cursor
            _Following(query.model_copy(update={"cursor": at}), self.server.stop).tell(self)
        finally:
            _followers.release()

    def _say(self, answer: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(orjson.dumps(answer) + b"\n")

    def say(self, answer: dict[str, Any]) -> None:
        """Raises OSError when whoever asked has gone."""
        self.wfile.write(orjson.dumps(answer) + b"\n")

    def has_gone(self) -> bool:
        """Whoever follows says nothing more: what can be read is the end."""
        return bool(select.select([self.connection], [], [], 0)[0])


class _Following:
    """journalctl in a thread of its own, whose lines are kept, the newest of them, until the next flush."""

    def __init__(self, query: LogQuery, stop: threading.Event) -> None:
        self.query, self.stop, self.ended = query, stop, threading.Event()
        self.lock = threading.Lock()
        self.lines: deque[str] = deque(maxlen=MOST_A_FLUSH)
        self.came = 0

    def tell(self, desk: _Desk) -> None:
        """Until the follower has gone, the tool has ended, or all is to end."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            while not (self.stop.is_set() or desk.has_gone()):
                ended = not thread.is_alive()
                if lines := self._take():
                    desk.say({"entries": [_shown(journalctl.parse(line)) for line in lines[0]], "dropped": lines[1]})
                if ended:
                    raise CalypsoError(
                        "The journal can't be followed any more.", code="journal_failed", hint="Try again."
                    )
                time.sleep(FLUSH_SECONDS)
        finally:
            self.ended.set()
            thread.join(5)

    def _run(self) -> None:
        try:
            shell.follow(journalctl.follow_argv(self.query), self.ended.is_set, self._heard)
        except CalypsoError as error:
            log.warning("the journal can't be followed", error=error.message)

    def _heard(self, line: str) -> None:
        with self.lock:
            self.lines.append(line)
            self.came += 1

    def _take(self) -> tuple[list[str], int] | None:
        with self.lock:
            if not self.came:
                return None
            taken = [line for line in self.lines if line], self.came - len(self.lines)
            self.lines.clear()
            self.came = 0
            return taken


def page(query: LogQuery) -> dict[str, Any]:
    """Entries, the newest first, and the cursor of the next page. Raises a named error."""
    result = shell.run(journalctl.page_argv(query), deadline=PAGE_DEADLINE)
    if not result.ok:
        raise journalctl.error_from(result.stderr)
    entries, following = journalctl.page_of(query, result.stdout, truncated=result.truncated)
    return {"entries": [_shown(entry) for entry in entries], "next": following}


def _shown(entry: Entry) -> dict[str, Any]:
    """Programs write secrets into logs: they are masked here, and leave this process so."""
    return {**asdict(entry), "message": redact(entry.message)}


def _told(error: CalypsoError) -> dict[str, Any]:
    return {
        "code": error.code,
        "status": error.status,
        "message": error.message,
        "detail": redact(error.detail),
        "hint": error.hint,
        "field": error.field,
    }
