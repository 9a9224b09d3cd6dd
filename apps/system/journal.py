"""The journal for the web process, which starts no tool: it asks the observer over a socket in the data folder.

A question is a line of JSON, and so is each answer: ``{"entries": […], "next": …}``, ``{"dropped": n}``, or
``{"error": {…}}``. The desk that answers is observe/journal_desk.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from apps.system.adapters.journalctl import LogQuery
from calypso.kernel.errors import CalypsoError, Unavailable

DEADLINE = 30.0  # seconds for a page; the desk's own is shorter
MOST_BYTES = 64 * 1024 * 1024  # of an answer


def socket_path() -> Path:
    path: Path = settings.HOME.run / "journal.sock"
    return path


def read_page(query: LogQuery) -> dict[str, Any]:
    """Entries, the newest first, and the cursor of the next page. Raises what the desk tells, or Unavailable."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as desk, desk.makefile("rb") as answers:
            desk.settimeout(DEADLINE)
            desk.connect(str(socket_path()))
            desk.sendall(_question("page", query))
            line = answers.readline(MOST_BYTES)
    except OSError as error:
        raise _away() from error
    return answer_of(line)


async def follow(query: LogQuery) -> AsyncIterator[dict[str, Any]]:
    """What is written from now on, in batches. Raises what the desk tells, or Unavailable."""
    try:
        answers, desk = await asyncio.open_unix_connection(str(socket_path()), limit=MOST_BYTES)
    except OSError as error:
        raise _away() from error
    try:
        desk.write(_question("follow", query))
        while line := await answers.readline():
            yield answer_of(line)
    finally:
        desk.close()


def _question(what: str, query: LogQuery) -> bytes:
    return orjson.dumps({"do": what, "query": query.model_dump(mode="json")}) + b"\n"


def answer_of(line: bytes) -> dict[str, Any]:
    """Raises the error that it tells."""
    if not line.endswith(b"\n"):
        raise _away()
    answer: dict[str, Any] = orjson.loads(line)
    if (told := answer.get("error")) is not None:
        error = CalypsoError(
            told["message"], detail=told["detail"], hint=told["hint"], field=told["field"], code=told["code"]
        )
        error.status = told["status"]
        raise error
    return answer


def _away() -> CalypsoError:
    return Unavailable(
        "Nobody reads the journal: the observer does not run.",
        code="observer_away",
        hint="It is started again by itself; else start Calypso anew.",
    )
