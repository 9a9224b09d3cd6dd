"""Services: the events of what systemd's units do, and of what is done to them. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict

from calypso.kernel.events import Event, Kind, event

MANAGER_STREAM = uuid5(NAMESPACE_URL, "calypso:systemd")
MANAGER_ADDRESS = "system.services"
MOST_IN_AN_EVENT = 1000

Action = Literal["start", "stop", "restart", "reload"]


def service_stream(unit: str) -> UUID:
    """The stream of a unit, by its name."""
    return uuid5(NAMESPACE_URL, f"calypso:unit:{unit}")


def service_address(unit: str) -> str:
    return f"system.service.{unit}"


class UnitState(BaseModel):
    """A unit in full, in systemd's words. ``since``: in this state; ``result``, ``exit_*``: how it ended last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    description: str
    load: str
    active: str
    sub: str
    file_state: str
    result: str
    exit_code: int
    exit_status: int
    since: datetime | None


class ServiceEvent(Event):
    unit: str

    def keys(self) -> tuple[str, ...]:
        return (service_address(self.unit),)


class ServiceSeen(ServiceEvent):
    """``state`` is the unit in full; ``changes``: how often it changed since the one before, at least."""

    state: UnitState
    changes: int


@event("system.ServicesFound.v1", Kind.OBSERVATION)
class ServicesFound(Event):
    """Units that were not known before."""

    units: tuple[UnitState, ...]

    def keys(self) -> tuple[str, ...]:
        return (MANAGER_ADDRESS,)


@event("system.ServicesGone.v1", Kind.OBSERVATION)
class ServicesGone(Event):
    """Units that are no longer on the box."""

    units: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (MANAGER_ADDRESS,)


@event("system.ServiceStarted.v1", Kind.OBSERVATION)
class ServiceStarted(ServiceSeen):
    pass


@event("system.ServiceStopped.v1", Kind.OBSERVATION)
class ServiceStopped(ServiceSeen):
    pass


@event("system.ServiceFailed.v1", Kind.OBSERVATION)
class ServiceFailed(ServiceSeen):
    """``why`` is the reason in words."""

    why: str


@event("system.ServiceChanged.v1", Kind.OBSERVATION)
class ServiceChanged(ServiceSeen):
    """Neither started, stopped nor failed: what differs is named by ``fields``."""

    fields: tuple[str, ...]


@event("system.ServiceManagerChanged.v1", Kind.OBSERVATION)
class ServiceManagerChanged(Event):
    """Whether systemd answers and, if not, the error that stands for the reason."""

    ok: bool
    version: str
    code: str
    message: str
    detail: str

    def keys(self) -> tuple[str, ...]:
        return (MANAGER_ADDRESS,)


@event("system.ServiceActionDone.v1", Kind.OBSERVATION)
class ServiceActionDone(ServiceEvent):
    """It was asked for, and systemd did it."""

    action: Action


class UnitFileEvent(ServiceEvent):
    """``file_state`` as systemd shows it afterwards."""

    file_state: str


@event("system.UnitEnabled.v1", Kind.CONFIGURATION)
class UnitEnabled(UnitFileEvent):
    """It is started with the box."""


@event("system.UnitDisabled.v1", Kind.CONFIGURATION)
class UnitDisabled(UnitFileEvent):
    pass


@event("system.UnitMasked.v1", Kind.CONFIGURATION)
class UnitMasked(UnitFileEvent):
    """Nothing can start it any more."""


@event("system.UnitUnmasked.v1", Kind.CONFIGURATION)
class UnitUnmasked(ServiceEvent):
    """It is again what it was before it was masked; the next look tells what that is."""


# Statuses that systemd itself sets before the program runs (systemd.exec(5), "Process exit codes").
_STATUSES = {
    200: "its working directory could not be entered",
    203: "its program could not be executed: it is missing, or no program",
    216: "its group is not known",
    217: "its user is not known",
    226: "its name space could not be set up",
    228: "its system calls could not be restricted",
}
_RESULTS = {
    "timeout": "it did not start or stop in the time that it is given",
    "signal": "its main process was ended by signal {status}",
    "core-dump": "its main process crashed (signal {status})",
    "watchdog": "it did not tell in time that it is alive",
    "start-limit-hit": "it was started too often in a short time",
    "oom-kill": "the kernel ended it for want of memory",
    "protocol": "it did not behave as its unit says",
    "resources": "systemd could not provide what it needs",
    "exec-condition": "a condition of its unit does not hold",
}


def why_failed(result: str, status: int) -> str:
    """The reason of a failure in words, from systemd's Result and ExecMainStatus; "" where there is none."""
    if result == "exit-code":
        return _STATUSES.get(status, f"its main process exited with status {status}")
    return _RESULTS.get(result, "" if result == "success" else f"systemd says “{result}”").format(status=status)
