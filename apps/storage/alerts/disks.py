"""Trouble with disks: broken, failing by their own word, worn out, too warm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q

from apps.storage.alerts.levels import level, magnitude
from apps.storage.domain.disks import disk_address
from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskHealth, DiskSmart
from calypso.kernel.alerts.domain import Condition, Severity
from calypso.kernel.alerts.rules import Standing, rule

HOTTEST = 55  # °C, for disks that tell no limit of their own
COOL = 40  # °C; below this no limit is near
BACK_OFF = 3.0  # °C
WEAR: dict[int, Severity] = {90: "warning", 100: "critical"}  # percent of the life that the maker gave it

BAD = Q(pending__gt=0) | Q(uncorrectable__gt=0) | Q(media_errors__gt=0)


@rule("storage.disks")
def disks(standing: Standing) -> Iterator[Condition]:
    attached = Disk.objects.filter(simulated=True) if settings.CALYPSO_LAB else Disk.objects.all()
    by_id = {disk.id: disk for disk in attached}
    for disk in by_id.values():
        if disk.broken:
            yield _about(disk, "broken", "critical", "is broken", text="The kernel gave it up.", advice="Replace it.")
    for health in DiskHealth.objects.failing().filter(disk__in=by_id):
        yield from _failing(by_id[health.disk], health)
    told = DiskSmart.objects.filter(BAD | Q(wear__gte=min(WEAR) - 1) | Q(temperature__gte=COOL)).defer("document")
    for smart in told:
        if smart.disk in by_id:
            yield from _told(by_id[smart.disk], smart, standing)


def _about(disk: Disk, what: str, severity: Severity, title: str, **words: Any) -> Condition:
    """``title``: what it is or does, behind its name."""
    called = f"Disk {disk.id}" + (f" ({disk.slot})" if disk.slot else "")
    key, resource = f"{what}:{disk.id}", disk_address(disk.id)
    return Condition(key=key, severity=severity, resource=resource, title=f"{called} {title}", **words)


def _failing(disk: Disk, health: DiskHealth) -> Iterator[Condition]:
    if health.passed is False:
        text = "Its own verdict (SMART) is that it fails."
        yield _about(
            disk, "smart", "critical", "is about to fail", text=text, advice="Replace it while it can be read."
        )
    test = health.last_test or {}
    if test.get("passed") is False:
        text = f"{test['kind']}: {test['status']}."
        yield _about(disk, "test", "critical", "failed its last self-test", text=text, advice="Replace it.")


def _told(disk: Disk, smart: DiskSmart, standing: Standing) -> Iterator[Condition]:
    bad = (smart.pending or 0) + (smart.uncorrectable or 0) + (smart.media_errors or 0)
    if bad:
        grade, count = magnitude(bad)
        text = f"Places that can't be read, or reads that failed for good: {count}."
        advice = "Scrub its pool; replace the disk when the count grows."
        yield _about(disk, "bad", "warning", "has bad places", text=text, advice=advice, grade=grade)
    if smart.wear is not None and (at := level(smart.wear, tuple(WEAR), standing.get(f"wear:{disk.id}"), 1.0)):
        text = f"{at} % or more of the writes that its maker promised are used up."
        yield _about(disk, "wear", WEAR[at], "is worn out", text=text, advice="Plan its replacement.", grade=at)
    if smart.temperature is not None:
        limit = smart.temperature_limit or HOTTEST
        if at := level(smart.temperature, (limit,), standing.get(f"warm:{disk.id}"), BACK_OFF):
            text = f"{at} °C or more; heat shortens its life."
            yield _about(
                disk,
                "warm",
                "warning",
                "is too warm",
                text=text,
                advice="Look at fans, filters and the room.",
                grade=at,
            )
