"""The observer's threads for the system: one a concern."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from django.db import connection

from apps.system.observe import integrations, journal_desk, names, network, power, time, unit_signals
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError
from calypso.kernel.heartbeat import round_ended

log = structlog.get_logger("calypso.system")

Loop = Callable[[threading.Event], None]


def run_forever(stop: threading.Event) -> None:
    """Starts all loops; they end when they are told to stop, or with the process."""
    for loop in LOOPS:
        threading.Thread(target=loop, args=(stop,), name=loop.__module__, daemon=True).start()


def periodically(stop: threading.Event, every: float, look: Callable[[], object], what: str) -> None:
    """Looks at once and then each so many seconds, whatever becomes of a look."""
    while not stop.is_set():
        try:
            look()
            round_ended(what)
        except AWAY:
            connection.close()
        except CalypsoError as error:
            log.warning("look failed", at=what, error=error.message, detail=error.detail)
        except Exception:
            log.exception("look failed by a defect", at=what)
        stop.wait(every)


def _integrations(stop: threading.Event) -> None:
    periodically(stop, integrations.EVERY_SECONDS, integrations.look, "integrations")


def _power(stop: threading.Event) -> None:
    periodically(stop, power.EVERY_SECONDS, power.note_boot, "power")


def _network(stop: threading.Event) -> None:
    hint = threading.Event()
    threading.Thread(target=network.follow_hints, args=(stop, hint), name="ip monitor", daemon=True).start()
    periodically(stop, 0, lambda: network.look_at_hints(stop, hint), "network")


def _time(stop: threading.Event) -> None:
    periodically(stop, time.EVERY_SECONDS, time.look_and_judge, "time")


def _names(stop: threading.Event) -> None:
    periodically(stop, names.EVERY_SECONDS, names.look_and_judge, "names")


LOOPS: tuple[Loop, ...] = (
    _integrations,
    _names,
    _network,
    _power,
    _time,
    unit_signals.look_forever,
    journal_desk.serve_forever,
)
