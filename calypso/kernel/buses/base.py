"""A connection to a bus as bus.py needs it: what the real one and the lab's have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from calypso.kernel.errors import ToolError, ToolMissing, ToolTimeout
from calypso.kernel.plans import Request


class BusMissing(ToolMissing):
    """No system bus, or one that has gone away."""

    code = "bus_missing"


class BusTimeout(ToolTimeout):
    """The bus, or who was asked over it, does not answer."""

    code = "bus_timeout"


class NotAuthorized(ToolError):
    """The box (polkit, or the bus's policy) does not let this process do it."""

    code = "not_authorized"


class Refused(Exception):
    """The other side's answer was an error, by its name on the bus; or what was begun ended badly."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name, self.message = name, message

    @property
    def text(self) -> str:
        return f"{self.name}: {self.message}"


@dataclass(frozen=True)
class Rule:
    """Which signals to be told of. ``below``: of this object and all beneath it. ``first``: the first argument."""

    interface: str
    member: str = ""
    path: str = ""
    below: str = ""
    first: str = ""

    def text(self) -> str:
        """The match rule of the specification of D-Bus."""
        parts = {
            "interface": self.interface,
            "member": self.member,
            "path": self.path,
            "path_namespace": self.below,
            "arg0": self.first,
        }
        return ",".join(["type='signal'", *(f"{name}='{value}'" for name, value in parts.items() if value)])


@dataclass(frozen=True)
class Signal:
    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


class Connection(Protocol):
    """One connection. All but ``close`` raise BusMissing when the other end goes away."""

    async def call(self, request: Request) -> list[Any]:
        """The reply's values. Raises Refused."""

    async def listen(self, rule: Rule) -> None:
        """From now on signals of this rule are kept for ``signal``."""

    async def signal(self) -> Signal:
        """The next signal; waits until there is one."""

    def close(self) -> None: ...
