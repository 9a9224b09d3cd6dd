"""What the errors that come back over D-Bus mean to a person."""

from __future__ import annotations

from collections.abc import Callable

from calypso.kernel.buses.base import BusMissing, BusTimeout, NotAuthorized, Refused
from calypso.kernel.errors import CalypsoError, ToolError
from calypso.kernel.plans import Request
from calypso.kernel.redaction import redact

Namer = Callable[[Request, Refused], CalypsoError | None]
_namers: dict[str, Namer] = {}

_DENIED = (
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.AuthFailed",
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
    "org.freedesktop.PolicyKit1.Error.NotAuthorized",
)
_ABSENT = ("org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner")
_SILENT = (
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.Timeout",
    "org.freedesktop.DBus.Error.TimedOut",
)


def names_errors_of(destination: str) -> Callable[[Namer], Namer]:
    """Registers a service's translation from its errors to named ones; None leaves the error to D-Bus's own names."""

    def register(function: Namer) -> Namer:
        _namers[destination] = function
        return function

    return register


def named_error(request: Request, refused: Refused) -> CalypsoError:
    """The named error of a call that was refused."""
    namer = _namers.get(request.destination)
    error = (namer(request, refused) if namer else None) or _of_the_bus(request, refused)
    error.message, error.detail = redact(error.message), redact(error.detail or refused.text)
    return error


def _of_the_bus(request: Request, refused: Refused) -> CalypsoError:
    if refused.name in _DENIED:
        return NotAuthorized(
            f"The box does not let Calypso call {request.member} of {request.destination}.",
            hint="Run Calypso's worker as root, or give its user the right in polkit.",
        )
    if refused.name in _ABSENT:
        return BusMissing(
            f"Nobody answers as {request.destination} on the system's bus.",
            hint="Install or start the service that offers it.",
        )
    if refused.name in _SILENT:
        return BusTimeout(f"{request.destination} did not answer.", hint="Look at the box, then try again.")
    return ToolError(f"{request.destination} refused {request.member}: {refused.message}", code="bus_call_failed")
