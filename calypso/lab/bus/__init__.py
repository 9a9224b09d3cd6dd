"""The lab's system bus: systemd, timedated, hostnamed and logind as far as Calypso asks them, over the lab's state.

It answers calls in this process; there is no daemon. A signal is what is found changed when the state has changed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from calypso.kernel.buses.base import BusMissing, Refused, Rule, Signal
from calypso.kernel.plans import Request
from calypso.lab.bus import hosts, logins, managing, times, units
from calypso.lab.bus.errors import BUS, PROPERTIES, Body, Failed
from calypso.lab.state import State, change, reading, state_version

POLL_SECONDS = 0.03
SERVICES = {
    managing.NAME: managing.answer,
    times.NAME: times.answer,
    hosts.NAME: hosts.answer,
    logins.NAME: logins.answer,
}


async def connect(address: str) -> LabConnection:
    """A connection; the address means nothing here. `lab bus away` and the like say how it goes."""
    connection = LabConnection()
    if connection.condition == "away":
        raise BusMissing("There is no system bus.", detail="The lab's bus is away.", hint="manage.py lab bus ok")
    return connection


class LabConnection:
    """What a client of the bus holds. It hears of changes made by others since it began to listen."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.heard: deque[Signal | None] = deque()
        self.version, self.seen, self.properties = 0, 0, dict[str, Any]()

    @property
    def condition(self) -> str:
        with reading() as state:
            return str(state["options"].get("bus", "ok"))

    async def call(self, request: Request) -> list[Any]:
        while self.condition == "hangs":
            await asyncio.sleep(POLL_SECONDS)
        try:
            if request.destination not in SERVICES:
                raise Failed(
                    f"{BUS}.ServiceUnknown",
                    f"The name {request.destination} was not provided by any .service files",
                )
            with _open(request) as state:
                reply, signals = SERVICES[request.destination](state, request)
        except Failed as failed:
            raise Refused(failed.name, failed.message) from None
        self.heard.extend(self._wanted(*signal) for signal in signals)
        return reply

    async def listen(self, rule: Rule) -> None:
        self.rules.append(rule)
        if len(self.rules) == 1:
            self.version = state_version()
            with _looking() as state:
                self.seen, self.properties = units.newest(state), _properties(state)

    async def signal(self) -> Signal:
        while True:
            while self.heard:
                if (signal := self.heard.popleft()) is not None:
                    return signal
            if state_version() != self.version:
                self._look()
            else:
                await asyncio.sleep(POLL_SECONDS)

    def close(self) -> None:
        self.rules.clear()

    def _look(self) -> None:
        self.version = state_version()
        with _looking() as state:
            found = units.changed_since(state, self.seen)
            properties = _properties(state)
        for unit in found:
            self.seen = max(self.seen, unit["changed"])
            self.heard.append(self._wanted(*managing.changed(unit)))
        for path, (interface, values) in properties.items():
            before = self.properties.get(path, (interface, {}))[1]
            if new := {name: value for name, value in values.items() if before.get(name) != value}:
                self.heard.append(self._wanted(path, PROPERTIES, "PropertiesChanged", (interface, new, [])))
        self.properties = properties

    def _wanted(self, path: str, interface: str, member: str, body: Body) -> Signal | None:
        """The signal, if a rule asks for it."""
        wanted = any(
            rule.interface == interface
            and rule.member in ("", member)
            and rule.path in ("", path)
            and (not rule.below or path == rule.below or path.startswith(f"{rule.below}/"))
            and rule.first in ("", body[0] if body else "")
            for rule in self.rules
        )
        return Signal(path, interface, member, body) if wanted else None


def _open(request: Request) -> AbstractContextManager[State]:
    """The state: to look at, for what changes nothing, so that looks wait for nobody."""
    looks = request.interface == PROPERTIES or request.member.startswith(("Get", "List", "Load", "Can", "Subscribe"))
    return _looking() if looks else _changing()


@contextmanager
def _looking() -> Iterator[State]:
    with reading() as state:
        ready = units.are_there(state)
        if ready:
            yield state
    if not ready:
        with _changing() as state:
            yield state


@contextmanager
def _changing() -> Iterator[State]:
    with change() as state:
        units.ensure(state)
        yield state


def _properties(state: State) -> dict[str, tuple[str, dict[str, Any]]]:
    """What may change of the services that have one object, by its path."""
    return {
        times.PATH: (times.NAME, times.emitted(state)),
        hosts.PATH: (hosts.NAME, hosts.properties(state)),
    }
