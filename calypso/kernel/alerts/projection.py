"""The read model of alerts: one row from raise to clear, kept as history."""

from __future__ import annotations

from typing import Any

from calypso.kernel.alerts.domain import AlertAcknowledged, AlertChanged, AlertCleared, AlertRaised
from calypso.kernel.events import Recorded
from calypso.kernel.models import Alert
from calypso.kernel.projections import Projection, Tables

projection = Projection("alerts", 1, lambda: [Alert])

STATED = ("severity", "grade", "resource", "title", "text", "advice")


@projection.on(AlertRaised)
def raised(tables: Tables, e: Recorded[AlertRaised]) -> None:
    tables.put(
        Alert,
        {
            "id": e.event.alert,
            "rule": e.event.rule,
            "key": e.event.key,
            **{name: getattr(e.event, name) for name in STATED},
            "state": "active",
            "raised_at": e.recorded_at,
            "changed_at": e.recorded_at,
            "acknowledged_at": None,
            "acknowledged_by": "",
            "acknowledged_reason": "",
            "cleared_at": None,
            "version": e.version,
            "position": e.position,
        },
    )


@projection.on(AlertChanged)
def changed(tables: Tables, e: Recorded[AlertChanged]) -> None:
    stated = {name: getattr(e.event, name) for name in STATED}
    again = {"state": "active"} if e.event.worse else {}
    _change(tables, e, **stated, **again, changed_at=e.recorded_at)


@projection.on(AlertAcknowledged)
def acknowledged(tables: Tables, e: Recorded[AlertAcknowledged]) -> None:
    _change(
        tables,
        e,
        state="acknowledged",
        acknowledged_at=e.recorded_at,
        acknowledged_by=e.metadata.actor,
        acknowledged_reason=e.metadata.reason,
    )


@projection.on(AlertCleared)
def cleared(tables: Tables, e: Recorded[AlertCleared]) -> None:
    _change(tables, e, state="cleared", cleared_at=e.recorded_at)


def _change(tables: Tables, e: Recorded[Any], **changes: Any) -> None:
    """Changes an alert that holds; one that was cleared stays as it was."""
    row = tables.get(Alert, e.event.alert)
    if row is not None and row["cleared_at"] is None:
        tables.put(Alert, {**row, **changes, "version": e.version})
