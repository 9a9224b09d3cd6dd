"""The observer's loop: scans at start, at every hint, and periodically."""

from __future__ import annotations

import threading

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from apps.storage import devices
from apps.storage.models.pools import Pool
from apps.storage.observe.following import follow_zfs
from apps.storage.observe.samples import sample_io_forever
from apps.storage.observe.scan import EVERY_SECONDS, SOON_SECONDS, log, observe
from apps.storage.observe.smart_loop import sample_smart_forever
from calypso.kernel.alerts import rules


def run_forever(stop: threading.Event) -> None:
    """The observer: scans at start, at every hint of udev, ZFS or the lab and every two minutes, until told to stop."""
    hint = threading.Event()
    for work, args in (
        (devices.watch, (stop, lambda _reason: hint.set(), settings.CALYPSO_LAB)),
        (follow_zfs, (stop, hint.set)),
        (sample_io_forever, (stop,)),
        (sample_smart_forever, (stop,)),
    ):
        threading.Thread(target=work, args=args, daemon=True).start()
    while not stop.is_set():
        hint.clear()
        _wait(stop, hint, _observe_safely())


def _wait(stop: threading.Event, hint: threading.Event, seconds: float) -> None:
    slept = 0.0
    while slept < seconds and not stop.is_set() and not hint.wait(0.25):
        slept += 0.25


def _observe_safely() -> float:
    """Scans. Returns the seconds until the next one: soon while a scrub or resilver runs, or the database is away."""
    try:
        if count := observe():
            log.info("scan found changes", events=count)
        rules.evaluate_soon("storage", changed=count > 0)
        return SOON_SECONDS if Pool.objects.filter(scan__state="in_progress").exists() else EVERY_SECONDS
    except (OperationalError, InterfaceError) as error:
        log.warning("scan could not be recorded", error=str(error).strip())
        connection.close()
        return SOON_SECONDS
    except Exception:
        log.exception("scan failed")
        return EVERY_SECONDS
