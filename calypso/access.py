"""The outermost ASGI layer: gives each request its id and writes one line when it's over."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from calypso.kernel.logs import bound, get_logger
from calypso.kernel.metrics import observe_request
from calypso.kernel.redaction import MASK, is_secret_name

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]  # Django and Channels type their scopes differently

log = get_logger("calypso.access")

ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
CLIENT_LEFT = 499  # no answer could be sent (nginx's number)


class RequestLog:
    """Binds `request_id` (a proxy's X-Request-ID, or a new one), answers with it, and logs status and ms."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        request_id = scope["request_id"] = wished_id(scope) or uuid.uuid4().hex
        with bound(request_id=request_id):
            await self._observed(scope, receive, send, request_id)

    async def _observed(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"X-Request-ID", request_id.encode())]
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        try:
            await self.application(scope, receive, watch)
        except Exception:
            status = status or 500
            raise
        finally:
            seconds = time.perf_counter() - started
            if scope["type"] == "http":
                observe_request(scope, status or CLIENT_LEFT, seconds)
            ms = round(seconds * 1000, 1)
            log.info(described(scope), status=status or CLIENT_LEFT, ms=ms, client=(scope.get("client") or [""])[0])


def wished_id(scope: Scope) -> str | None:
    """The id that a client or proxy sent, when it's harmless."""
    for name, value in scope.get("headers", []):
        if name == b"x-request-id" and ID.fullmatch(value):
            return str(value.decode())
    return None


def described(scope: Scope) -> str:
    """``GET /api/v1/storage/pools?limit=5``, values that might be secrets or need no witness masked."""
    query = parse_qsl(scope.get("query_string", b"").decode("ascii", "replace"), keep_blank_values=True)
    shown = "&".join(f"{name}={MASK if hidden(name) else value}" for name, value in query)
    return f"{scope.get('method', 'WS')} {scope['path']}{'?' if shown else ''}{shown}"


def hidden(name: str) -> bool:
    return is_secret_name(name) or name.lower() in ("confirm", "code", "state", "key")
