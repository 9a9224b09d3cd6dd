"""REST: figures that change all the time: the ARC, input and output, how full a pool was and when it will be full."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from apps.storage.adapters import arcstats
from apps.storage.adapters.arcstats import Arc, Reads
from apps.storage.api.router import router
from apps.storage.commands.facts import find_pool
from apps.storage.devices.kstat import arcstats_text
from apps.storage.domain.forecast import forecast
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.samples import CapacitySample, IoSample
from calypso.kernel.actors import Permission
from calypso.kernel.errors import NotFound
from calypso.kernel.rest import Needs, answers

READS = ("total", "demand_data", "demand_metadata", "prefetch_data", "prefetch_metadata")


class ReadsOut(Schema):
    """``hit_percent`` since the module was loaded; ``recent_hit_percent`` since the look before this one."""

    hits: int
    iohits: int
    misses: int
    hit_percent: float | None
    recent_hit_percent: float | None


class L2Out(Schema):
    size: int
    allocated: int
    headers: int
    hits: int
    misses: int
    hit_percent: float | None
    read_bytes: int
    written_bytes: int


class ArcOut(Schema):
    """Sizes in bytes. ``l2`` is null without a cache device."""

    size: int
    target: int
    least: int
    most: int
    data: int
    metadata: int
    headers: int
    compressed: int
    uncompressed: int
    mru: int
    mfu: int
    mru_ghost: int
    mfu_ghost: int
    mru_hits: int
    mfu_hits: int
    evicted_ghost_hits: int
    total: ReadsOut
    demand_data: ReadsOut
    demand_metadata: ReadsOut
    prefetch_data: ReadsOut
    prefetch_metadata: ReadsOut
    l2: L2Out | None
    recent_seconds: float | None = Field(description="What “recent” spans; null at the first look.")


class _Before:
    """The look before this one, by whoever asked: hit ratios since the start of the machine hardly move."""

    least = 1.0  # seconds between two looks that are compared

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.looks: list[tuple[float, Arc]] = []

    def take(self, arc: Arc, now: float) -> tuple[float, Arc] | None:
        """The latest look that is old enough; this one is kept for the next."""
        with self.lock:
            found = next((look for look in reversed(self.looks) if now - look[0] >= self.least), None)
            if not self.looks or now - self.looks[-1][0] >= self.least:
                self.looks = [*self.looks[-1:], (now, arc)]
            return found


_before = _Before()


@router.get("/arc", auth=Needs(Permission.READ), response=answers(s200=ArcOut))
def get_arc(request: HttpRequest) -> dict[str, Any]:
    """The ARC as it is at this moment, read from the kernel."""
    text = arcstats_text(settings.CALYPSO_LAB)
    if text is None:
        raise NotFound("ZFS is not loaded: there is no ARC.", code="no_arc", hint="See /api/v1/health/zfs.")
    arc, now = arcstats.parse(text), time.monotonic()
    before = _before.take(arc, now)
    reads = {name: _reads(getattr(arc, name), getattr(before[1], name) if before else None) for name in READS}
    l2 = {**asdict(arc.l2), "hit_percent": arc.l2.hit_percent} if arc.l2 else None
    return {**asdict(arc), **reads, "l2": l2, "recent_seconds": round(now - before[0], 1) if before else None}


def _reads(reads: Reads, before: Reads | None) -> dict[str, Any]:
    recent = reads.since(before) if before else None
    return {
        **asdict(reads),
        "hit_percent": reads.hit_percent,
        "recent_hit_percent": recent.hit_percent if recent else None,
    }


# --- input and output -------------------------------------------------------------------------------------------------


class IoOut(Schema):
    """Per second: operations and bytes. Waits are means in nanoseconds, null when there was nothing to wait for."""

    at: datetime
    vdev: str
    place: int = Field(description="0: the pool itself; then its vdevs as zpool lists them.")
    allocated: int
    free: int
    reads: int
    writes: int
    read_bytes: int
    write_bytes: int
    read_wait: int | None
    write_wait: int | None


class PoolIoOut(Schema):
    """``vdevs`` at the latest look, none before the first; ``history`` of the pool as a whole, oldest first."""

    vdevs: list[IoOut]
    history: list[IoOut]


class IoFilter(Schema):
    minutes: int = Field(60, ge=1, le=2 * 24 * 60, description="How far the history goes back.")
    vdev: str = Field("", max_length=255, description="The history of this vdev instead of the pool's; one hour.")


@router.get("/pools/{name}/io", auth=Needs(Permission.READ), response=answers(s200=PoolIoOut))
def get_pool_io(request: HttpRequest, name: str, q: Query[IoFilter]) -> dict[str, Any]:
    """What each vdev reads, writes and waits for: the latest sample, and a short history."""
    pool = find_pool(name)
    rows = IoSample.objects.filter(pool=pool.id)
    latest = rows.order_by("-at").values_list("at", flat=True).first()
    history = rows.filter(at__gte=timezone.now() - timedelta(minutes=q.minutes)).order_by("at")
    history = history.filter(vdev=q.vdev) if q.vdev else history.filter(place=0)
    return {"vdevs": list(rows.filter(at=latest).order_by("place")) if latest else [], "history": list(history)}


# --- capacity ---------------------------------------------------------------------------------------------------------


class CapacityPoint(Schema):
    at: datetime
    size: int
    allocated: int


class ForecastOut(Schema):
    """When the pool will be full if it goes on as before."""

    verdict: Literal["growing", "not in sight", "too little known"]
    full_at: datetime | None
    bytes_per_day: float
    basis: str = Field(description="What it rests on, in words.")


class CapacityOut(Schema):
    """``points``: where something changed; between two of them it was as at the first."""

    size: int
    allocated: int
    points: list[CapacityPoint]
    forecast: ForecastOut


class CapacityFilter(Schema):
    days: int = Field(30, ge=1, le=3 * 366, description="How far the history and the forecast look back.")


@router.get("/pools/{name}/capacity", auth=Needs(Permission.READ), response=answers(s200=CapacityOut))
def get_pool_capacity(request: HttpRequest, name: str, q: Query[CapacityFilter]) -> dict[str, Any]:
    """How full the pool was, and the day when it will be full."""
    pool = find_pool(name)
    usage = PoolUsage.objects.filter(pool=pool.id).first()
    points = _points(pool, q.days, usage)
    told = forecast([(point.at.timestamp(), point.allocated) for point in points], pool.size)
    basis = f"least squares over {told.samples} samples of {_span(told.seconds)}"
    return {
        "size": pool.size,
        "allocated": usage.allocated if usage else 0,
        "points": points,
        "forecast": {
            "verdict": told.verdict,
            "full_at": datetime.fromtimestamp(told.full_at, UTC) if told.full_at else None,
            "bytes_per_day": round(told.per_day),
            "basis": basis,
        },
    }


def _points(pool: Pool, days: int, usage: PoolUsage | None) -> list[CapacityPoint]:
    """The samples of the finest span that reaches so far back, and how full it is now."""
    span = "scan" if days <= 2 else "hour" if days <= 60 else "day"
    rows = CapacitySample.objects.filter(pool=pool.id, span=span)
    since = timezone.now() - timedelta(days=days)
    known = list(rows.filter(at__gte=since).order_by("at"))
    before = rows.filter(at__lt=since).order_by("-at").first()
    found = [CapacityPoint(at=row.at, size=row.size, allocated=row.allocated) for row in known]
    if before is not None:
        found.insert(0, CapacityPoint(at=since, size=before.size, allocated=before.allocated))
    if usage is not None:
        found.append(CapacityPoint(at=timezone.now(), size=pool.size, allocated=usage.allocated))
    return found


def _span(seconds: float) -> str:
    return f"{seconds / 86400:.1f} days" if seconds >= 86400 else f"{seconds / 3600:.1f} hours"
