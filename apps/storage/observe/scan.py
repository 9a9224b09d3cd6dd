"""The box as it is: one scan that hotplug, ZFS, the end of an operation, the clock and people trigger alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings

from apps.storage import devices, reading
from apps.storage.compare.disks import aliases, disk_changes
from apps.storage.domain.disks import DiskDetached, disk_stream
from apps.storage.domain.zfs import ZFS_STREAM, ZfsHealthChanged
from apps.storage.models.disks import Disk
from apps.storage.models.zfs import ZfsState
from apps.storage.observe.datasets import look_at_datasets
from apps.storage.observe.holders import sample_holders
from apps.storage.observe.pools import record_pools
from apps.storage.observe.recording import one_at_a_time, record
from apps.storage.observe.samples import HANGS
from apps.storage.observe.scope import EVERYTHING, Scope, scope_of
from apps.storage.observe.snapshot_scan import look_at_snapshots
from calypso.kernel import box, store
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change

log = structlog.get_logger("calypso.storage")
EVERY_SECONDS = 120.0
SOON_SECONDS = 2.0  # progress is a sample, not an event


@box.observes("storage")
def observe_for(resources: Sequence[str]) -> int:
    """The scan for an operation on these addresses."""
    return scan(scope_of(resources))


@box.call("storage.observe")
def observe() -> int:
    """Records how the box differs from the read models. Returns the number of events; 0 when nothing is new."""
    return scan(EVERYTHING)


def scan(scope: Scope) -> int:
    """Disks, pools, datasets, snapshots: each part records what it found before the next one looks."""
    with one_at_a_time():
        count = _look_at_disks() if scope.disks else 0
        since = store.position()
        try:
            version = _version(scope)
            seen = _pools(scope, version)
        except CalypsoError as error:
            return count + _record_health(error)
        if scope.whole:
            count += _record_health(None, ".".join(map(str, version)))
        count += record_pools(seen, _names(), since, scope)
    if not scope.datasets:
        return count
    answering = [each.info.name for each in seen if each.status.state not in HANGS]
    with one_at_a_time():
        more, looked = look_at_datasets(answering, version, store.position(), scope)
    count += more + look_at_snapshots(looked, whole=scope.whole)
    sample_holders()
    if scope.whole:
        reading.note_the_look()
    return count


def _version(scope: Scope) -> tuple[int, ...]:
    """An operation's own scan does not ask again what the last one of everything was told."""
    if not scope.whole and (known := ZfsState.objects.filter(pk="zfs", ok=True).first()) and known.zfs_version:
        return tuple(int(part) for part in known.zfs_version.split("."))
    return reading.version()


def _pools(scope: Scope, version: tuple[int, ...]) -> list[Any]:
    if scope.pools is not None and not scope.pools:
        return []
    names = sorted(scope.pools or ())
    return reading.pools(names, json=version >= reading.JSON_SINCE, surface=True)


def _names() -> dict[str, str]:
    """The names under which a pool may list a disk, to the disk's id."""
    return aliases(Disk.objects.only("id", "name", "path"))


def _look_at_disks() -> int:
    seen = devices.all_disks(settings.CALYPSO_LAB)
    known = {disk.id: disk for disk in Disk.objects.all()}
    if not disk_changes(known, seen):
        return 0
    with store.writing():
        known = {disk.id: disk for disk in Disk.objects.all()}
        return record([Change(disk_stream(fact.disk), fact) for fact in _ordered(disk_changes(known, seen))])


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
        return record([Change(ZFS_STREAM, fact)])
