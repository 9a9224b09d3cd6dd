"""The box as it is: one scan that hotplug, the end of an operation, the clock and people trigger alike (DESIGN §2)."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.utils import timezone

from apps.storage import devices, reading
from apps.storage.compare import pools as compare
from apps.storage.compare.disks import aliases, disk_changes
from apps.storage.domain.disks import DiskDetached, disk_stream
from apps.storage.domain.pools import pool_address
from apps.storage.domain.zfs import ZFS_STREAM, ZfsHealthChanged
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.zfs import ZfsState
from apps.storage.observe.samples import record_capacity
from calypso.kernel import box, store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.projections import append

log = structlog.get_logger("calypso.storage")
EVERY_SECONDS = 120.0
SOON_SECONDS = 2.0  # progress is a sample, not an event
DATASETS_KEPT = 1000  # names a pool, for the plan of its destruction


@box.observes("storage")
def observe_for(resources: Sequence[str]) -> int:
    """The scan for an operation on these addresses."""
    count: int = observe()
    return count


@box.call("storage.observe")
def observe() -> int:
    """Records how the box differs from the read models. Returns the number of events; 0 when nothing is new."""
    with _one_at_a_time():
        seen_disks = devices.all_disks(settings.CALYPSO_LAB)
        count = _record_disks(seen_disks)
        since = store.position()
        try:
            version = reading.version()
            seen = reading.pools(json=version >= reading.JSON_SINCE)
        except CalypsoError as error:
            return count + _record_health(error)
        count += _record_health(None, ".".join(map(str, version)))
        return count + _record_pools(seen, aliases(seen_disks), since)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Scans of the observer and of operations take turns, so that none records what another has already seen change."""
    with (settings.HOME.run / "observe.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _record(changes: Sequence[Change]) -> int:
    if changes:
        append(changes, OBSERVER.metadata())
    return len(changes)


def _record_disks(seen: Sequence[devices.BlockDevice]) -> int:
    known = {disk.id: disk for disk in Disk.objects.all()}
    if not disk_changes(known, seen):
        return 0
    with store.writing():
        known = {disk.id: disk for disk in Disk.objects.all()}
        return _record([Change(disk_stream(fact.disk), fact) for fact in _ordered(disk_changes(known, seen))])


def _ordered(facts: Sequence[Any]) -> list[Any]:
    """Detached ones first: a disk that came back under another id frees its name before."""
    return sorted(facts, key=lambda fact: not isinstance(fact, DiskDetached))


def _record_health(error: CalypsoError | None, version: str = "") -> int:
    state = ZfsState.objects.filter(pk="zfs").first()
    fact = ZfsHealthChanged(
        ok=error is None,
        version=version or (state.zfs_version if state else ""),
        code=error.code if error else "",
        message=error.message if error else "",
        detail=error.detail if error else "",
    )
    if state and (state.ok, state.zfs_version, state.code) == (fact.ok, fact.version, fact.code):
        return 0
    with store.writing():
        return _record([Change(ZFS_STREAM, fact)])


def _record_pools(seen: Sequence[compare.SeenPool], names: dict[str, str], since: int) -> int:
    """Pools that an operation has in hand, or had since the look at them began, are left to that operation."""
    values = {s.info.name: compare.pool_values(s, names) for s in seen}
    if _pool_changes(values):
        with store.writing():
            changes = [c for name, c in _pool_changes(values) if not _in_hand(name, since)]
            count = _record(changes)
    else:
        count = 0
    _sample(seen)
    return count


def _in_hand(name: str, since: int) -> bool:
    return any(operation.begun for operation in Operation.objects.in_flight_since([pool_address(name)], since))


def _pool_changes(values: dict[str, dict[str, Any]]) -> list[tuple[str, Change]]:
    known = {pool.name: pool for pool in Pool.objects.all()}
    gone = {name for name, pool in known.items() if name not in values or compare.is_another(pool, values[name])}
    changes = [(name, Change(known[name].id, compare.vanished(known[name]))) for name in gone]
    for name, value in values.items():
        if name not in known or name in gone:
            pool = uuid4()
            changes.append((name, Change(pool, compare.discovered(pool, name, value))))
        elif fact := compare.pool_change(known[name], value):
            changes.append((name, Change(known[name].id, fact)))
    return changes


def _sample(seen: Sequence[compare.SeenPool]) -> None:
    """Writes the latest figures, which are no events."""
    pools = {pool.name: pool.id for pool in Pool.objects.all()}
    for each in seen:
        if each.info.name in pools:
            PoolUsage.objects.update_or_create(pool=pools[each.info.name], defaults=_figures(each))
    PoolUsage.objects.exclude(pool__in=pools.values()).delete()
    record_capacity([each.info for each in seen], pools, timezone.now())


def _figures(each: compare.SeenPool) -> dict[str, Any]:
    info, scan = each.info, each.status.scan
    try:
        datasets = reading.datasets(info.name)[:DATASETS_KEPT]
    except CalypsoError as error:
        log.warning("datasets could not be listed", pool=info.name, error=error.message)
        datasets = []
    return {
        "allocated": info.allocated,
        "free": info.free,
        "capacity": info.capacity,
        "fragmentation": info.fragmentation,
        "scan_percent": scan.percent if scan else None,
        "scan_seconds_to_go": scan.seconds_to_go if scan else None,
        "datasets": datasets,
        "sampled_at": timezone.now(),
    }
