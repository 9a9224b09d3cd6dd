"""Live updates: one LISTEN bridge a web process, and the WebSocket consumer that each client gets.

The bridge keeps the last events in a ring; a consumer pulls from the ring by its own position, and from the database
when it is further behind. So nothing is queued per client: a slow one costs no memory, and is dropped with a reason
when it stays behind. ``since=`` makes a reconnection exact: nothing missed, nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import parse_qs

import orjson
import psycopg
import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import OperationalError

from calypso.kernel import store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.events import Kind

log = structlog.get_logger()

RING = 4096  # events
PAGE = 500  # events
POLL_SECONDS = 1.0
MOST_BEHIND = 20_000  # events; a client further behind than this while connected is dropped
REAUTHENTICATE_SECONDS = 60.0

# WebSocket close codes (4000-4999 are the application's own, RFC 6455 §7.4.2)
NOT_AUTHENTICATED, BAD_REQUEST, TOO_SLOW, AHEAD = 4401, 4400, 4408, 4409

_READ = "SELECT position, type, kind, keys FROM ledger.event WHERE position > %s ORDER BY position LIMIT %s"


@dataclass(frozen=True)
class Message:
    """What a client is told of an event: enough to fetch what it shows again."""

    position: int
    type: str
    kind: str
    keys: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, position: int, name: str, kind: str, keys: Sequence[str]) -> Message:
        text = orjson.dumps({"position": position, "type": name, "keys": keys}).decode()
        return cls(position, name, kind, tuple(keys), text)

    def about(self, topics: Sequence[str]) -> bool:
        """Whether its type or a key is one of the topics or lies below one (``storage``, ``storage.pool.tank``)."""
        return any(n == t or n.startswith(t + ".") for t in topics for n in (self.type, *self.keys))


class Bridge:
    """Follows the ledger for all clients of this process. LISTENs before it reads, polls every second, reconnects."""

    def __init__(self) -> None:
        self.ring: deque[Message] = deque(maxlen=RING)
        self.position = 0
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        self._reader: psycopg.AsyncConnection[Any] | None = None
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        """Starts following, at the ledger's present end; does nothing when it already does."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        await self._ready.wait()

    async def end(self) -> int:
        """The ledger's end now; ``position`` may be a moment behind it."""
        return int((await self._read("SELECT size FROM ledger.head"))[0][0])

    async def after(self, position: int) -> list[Message]:
        """The next messages behind a position; waits until there is one."""
        while position >= self.position:
            await self._changed.wait()
        first = self.position - len(self.ring) + 1
        if position + 1 < first:
            return await self._page(position)
        return [self.ring[i] for i in range(position + 1 - first, min(len(self.ring), position + 1 - first + PAGE))]

    async def _follow(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("live bridge lost the database", error=str(error).strip())
                await asyncio.sleep(POLL_SECONDS / 4)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(**store.connection_parameters(), autocommit=True) as db:
            await db.execute(f"LISTEN {store.CHANNEL}")
            if not self._ready.is_set():
                row = await (await db.execute("SELECT size FROM ledger.head")).fetchone()
                self.position = row[0] if row else 0
                self._ready.set()
            while True:
                await self._read_new(db)
                async for _ in db.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass

    async def _read_new(self, db: psycopg.AsyncConnection[Any]) -> None:
        while rows := await (await db.execute(_READ, [self.position, PAGE])).fetchall():
            self.ring.extend(Message.of(*row) for row in rows)
            self.position = rows[-1][0]
            self._changed.set()
            self._changed = asyncio.Event()

    async def _page(self, position: int) -> list[Message]:
        return [Message.of(*row) for row in await self._read(_READ, [position, PAGE])]

    async def _read(self, sql: LiteralString, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Reads on a connection of its own, which all clients share; once more when it turns out to be broken."""
        async with self._reading:
            if self._reader is not None and not self._reader.closed:
                try:
                    return await (await self._reader.execute(sql, args)).fetchall()
                except psycopg.OperationalError:
                    await self._reader.close()
            self._reader = await psycopg.AsyncConnection.connect(**store.connection_parameters(), autocommit=True)
            return await (await self._reader.execute(sql, args)).fetchall()


_bridges: dict[asyncio.AbstractEventLoop, Bridge] = {}


def bridge() -> Bridge:
    """This event loop's bridge."""
    return _bridges.setdefault(asyncio.get_running_loop(), Bridge())


def position() -> int | None:
    """How far this process has told its clients of the ledger; None where it does not follow."""
    return min((each.position for each in _bridges.values() if each.position), default=None)


Authenticate = Callable[[dict[str, Any]], Awaitable[Actor | None]]


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """``/ws/v1/live?since=<position>&topics=a,b``: ``{position, type, keys}`` for each event the client may see.

    ``{"control": "ready", "position": n}`` says that all up to n, the end when it connected, has been sent.
    """

    authenticate: Authenticate
    position = 0  # of the last event sent or passed over

    async def connect(self) -> None:
        await self.accept()
        self.task = asyncio.create_task(self._serve())

    async def disconnect(self, code: int) -> None:
        self.task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Clients have nothing to say here."""

    async def _serve(self) -> None:
        try:
            await self._follow()
        except asyncio.CancelledError:
            raise
        except TimeoutError:
            await self.close(code=TOO_SLOW, reason=f"Too slow; reconnect with since={self.position}.")
        except (psycopg.OperationalError, OperationalError) as error:
            log.warning("live consumer lost the database", error=" ".join(str(error).split()))
            await self.close(code=1013, reason="The database is away; reconnect with since=.")
        except Exception:
            log.exception("live consumer failed")
            await self.close(code=1011)

    async def _follow(self) -> None:
        actor = await type(self).authenticate(self.scope)
        if actor is None or not actor.may(Permission.READ):
            await self.close(code=NOT_AUTHENTICATED, reason="Log in first.")
            return
        following = bridge()
        await following.start()
        try:
            position, topics = self._asked(following.position)
        except ValueError as error:
            await self.close(code=BAD_REQUEST, reason=str(error))
            return
        if position > following.position and position > (end := await following.end()):
            await self.close(code=AHEAD, reason=f"The ledger ends at {end}.")
            return
        await self._pump(following, actor, position, topics)

    def _asked(self, end: int) -> tuple[int, list[str]]:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        since = query.get("since", [str(end)])[0]
        if not since.isascii() or not since.isdigit() or len(since) > 18:
            raise ValueError("since is not a position: a whole number from 0 on.")
        topics = [topic for value in query.get("topics", []) for topic in value.split(",") if topic]
        return int(since), topics

    async def _pump(self, following: Bridge, actor: Actor, position: int, topics: list[str]) -> None:
        loop = asyncio.get_running_loop()
        ready, checked = following.position, loop.time()
        self.position = position
        announced = await self._announce(ready)
        while True:
            messages = await following.after(self.position)
            if loop.time() - checked > REAUTHENTICATE_SECONDS:
                checked = loop.time()
                actor_now = await type(self).authenticate(self.scope)
                if actor_now is None or not actor_now.may(Permission.READ):
                    await self.close(code=NOT_AUTHENTICATED, reason="The session or token has ended.")
                    return
                actor = actor_now
            for message in messages:
                self.position = message.position
                if (message.kind != Kind.SECURITY or actor.may(Permission.AUDIT)) and (
                    not topics or message.about(topics)
                ):
                    await self.send(text_data=message.text)
                announced = announced or await self._announce(ready)
            if announced and following.position - self.position > MOST_BEHIND:
                await self.close(code=TOO_SLOW, reason=f"Too slow; reconnect with since={self.position}.")
                return

    async def _announce(self, ready: int) -> bool:
        """Says so when the client has been sent all up to ``ready``. Returns whether it has."""
        if self.position < ready:
            return False
        await self.send(text_data=orjson.dumps({"control": "ready", "position": self.position}).decode())
        return True
