"""Samples with a history: how full pools were, and what their vdevs read and wrote. No events: they change always.

A row is written only where it differs from the one before; what is not written was as before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from apps.storage import reading
from apps.storage.adapters import zpool
from apps.storage.adapters.zpool import PoolInfo, VdevIo
from apps.storage.models.pools import Pool
from apps.storage.models.samples import CapacitySample, IoSample
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError

log = structlog.get_logger("calypso.storage")

# span: (least distance of two samples, how long they are kept)
SPANS = {
    "scan": (timedelta(minutes=5), timedelta(days=3)),
    "hour": (timedelta(hours=1), timedelta(days=60)),
    "day": (timedelta(days=1), timedelta(days=3 * 366)),
}
IO_OVER, IO_PAUSE = 30, 0.1  # seconds that a look takes, and until the next: what is written in a burst is not missed
IO_KEPT = timedelta(hours=1)  # of each vdev
IO_POOL_KEPT = timedelta(days=2)  # of pools as a whole
HANGS = ("SUSPENDED", "UNAVAIL", "FAULTED", "MISSING")  # states of pools that a tool would wait for without end


def record_capacity(infos: Sequence[PoolInfo], pools: Mapping[str, UUID], now: datetime) -> int:
    """Notes how full pools are where that changed since the last sample. Returns the number of rows written."""
    rows = []
    for span, (distance, kept) in SPANS.items():
        last = _last(span, list(pools.values()))
        for info in infos:
            pool = pools.get(info.name)
            if pool is None:
                continue
            before = last.get(pool)
            figures = (info.size, info.allocated)
            if before is None or (before[1:] != figures and now - before[0] >= distance):
                rows.append(CapacitySample(pool=pool, at=now, span=span, size=info.size, allocated=info.allocated))
        _forget(span, now - kept, last)
    CapacitySample.objects.bulk_create(rows)
    return len(rows)


def _last(span: str, pools: Sequence[UUID]) -> dict[UUID, tuple[datetime, int, int]]:
    found = CapacitySample.objects.filter(span=span, pool__in=pools).order_by("pool", "-at").distinct("pool")
    return {
        pool: (at, size, allocated)
        for pool, at, size, allocated in found.values_list("pool", "at", "size", "allocated")
    }


def _forget(span: str, before: datetime, last: Mapping[UUID, tuple[datetime, int, int]]) -> None:
    """What is too old goes, but never a pool's latest: it tells how full the pool has been ever since."""
    latest = [(pool, at) for pool, (at, _, _) in last.items()]
    old = CapacitySample.objects.filter(span=span, at__lt=before)
    for row in old.values_list("id", "pool", "at"):
        if (row[1], row[2]) not in latest:
            CapacitySample.objects.filter(pk=row[0]).delete()


_last_io: dict[UUID, tuple[VdevIo, ...]] = {}  # an idle pool shows the same for hours


def sample_io(seconds: int = IO_OVER) -> int:
    """Looks at the vdevs of all pools that answer, over so many seconds. Returns the number of rows written."""
    pools = {p.name: p.id for p in Pool.objects.exclude(state__in=HANGS).only("id", "name")}
    if not pools:
        return 0
    argv = zpool.iostat_argv(pools, seconds)
    found = zpool.parse_iostat(reading.read(argv, deadline=seconds + reading.DEADLINE), list(pools))
    now = timezone.now()
    rows: list[IoSample] = []
    for name, pool in pools.items():
        seen = tuple(row for row in found if row.pool == name)
        if _last_io.get(pool) != seen:
            _last_io[pool] = seen
            rows += [_io_row(pool, now, each) for each in seen]
    IoSample.objects.bulk_create(rows, batch_size=1000)
    IoSample.objects.filter(at__lt=now - IO_KEPT, place__gt=0).delete()
    IoSample.objects.filter(at__lt=now - IO_POOL_KEPT).delete()
    return len(rows)


def _io_row(pool: UUID, at: datetime, each: VdevIo) -> IoSample:
    figures = {field: value for field, value in asdict(each).items() if field not in ("pool", "name")}
    return IoSample(pool=pool, at=at, vdev=each.name, **figures)


def sample_forever(stop: threading.Event, every: float, look: Callable[[], object], what: str) -> None:
    """A thread of the observer that looks at something each so many seconds."""
    while not stop.wait(every):
        try:
            look()
        except AWAY:
            connection.close()
        except CalypsoError as error:
            log.warning("a sample could not be taken", of=what, error=error.message)
        except Exception:
            log.exception("sampling failed", of=what)
