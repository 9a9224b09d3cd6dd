"""The real system bus, by dbus-fast."""

from __future__ import annotations

import asyncio
from typing import Any

from dbus_fast import AuthError, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.unpack import unpack_variants

from calypso.kernel.buses.base import BusMissing, NotAuthorized, Refused, Rule, Signal
from calypso.kernel.plans import Request

DAEMON = "org.freedesktop.DBus"
OF_OUR_OWN_NAME = ("NameAcquired", "NameLost")  # the daemon tells each connection of its own, asked for or not


async def connect(address: str) -> SystemConnection:
    """A connection to the bus at this address, as ``unix:path=…``. Raises BusMissing or NotAuthorized."""
    bus = MessageBus(bus_address=address)
    try:
        await bus.connect()
    except AuthError as error:
        raise NotAuthorized("The system's bus does not let Calypso in.", detail=f"{address}: {error}") from error
    except (OSError, EOFError) as error:
        raise BusMissing(
            "There is no system bus.",
            detail=f"{address}: {error}",
            hint="Start dbus.service, or say in calypso.yaml where the bus is (system.bus).",
        ) from error
    return SystemConnection(bus)


class SystemConnection:
    """One connection to a D-Bus daemon."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus = bus
        self.signals: asyncio.Queue[Signal] = asyncio.Queue()
        self.gone = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]  # dbus-fast's
        bus.add_message_handler(self._heard)

    async def call(self, request: Request) -> list[Any]:
        return await self._call(
            Message(
                destination=request.destination,
                path=request.path,
                interface=request.interface,
                member=request.member,
                signature=request.signature,
                body=list(request.body),
            )
        )

    async def listen(self, rule: Rule) -> None:
        body = [rule.text()]
        message = Message(
            destination=DAEMON,
            path="/org/freedesktop/DBus",
            interface=DAEMON,
            member="AddMatch",
            signature="s",
            body=body,
        )
        await self._call(message)

    async def signal(self) -> Signal:
        if not self.signals.empty():
            return self.signals.get_nowait()
        signal: Signal = await self._unless_gone(self.signals.get())
        return signal

    def close(self) -> None:
        if not self.gone.cancel() and not self.gone.cancelled():
            self.gone.exception()  # or asyncio would complain that nobody looked
        self.bus.disconnect()

    async def _call(self, message: Message) -> list[Any]:
        reply: Message = await self._unless_gone(self.bus.call(message))
        if reply.message_type is MessageType.ERROR:
            raise Refused(str(reply.error_name), str(reply.body[0]) if reply.body else "")
        return list(unpack_variants(reply.body))

    async def _unless_gone(self, waiting: Any) -> Any:
        """The answer, unless the connection breaks before it comes."""
        task = asyncio.ensure_future(waiting)
        try:
            await asyncio.wait([task, self.gone], return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise BusMissing("The system's bus has gone away.", hint="Look at dbus.service.")
            return task.result()
        except (OSError, EOFError) as error:
            raise BusMissing("The system's bus has gone away.", detail=str(error)) from error
        finally:
            task.cancel()

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member not in OF_OUR_OWN_NAME:
            body = tuple(unpack_variants(message.body))
            self.signals.put_nowait(Signal(str(message.path), str(message.interface), str(message.member), body))
