"""The only place that speaks D-Bus: calls with a deadline, and signals as they come.

Where a call goes is ``settings.CALYPSO_SYSTEM_BUS``; in the lab ``settings.CALYPSO_BUS_TRANSPORT`` names what answers
instead. What an error means is told by whoever registered for its destination, or by the few that are D-Bus's own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from calypso.kernel.buses.base import BusMissing, BusTimeout, Connection, Refused, Rule, Signal
from calypso.kernel.buses.errors import named_error, names_errors_of
from calypso.kernel.errors import CalypsoError, ToolCancelled
from calypso.kernel.plans import Request

__all__ = [
    "BusMissing",
    "BusTimeout",
    "Refused",
    "Rule",
    "Signal",
    "call",
    "call_all",
    "follow",
    "get",
    "get_all",
    "named_error",
    "names_errors_of",
    "read",
]

T = TypeVar("T")
AT_ONCE = 16  # calls that are under way together
POLL_SECONDS = 0.1  # between two looks whether a call is to be given up
READ_DEADLINE = 10.0  # seconds
PROPERTIES = "org.freedesktop.DBus.Properties"


def call(request: Request, *, deadline: float, cancelled: Callable[[], bool] | None = None) -> list[Any]:
    """The reply's values, variants unpacked, once what the call began has ended. ``deadline`` in seconds.

    Raises Refused with the error that the other side answered; BusMissing, BusTimeout, ToolCancelled.
    """

    async def asked(connection: Connection) -> list[Any]:
        return await _ended(connection, request)

    return _run(asked, deadline, cancelled, request.text())


def read(request: Request, *, deadline: float = READ_DEADLINE) -> list[Any]:
    """Like ``call``, with the named error in place of Refused."""
    try:
        return call(request, deadline=deadline)
    except Refused as refused:
        raise named_error(request, refused) from None


def get(destination: str, path: str, interface: str, name: str) -> Any:
    """The value of a property. Raises a named error."""
    request = Request(
        destination=destination,
        path=path,
        interface=PROPERTIES,
        member="Get",
        signature="ss",
        body=(interface, name),
    )
    return read(request)[0]


def get_all(destination: str, path: str, interface: str = "") -> Request:
    """The call for all properties of an object: of one interface, or of all ("": systemd's objects know that)."""
    return Request(
        destination=destination, path=path, interface=PROPERTIES, member="GetAll", signature="s", body=(interface,)
    )


def call_all(requests: Sequence[Request], *, deadline: float) -> list[list[Any] | Refused]:
    """The replies, or refusals, of many calls over one connection. Raises BusMissing or BusTimeout."""

    async def asked(connection: Connection) -> list[list[Any] | Refused]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(request: Request) -> list[Any] | Refused:
            async with gate:
                try:
                    return await connection.call(request)
                except Refused as refused:
                    return refused

        return await asyncio.gather(*(one(request) for request in requests))

    return _run(asked, deadline, None, f"{len(requests)} calls")


def follow(
    rules: Sequence[Rule],
    stop: threading.Event,
    on_signal: Callable[[Signal], None],
    *,
    first: Sequence[Request] = (),
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Tells of each signal until told to stop. ``first``: calls without which the other side sends none.

    ``on_ready`` is called when nothing that happens from now on is missed. Raises BusMissing when the bus goes away.
    """

    async def listen(connection: Connection) -> None:
        for rule in rules:
            await connection.listen(rule)
        for request in first:
            await connection.call(request)
        on_ready()
        coming = asyncio.ensure_future(connection.signal())
        while not stop.is_set():
            await asyncio.wait([coming], timeout=POLL_SECONDS)
            if coming.done():
                on_signal(coming.result())
                coming = asyncio.ensure_future(connection.signal())
        coming.cancel()

    try:
        asyncio.run(_connected(listen))
    except Refused as refused:
        raise named_error(first[0], refused) if first else BusMissing(refused.text) from None


async def _ended(connection: Connection, request: Request) -> list[Any]:
    """The reply, when the signal has come that ends what the call began."""
    ending = request.ending
    if ending is None:
        return await connection.call(request)
    await connection.listen(Rule(path=ending.path, interface=ending.interface, member=ending.member))
    reply = await connection.call(request)
    while True:
        signal = await connection.signal()
        if signal.member == ending.member and signal.body[ending.reply] == reply[0]:
            break
    how = signal.body[ending.result]
    if how not in ending.good:
        raise Refused(f"{ending.interface}.{ending.member}.{how}", f"it ended with “{how}”")
    return [*reply, how]


async def _connected(work: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
    connection = await _connect()
    try:
        return await work(connection)
    finally:
        connection.close()


async def _connect() -> Connection:
    connect = import_string(settings.CALYPSO_BUS_TRANSPORT)
    connection: Connection = await connect(settings.CALYPSO_SYSTEM_BUS)
    return connection


def _run(
    work: Callable[[Connection], Coroutine[Any, Any, T]],
    deadline: float,
    cancelled: Callable[[], bool] | None,
    what: str,
) -> T:
    """Runs it in a thread of its own: this one may have a loop that runs, and asks meanwhile whether to go on."""
    future: Future[T] = Future()
    given_up = threading.Event()

    async def watched() -> T:
        task = asyncio.ensure_future(_connected(work))
        async with asyncio.timeout(deadline):
            while not task.done():
                await asyncio.wait([task], timeout=POLL_SECONDS)
                if given_up.is_set():
                    task.cancel()
        return await task

    def go() -> None:
        try:
            future.set_result(asyncio.run(watched()))
        except TimeoutError:
            future.set_exception(_late(deadline, what))
        except asyncio.CancelledError:
            future.set_exception(ToolCancelled("The call was given up on request.", detail=what))
        except Exception as error:
            future.set_exception(error)

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    while cancelled is not None and thread.is_alive():
        thread.join(2 * POLL_SECONDS)
        if not given_up.is_set() and cancelled():
            given_up.set()
    return future.result()


def _late(deadline: float, what: str) -> CalypsoError:
    return BusTimeout(
        f"The system's bus did not answer within {deadline:g} s.",
        detail=what,
        hint="Look at the box: systemd or a service may hang. Then try again.",
    )
