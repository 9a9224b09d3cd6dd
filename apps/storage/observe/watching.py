"""The observer's loop: scans at start, at every hint, and periodically."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from apps.storage import devices
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.observe.following import follow_zfs
from apps.storage.observe.holders import HOLDERS_EVERY, sample_holders
from apps.storage.observe.samples import IO_PAUSE, sample_forever, sample_io
from apps.storage.observe.scan import EVERY_SECONDS, SOON_SECONDS, log, observe, scan
from apps.storage.observe.scope import Scope
from apps.storage.observe.smart_loop import sample_smart_forever
from calypso.kernel.alerts import rules
from calypso.kernel.heartbeat import round_ended

STEP = 0.25  # seconds between two looks at the clock
REST, MOST_REST = 3.0, 60.0  # times what the scan took, and seconds at most: on a busy box hints never end


def run_forever(stop: threading.Event) -> None:
    """The observer: scans at start, at every hint of udev, ZFS or the lab and every two minutes, until told to stop."""
    hint = threading.Event()
    for work, args in (
        (devices.watch, (stop, lambda _reason: hint.set(), settings.CALYPSO_LAB)),
        (follow_zfs, (stop, hint.set)),
        (sample_forever, (stop, IO_PAUSE, sample_io, "input and output")),
        (sample_forever, (stop, HOLDERS_EVERY, sample_holders, "what keeps datasets busy")),
        (sample_smart_forever, (stop,)),
    ):
        threading.Thread(target=work, args=args, daemon=True).start()
    Pace(hint).go(stop)


class Pace:
    """When to look: at once at a hint, but with a rest that grows with what a scan takes; progress every 2 seconds."""

    def __init__(self, hint: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self.hint, self.clock = hint, clock
        self.due = self.rested = self.soon = 0.0

    def go(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.step()
            round_ended("scan")
            stop.wait(STEP)

    def step(self) -> None:
        """Looks at everything or at progress, if it is time for the one or the other."""
        now = self.clock()
        if now >= self.due or (self.hint.is_set() and now >= self.rested):
            self.hint.clear()
            wait = _safely(_observe, EVERY_SECONDS)
            ended = self.clock()
            self.due, self.rested = ended + wait, ended + min(MOST_REST, REST * (ended - now))
        elif now >= self.soon:
            _safely(_progress, SOON_SECONDS)
            self.soon = self.clock() + SOON_SECONDS


def _observe() -> int:
    count: int = observe()
    if count:
        log.info("scan found changes", events=count)
    rules.evaluate_soon("storage", changed=count > 0)
    return count


def _progress() -> int:
    """How far scrubs, resilvers, trims and the like are, of the pools where something goes on."""
    running = [*Pool.objects.filter(scan__state="in_progress").values_list("name", flat=True), *_busy()]
    count = scan(Scope(disks=False, pools=frozenset(running), datasets=False)) if running else 0
    if count:
        rules.evaluate_soon("storage", changed=True)
    return count


def _busy() -> list[str]:
    ids = PoolUsage.objects.exclude(activities=[]).values_list("pool", flat=True)
    return list(Pool.objects.filter(id__in=list(ids)).values_list("name", flat=True))


def _safely(look: Callable[[], int], again: float) -> float:
    """Seconds until the next time: soon while the database is away."""
    try:
        look()
        return again
    except (OperationalError, InterfaceError) as error:
        log.warning("scan could not be recorded", error=str(error).strip())
        connection.close()
        return SOON_SECONDS
    except Exception:
        log.exception("scan failed")
        return again
