"""Daphne in this process, ending without cutting off a request that is being answered."""

from __future__ import annotations

import asyncio
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as Daphne
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred

from calypso.home import Refused

FINISH = 3.0  # seconds for requests in flight at shutdown; the supervisor allows twice as much
SERVICE_RESTART = 1012  # WebSocket close code: try again soon


class Server(Daphne):  # type: ignore[misc]  # daphne has no types
    """Daphne with an orderly end, and which says so when it can't listen."""

    failure = ""

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.getErrorMessage()
        super().listen_error(failure)

    def kill_all_applications(self) -> Any:
        """Listens no more, closes WebSockets with a code, gives requests FINISH seconds, and cancels the rest."""
        for listener in self.listeners:
            listener.addCallback(lambda port: port and port.stopListening())
        requests = set()
        for protocol, details in self.connections.items():
            instance = details.get("application_instance")
            if isinstance(protocol, WebSocketProtocol):
                protocol.sendClose(code=SERVICE_RESTART)
            elif instance and not instance.done():
                requests.add(instance)
        return Deferred.fromFuture(asyncio.ensure_future(self._finish(requests)))

    async def _finish(self, requests: set[asyncio.Future[None]]) -> None:
        if requests:
            await asyncio.wait(requests, timeout=FINISH)
        instances = [details.get("application_instance") for details in self.connections.values()]
        rest = [instance for instance in instances if instance and not instance.done()]
        for instance in rest:
            instance.cancel()
        if rest:
            await asyncio.wait(rest, timeout=1)


def serve(host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT. Raises Refused when it can't listen."""
    from calypso.asgi import application

    server = Server(
        application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        server_name="calypso",
    )
    server.run()
    if server.failure:
        raise Refused(f"Can't listen on {host}:{port}: {server.failure}")
