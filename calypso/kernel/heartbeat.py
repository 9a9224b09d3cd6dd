"""Heartbeats: a process proves that it lives, and each of its loops that it goes round. Samples, no events."""

from __future__ import annotations

import os
import threading
from datetime import datetime

import structlog
from django.db import connection
from django.utils import timezone

from calypso.kernel import health
from calypso.kernel.alerts import rules
from calypso.kernel.box import AWAY
from calypso.kernel.models import Heartbeat

EVERY_SECONDS = 5.0

log = structlog.get_logger("calypso.health")
_rounds: dict[str, datetime] = {}


def round_ended(loop: str) -> None:
    """Said by a loop each time it has gone round; costs nothing."""
    _rounds[loop] = timezone.now()


def beat(process: str, started: datetime) -> None:
    """Keeps that this process lives now."""
    rounds = {loop: at.isoformat() for loop, at in _rounds.items()}
    values = {"pid": os.getpid(), "started_at": started, "beat_at": timezone.now(), "rounds": rounds}
    before = Heartbeat.objects.filter(process=process).exclude(started_at=started).first()
    values |= {"before_at": before.beat_at} if before else {}
    Heartbeat.objects.update_or_create(process=process, defaults=values)


def beat_forever(process: str, stop: threading.Event) -> None:
    """Beats until told to stop; with each beat health is looked at, and what alerts tell of it."""
    started = timezone.now()
    while True:
        try:
            beat(process, started)
            health.keep()
            rules.evaluate_soon("system", changed=False)
        except AWAY:
            connection.close()
        except Exception:
            log.exception("heartbeat failed")
        if stop.wait(EVERY_SECONDS):
            break
    connection.close()


def start(process: str, stop: threading.Event) -> None:
    """Beats in a thread of its own."""
    threading.Thread(target=beat_forever, args=(process, stop), name="heartbeat", daemon=True).start()
