"""systemd's signals: each only says which unit is to be looked at. Many or few, a unit is looked at once a second.

The first change of a unit is looked at at once, and what follows within the second is told together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import structlog
from django.db import connection

from apps.system.adapters.systemd import calls
from apps.system.domain.units import is_shown
from apps.system.observe import units
from calypso.kernel import bus
from calypso.kernel.alerts import rules
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError
from calypso.kernel.heartbeat import round_ended

log = structlog.get_logger("calypso.system")

REST_SECONDS = 1.0  # between two looks at the same unit
ALL_REST_SECONDS, ALL_EVERY_SECONDS = 5.0, 120.0  # between two looks at all units: when there is a hint, and when not
BACK_OFF = (1.0, 30.0)  # seconds: first and longest wait until the bus is tried again
MOST_AT_ONCE = 200  # units in one look

RULES = (
    bus.Rule(
        interface="org.freedesktop.DBus.Properties", member="PropertiesChanged", below=calls.UNITS, first=calls.UNIT
    ),
    *(bus.Rule(interface=calls.MANAGER, member=member) for member in ("UnitNew", "UnitFilesChanged")),
)


class Pace:
    """Which units are to be looked at, and when: a unit rests a second after each look. Safe between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.changed = clock, threading.Condition()
        self.waiting: dict[str, int] = {}  # how often each changed since its last look
        self.looked: dict[str, float] = {}
        self.all_due, self.all_looked = 0.0, float("-inf")

    def hear(self, signal: bus.Signal) -> None:
        """A signal came."""
        with self.changed:
            if signal.interface == calls.MANAGER:
                if signal.member != "UnitNew" or is_shown(str(signal.body[0])):
                    self.all_due = min(self.all_due, max(self.clock(), self.all_looked + ALL_REST_SECONDS))
                    self.changed.notify()
            elif is_shown(unit := calls.unit_of(signal.path)):
                self.waiting[unit] = self.waiting.get(unit, 0) + 1
                self.changed.notify()

    def take(self) -> dict[str, int]:
        """The units whose time has come, with the number of their changes. They rest from now on."""
        with self.changed:
            now = self.clock()
            due = [unit for unit in self.waiting if now - self.looked.get(unit, float("-inf")) >= REST_SECONDS]
            taken = {unit: self.waiting.pop(unit) for unit in due[:MOST_AT_ONCE]}
            self.looked = {unit: at for unit, at in self.looked.items() if now - at < REST_SECONDS}
            self.looked.update(dict.fromkeys(taken, now))
            return taken

    def rest(self, units: Iterable[str]) -> None:
        """These were looked at just now: their second begins when the look is over, however long it took."""
        with self.changed:
            self.looked.update(dict.fromkeys(units, self.clock()))

    def all_taken(self) -> bool:
        """Whether it is time to look at all; then the time until the next begins."""
        with self.changed:
            now = self.clock()
            if now < self.all_due:
                return False
            self.all_looked, self.all_due = now, now + ALL_EVERY_SECONDS
            return True

    def ask_for_all(self) -> None:
        with self.changed:
            self.all_due = self.clock()
            self.changed.notify()

    def wait(self) -> None:
        """Until something is due, or a moment has passed."""
        with self.changed:
            now = self.clock()
            moments = [self.looked.get(unit, now - REST_SECONDS) + REST_SECONDS for unit in self.waiting]
            self.changed.wait(max(0.0, min([*moments, self.all_due, now + 0.5]) - now))


def look_forever(stop: threading.Event) -> None:
    """Records what units do, until told to stop. One thread listens, this one looks."""
    pace = Pace()
    threading.Thread(target=_listen_forever, args=(stop, pace), name="units", daemon=True).start()
    while not stop.is_set():
        try:
            if pace.all_taken():
                _evaluate(units.look_at_all())
            if taken := pace.take():
                try:
                    _evaluate(units.look_at(list(taken), taken))
                finally:
                    pace.rest(taken)
            round_ended("services")
        except AWAY:
            connection.close()
        except CalypsoError as error:
            log.warning("services could not be looked at", error=error.message, detail=error.detail)
            _evaluate(1)
        except Exception:
            log.exception("looking at services failed by a defect")
        pace.wait()


def _evaluate(count: int) -> None:
    rules.evaluate_soon("system", changed=count > 0)


def _listen_forever(stop: threading.Event, pace: Pace) -> None:
    """When it begins to listen, and begins anew, all is looked at: what came in between was not heard."""
    wait = BACK_OFF[0]
    while not stop.is_set():
        began = time.monotonic()
        try:
            bus.follow(RULES, stop, pace.hear, first=[calls.subscribe()], on_ready=pace.ask_for_all)
        except CalypsoError as error:
            log.info("systemd's signals can't be heard", error=error.message, retry_in=wait)
        except Exception:
            log.exception("listening to systemd failed by a defect")
        wait = BACK_OFF[0] if time.monotonic() - began > BACK_OFF[1] else min(2 * wait, BACK_OFF[1])
        stop.wait(wait)
