"""A unit's log over the WebSocket: ``/ws/v1/journal?unit=NAME&after=CURSOR&priority=warning&text=…&lines=100``.

Sends ``{"entries": […], "dropped": n}``, the oldest first: at once the last ``lines`` (or what is behind ``after``),
then what is written. ``dropped`` counts what a noisy unit wrote beyond the limit. An error ends it, with its code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson
import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from pydantic import ValidationError

from apps.system import journal
from apps.system.adapters.journalctl import LogQuery, checked_cursor
from apps.system.domain.units import checked_name
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.errors import CalypsoError
from calypso.kernel.live import BAD_REQUEST, NOT_AUTHENTICATED, REAUTHENTICATE_SECONDS, TOO_SLOW

log = structlog.get_logger("calypso.journal")

SEND_SECONDS = 30.0  # that a client may take for one message
ENDED = 4500  # the journal can't be followed (any more)

Authenticate = Callable[[dict[str, Any]], Awaitable[Actor | None]]


class JournalConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Passes on what the observer's desk tells."""

    authenticate: Authenticate

    async def connect(self) -> None:
        await self.accept()
        self.task = asyncio.create_task(self._serve())

    async def disconnect(self, code: int) -> None:
        self.task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Clients have nothing to say here."""

    async def _serve(self) -> None:
        try:
            if not await self._may_read():
                await self.close(code=NOT_AUTHENTICATED, reason="Log in first.")
                return
            await self._follow(self._asked())
        except asyncio.CancelledError:
            raise
        except ValueError as error:
            await self.close(code=BAD_REQUEST, reason=str(error))
        except TimeoutError:
            await self.close(code=TOO_SLOW, reason="Too slow.")
        except CalypsoError as error:
            told = {"code": error.code, "message": error.message, "hint": error.hint}
            await self.send(text_data=orjson.dumps({"error": told}).decode())
            await self.close(code=BAD_REQUEST if error.status == 422 else ENDED, reason=error.message[:120])
        except Exception:
            log.exception("following a log failed")
            await self.close(code=1011)

    async def _follow(self, query: LogQuery) -> None:
        loop = asyncio.get_running_loop()
        checked = loop.time()
        async for batch in journal.follow(query):
            if loop.time() - checked > REAUTHENTICATE_SECONDS:
                checked = loop.time()
                if not await self._may_read():
                    await self.close(code=NOT_AUTHENTICATED, reason="The session or token has ended.")
                    return
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(text_data=orjson.dumps(batch).decode())
        await self.close(code=ENDED, reason="The observer has ended; connect again.")

    async def _may_read(self) -> bool:
        actor = await type(self).authenticate(self.scope)
        return actor is not None and actor.may(Permission.READ)

    def _asked(self) -> LogQuery:
        """Raises ValueError or CalypsoError."""
        given = {name: values[0] for name, values in parse_qs(self.scope["query_string"].decode("latin-1")).items()}
        after = given.get("after", "")
        try:
            return LogQuery(
                unit=checked_name(given.get("unit", "")),
                cursor=checked_cursor(after) if after else "",
                priority=given.get("priority") or None,
                text=given.get("text", ""),
                limit=int(given.get("lines", "100")),
            )
        except ValidationError as error:
            wrong = error.errors()[0]
            raise ValueError(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"[:120]) from error
