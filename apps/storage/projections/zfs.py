"""The read model of ZFS itself."""

from __future__ import annotations

from apps.storage.domain.zfs import ZfsHealthChanged
from apps.storage.models.zfs import ZfsState
from apps.storage.projections.base import projection
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Tables


@projection.on(ZfsHealthChanged)
def zfs_health(tables: Tables, e: Recorded[ZfsHealthChanged]) -> None:
    fact = e.event
    tables.put(
        ZfsState,
        {
            "name": "zfs",
            "ok": fact.ok,
            "zfs_version": fact.version,
            "code": fact.code,
            "message": fact.message,
            "detail": fact.detail,
            "since": e.recorded_at,
        },
    )
