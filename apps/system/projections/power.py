"""The read model of boots."""

from __future__ import annotations

from apps.system.domain.power import BoxBooted, BoxStopped
from apps.system.models.power import Boot
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Tables

projection = Projection("power", 1, lambda: [Boot])


@projection.on(BoxBooted)
def booted(tables: Tables, e: Recorded[BoxBooted]) -> None:
    row = {"id": e.event.boot, "booted_at": e.event.booted_at, "kernel": e.event.kernel, "position": e.position}
    tables.put(Boot, {**row, "how": "", "because": "", "seen_at": None, "asked_by": None})


@projection.on(BoxStopped)
def stopped(tables: Tables, e: Recorded[BoxStopped]) -> None:
    row = tables.get(Boot, e.event.boot)
    if row is not None:
        ended = {name: getattr(e.event, name) for name in ("how", "because", "seen_at", "asked_by")}
        tables.put(Boot, {**row, **ended})
