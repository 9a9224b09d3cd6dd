"""The read models of disks' health and of wipes."""

from __future__ import annotations

from typing import Any

from apps.storage.domain.smart import DiskHealthChanged, SelfTestEnded
from apps.storage.domain.wiping import DiskWipeAborted, DiskWiped, WipeEvent
from apps.storage.models.smart import DiskHealth, DiskWipe
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("disks", 1, lambda: [DiskHealth, DiskWipe])

COUNTS = ("passed", "reallocated", "pending", "uncorrectable", "media_errors")


@projection.on(DiskHealthChanged)
def health_changed(tables: Tables, e: Recorded[DiskHealthChanged]) -> None:
    _put(tables, e, **{name: getattr(e.event, name) for name in COUNTS})


@projection.on(SelfTestEnded)
def self_test_ended(tables: Tables, e: Recorded[SelfTestEnded]) -> None:
    ended = {**e.event.test.model_dump(), "seen_at": e.recorded_at.isoformat()}
    _put(tables, e, last_test=ended)


def _put(tables: Tables, e: Recorded[Any], **changes: Any) -> None:
    row: Row = tables.get(DiskHealth, e.event.disk) or {
        "disk": e.event.disk,
        **dict.fromkeys(COUNTS),
        "last_test": None,
    }
    tables.put(DiskHealth, {**row, **changes, "changed_at": e.recorded_at, "position": e.position})


@projection.on(DiskWiped)
def wiped(tables: Tables, e: Recorded[DiskWiped]) -> None:
    _put_wipe(tables, e, state="wiped", step="", done=None)


@projection.on(DiskWipeAborted)
def wipe_aborted(tables: Tables, e: Recorded[DiskWipeAborted]) -> None:
    _put_wipe(tables, e, state="partly", step=e.event.step, done=e.event.done)


def _put_wipe(tables: Tables, e: Recorded[Any], **values: Any) -> None:
    fact: WipeEvent = e.event
    common = {"disk": fact.disk, "method": fact.method, "size": fact.size, "ended_at": e.recorded_at}
    tables.put(DiskWipe, {**common, **values, "operation": e.metadata.operation_id, "position": e.position})
