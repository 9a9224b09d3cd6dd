"""The observer's thread for what disks tell of themselves: all in turn, unhurried, whatever one of them does."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Max
from django.db.models.functions import TruncHour
from django.utils import timezone

from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskBay, DiskSmart, DiskTemperature
from apps.storage.observe import lights, smart
from calypso.kernel.alerts import rules

log = structlog.get_logger("calypso.storage")

WHOLE_SECONDS, TEMPERATURE_SECONDS, TESTING_SECONDS = 1800.0, 300.0, 20.0
PAUSE_SECONDS = 0.2  # between two disks, so that hundreds of them are no storm
ROUND_SECONDS = 5.0
THIN_SECONDS = 3600.0
SAMPLES_KEPT, HOURS_KEPT = timedelta(days=7), timedelta(days=400)


@dataclass
class Times:
    """When each disk was looked at last and is due again, by id, on the monotonic clock. A new one is due at once."""

    looked: dict[str, float] = field(default_factory=dict)
    whole: dict[str, float] = field(default_factory=dict)
    temperature: dict[str, float] = field(default_factory=dict)
    thinned: float = -THIN_SECONDS


def sample_smart_forever(stop: threading.Event) -> None:
    times = Times()
    while not stop.is_set():
        try:
            if sample_due(times, stop):
                rules.evaluate("storage")
        except (OperationalError, InterfaceError) as error:
            log.warning("SMART could not be recorded", error=str(error).strip())
            connection.close()
        except Exception:
            log.exception("SMART sampling failed")
        stop.wait(ROUND_SECONDS)


def sample_due(times: Times, stop: threading.Event) -> int:
    """Looks at each disk that is due. Returns how many were."""
    disks = list(Disk.objects.filter(simulated=True) if settings.CALYPSO_LAB else Disk.objects.all())
    testing = set(DiskSmart.objects.exclude(self_test="").values_list("disk", flat=True))
    looked = 0
    for disk in disks:
        if stop.is_set():
            break
        if _look_if_due(disk, times, disk.id in testing):
            looked += 1
            stop.wait(PAUSE_SECONDS)
    if time.monotonic() - times.thinned >= THIN_SECONDS:
        times.thinned = time.monotonic()
        forget_gone([disk.id for disk in disks])
        thin()
    return looked


def _look_if_due(disk: Disk, times: Times, testing: bool) -> bool:
    """A disk that fails in a way nobody thought of is logged, and the next one is looked at.

    A self-test that runs is followed, whoever saw its beginning.
    """
    now = time.monotonic()
    due = times.whole.get(disk.id, 0.0)
    whole = now >= (min(due, times.looked.get(disk.id, 0.0) + TESTING_SECONDS) if testing else due)
    if not whole and now < times.temperature.get(disk.id, 0.0):
        return False
    try:
        if whole:
            smart.look(disk)
            lights.look_at_light(disk)
        else:
            smart.look_at_temperature(disk)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("disk could not be looked at", disk=disk.id)
    state = DiskSmart.objects.filter(pk=disk.id).values_list("state", flat=True).first()
    if whole:
        times.looked[disk.id], times.whole[disk.id] = now, now + WHOLE_SECONDS
    times.temperature[disk.id] = now + (TEMPERATURE_SECONDS if state in ("ok", "asleep") else WHOLE_SECONDS)
    return True


def forget_gone(attached: list[str]) -> None:
    """Samples of disks that are not attached say nothing of now. How warm they were is history, and thins out."""
    for model in (DiskSmart, DiskBay):
        model._default_manager.exclude(pk__in=attached).delete()


def thin() -> None:
    """Samples older than a week become the highest of their hour; those are kept for a year."""
    now = timezone.now()
    old = DiskTemperature.objects.filter(span="sample", at__lt=now - SAMPLES_KEPT)
    edge = old.aggregate(edge=Max("at"))["edge"]
    if edge is not None:
        until = edge.replace(minute=0, second=0, microsecond=0)  # the hour that is not yet whole waits
        whole = DiskTemperature.objects.filter(span="sample", at__lt=until)
        hours = whole.annotate(hour=TruncHour("at")).values("disk", "hour").annotate(celsius=Max("celsius"))
        DiskTemperature.objects.bulk_create(
            [DiskTemperature(disk=h["disk"], at=h["hour"], span="hour", celsius=h["celsius"]) for h in hours]
        )
        whole.delete()
    DiskTemperature.objects.filter(span="hour", at__lt=now - HOURS_KEPT).delete()
