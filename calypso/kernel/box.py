"""What contexts register for the executor to ask of the box: probes, calls, scans, findings, named errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from calypso.kernel import shell
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.plans import Probe
from calypso.kernel.redaction import redact

log = structlog.get_logger()

AWAY = (OperationalError, InterfaceError)  # the database; any other error of it is a defect of ours

# "Has the effect happened since this unix time?" None: it can't be told.
ProbeFunction = Callable[[dict[str, Any], float], bool | None]
_probes: dict[str, ProbeFunction] = {}
_calls: dict[str, Callable[..., Any]] = {}
_errors: dict[str, Callable[[shell.Result], CalypsoError]] = {}
_observers: dict[Callable[[Sequence[str]], Any], Sequence[str]] = {}  # to the addresses that they look at
_finders: dict[str, Callable[[Operation], list[Change]]] = {}
_leavers: dict[str, Callable[[Operation], list[Change]]] = {}


def probe(name: str) -> Callable[[ProbeFunction], ProbeFunction]:
    """Registers a function that looks on the box whether a step's effect is there."""

    def register(function: ProbeFunction) -> ProbeFunction:
        _probes[name] = function
        return function

    return register


def call(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a function that a Call step may name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _calls[name] = function
        return function

    return register


def names_errors_of(tool: str) -> Callable[[Callable[[shell.Result], CalypsoError]], Any]:
    """Registers a tool's translation from a failed result to a named error."""

    def register(function: Callable[[shell.Result], CalypsoError]) -> Callable[[shell.Result], CalypsoError]:
        _errors[tool] = function
        return function

    return register


Scan = Callable[[Sequence[str]], Any]


def observes(*addresses: str) -> Callable[[Scan], Scan]:
    """Registers the scan of a context (``storage``), or of a part of one (``system.time``, ``system.ntp``): run before
    a plan is made again, and after an operation on its resources ended.

    It is given the operation's addresses that are one of these or lie below it, and need look no further.
    """

    def register(function: Scan) -> Scan:
        _observers[function] = addresses
        return function

    return register


def finds(command: str) -> Callable[[Callable[[Operation], list[Change]]], Callable[[Operation], list[Change]]]:
    """Registers what a command's success looks at, to record it with the outcome: what only the box could tell."""

    def register(function: Callable[[Operation], list[Change]]) -> Callable[[Operation], list[Change]]:
        _finders[command] = function
        return function

    return register


def leaves(command: str) -> Callable[[Callable[[Operation], list[Change]]], Callable[[Operation], list[Change]]]:
    """Registers what a command that did not succeed leaves behind, beyond what undo steps take back.

    The function sees the operation as it stands, with its steps; it is recorded together with the operation's end.
    """

    def register(function: Callable[[Operation], list[Change]]) -> Callable[[Operation], list[Change]]:
        _leavers[command] = function
        return function

    return register


def look(question: Probe, since: float) -> bool | None:
    """Asks the box. A tool or a probe that fails here can't tell."""
    try:
        return _probes[question.name](question.args, since)
    except AWAY:
        raise
    except CalypsoError as error:
        log.warning("probe failed", probe=question.name, error=error.message)
    except Exception:
        log.exception("probe failed by a defect", probe=question.name)
    return None


def named_error(result: shell.Result) -> CalypsoError:
    """The named error of a failed tool, by that tool's adapter."""
    error = _errors[result.argv[0]](result)
    error.message, error.detail = redact(error.message), redact(error.detail)
    return error


def found(operation: Operation) -> list[Change]:
    """What the box tells of the outcome. The next scan tells it too, so that a failure here fails nothing."""
    try:
        finder = _finders.get(operation.command)
        return finder(operation) if finder else []
    except CalypsoError as error:
        log.warning("outcome could not be looked at", error=error.message)
        return []


def left(operation: Operation) -> list[Change]:
    """What an operation that did not succeed has left behind. A failure here must not hide the operation's own."""
    if (leaver := _leavers.get(operation.command)) is None:
        return []
    try:
        operation.refresh_from_db()
        return leaver(operation)
    except AWAY:
        raise
    except Exception:
        log.exception("what was left behind could not be told", command=operation.command)
        return []


def observe(operation: Operation) -> None:
    """Scans what the operation touches. A scan that fails must not hide the operation's own result."""
    touched = sorted(operation.resources)
    for scan, addresses in list(_observers.items()):
        resources = [each for each in touched if any(f"{each}.".startswith(f"{address}.") for address in addresses)]
        if resources:
            try:
                scan(resources)
            except AWAY:
                raise
            except CalypsoError as error:
                log.warning("scan failed", of=addresses, error=error.message, detail=error.detail)
            except Exception:
                log.exception("scan failed by a defect", of=addresses)


def perform(function: str, args: dict[str, Any]) -> None:
    """Calls the function that a Call step names."""
    _calls[function](**args)
