"""Daphne in this process: it ends without cutting off a request that is being answered, and bounds what a WebSocket
client that does not read may keep in memory."""

from __future__ import annotations

import asyncio
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as Daphne
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred

from calypso.home import Refused

FINISH = 3.0  # seconds for requests in flight at shutdown; the supervisor allows twice as much
UNSENT = 256 * 1024  # bytes that wait for one WebSocket client before its sender waits too
PATIENCE = 10.0  # seconds for such a client to read all of them
LAST_WORD = 1.0  # seconds for a client to hear why it's dropped, and to answer
NORMAL, SERVICE_RESTART = 1000, 1012  # WebSocket close codes; the second means: try again soon
LONGEST_REASON = 123  # bytes, RFC 6455 §5.5


class Flow:
    """A WebSocket's transport as Twisted's flow control sees it: ``free`` unless too much is waiting to be read."""

    def __init__(self, transport: Any) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self.transport = transport
        transport.bufferSize = UNSENT
        transport.unregisterProducer()  # the HTTP channel that the connection began with
        transport.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802  Twisted's name
        self.free.clear()

    def resumeProducing(self) -> None:  # noqa: N802  Twisted's name
        self.free.set()
        if self.transport.disconnecting:
            self.transport.unregisterProducer()  # it closes only without one

    def stopProducing(self) -> None:  # noqa: N802  Twisted's name
        self.free.set()


class Server(Daphne):  # type: ignore[misc]  # daphne has no types
    """Daphne with flow control, an orderly end, and which says so when it can't listen.

    A WebSocket send returns once its client has read enough, and raises TimeoutError for one that does not; the
    application may then still close with a reason, before the connection is aborted.
    """

    failure = ""

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.getErrorMessage()
        super().listen_error(failure)

    def protocol_connected(self, protocol: Any) -> None:
        super().protocol_connected(protocol)
        if isinstance(protocol, WebSocketProtocol):
            protocol.closeHandshakeTimeout = LAST_WORD
            self.connections[protocol]["flow"] = Flow(protocol.transport)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close" and protocol.state == protocol.STATE_OPEN:
            close(protocol, message.get("code") or NORMAL, message.get("reason") or "")
            return
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.send" and protocol in self.connections:
            await self._room(protocol, self.connections[protocol]["flow"])

    async def _room(self, protocol: Any, flow: Flow) -> None:
        if flow.free.is_set():
            return
        try:
            await asyncio.wait_for(flow.free.wait(), PATIENCE)
        except TimeoutError:
            asyncio.get_running_loop().call_later(LAST_WORD, protocol.dropConnection, True)
            raise TimeoutError(f"the client left {UNSENT} bytes unread for {PATIENCE} s") from None

    def kill_all_applications(self) -> Any:
        """Listens no more, closes WebSockets with a code, gives requests FINISH seconds, and cancels the rest."""
        for listener in self.listeners:
            listener.addCallback(lambda port: port and port.stopListening())
        requests = set()
        for protocol, details in self.connections.items():
            instance = details.get("application_instance")
            if isinstance(protocol, WebSocketProtocol):
                close(protocol, SERVICE_RESTART, "Calypso stops or restarts.")
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


def close(protocol: Any, code: int, reason: str) -> None:
    """Closes an open WebSocket. Daphne's own way drops the reason, and refuses the codes 1001 to 1015."""
    if protocol.state == protocol.STATE_OPEN:
        words = reason.encode()[:LONGEST_REASON].decode(errors="ignore").encode()
        protocol.sendCloseFrame(code=code, reasonUtf8=words or None, isReply=False)


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
