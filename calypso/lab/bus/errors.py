"""How the lab's services refuse: by the names and words of the real ones."""

from __future__ import annotations

from typing import Any, NoReturn

from calypso.kernel.plans import Request
from calypso.lab.state import State

BUS = "org.freedesktop.DBus.Error"
SYSTEMD = "org.freedesktop.systemd1"
PROPERTIES = "org.freedesktop.DBus.Properties"

Body = tuple[Any, ...]
Signals = list[tuple[str, str, str, Body]]  # path, interface, member, arguments
Answer = tuple[list[Any], Signals]


class Failed(Exception):
    """An error that goes back over the bus."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name, self.message = name, message


def authorise(state: State) -> None:
    """As polkit does: `lab bus denies` makes it refuse whatever changes something."""
    if state["options"].get("bus") == "denies":
        raise Failed(f"{BUS}.InteractiveAuthorizationRequired", "Interactive authentication required.")


def unknown(request: Request) -> NoReturn:
    raise Failed(f"{BUS}.UnknownMethod", f"Unknown method {request.member} or interface {request.interface}.")


def properties(request: Request, values: dict[str, Any]) -> list[Any]:
    """Get and GetAll of org.freedesktop.DBus.Properties."""
    if request.member == "GetAll":
        return [values]
    if request.member == "Get" and request.body[1] in values:
        return [values[request.body[1]]]
    raise Failed(f"{BUS}.UnknownProperty", f"Unknown property or interface {request.body[-1]}.")
