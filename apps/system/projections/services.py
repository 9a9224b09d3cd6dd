"""The read models of services and of systemd itself."""

from __future__ import annotations

from typing import Any

from apps.system.domain.services import (
    ServiceChanged,
    ServiceFailed,
    ServiceManagerChanged,
    ServiceSeen,
    ServicesFound,
    ServicesGone,
    ServiceStarted,
    ServiceStopped,
    UnitDisabled,
    UnitEnabled,
    UnitFileEvent,
    UnitMasked,
    UnitState,
    UnitUnmasked,
)
from apps.system.domain.units import branch_of, part_of
from apps.system.models.services import Service, ServiceManager
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Tables

projection = Projection("services", 1, lambda: [Service, ServiceManager])


@projection.on(ServicesFound)
def found(tables: Tables, e: Recorded[ServicesFound]) -> None:
    tables.load(Service, [state.unit for state in e.event.units])
    for state in e.event.units:
        _put(tables, e, state, 1)


@projection.on(ServiceStarted, ServiceStopped, ServiceFailed, ServiceChanged)
def seen(tables: Tables, e: Recorded[ServiceSeen]) -> None:
    _put(tables, e, e.event.state, e.event.changes)


def _put(tables: Tables, e: Recorded[Any], state: UnitState, changes: int) -> None:
    before = tables.get(Service, state.unit)
    rank, part = part_of(state.unit)
    row = {**state.model_dump(), "rank": rank, "part": part, "branch": branch_of(state.unit), "changes": changes}
    wanted = before["wanted"] if before else ""
    tables.put(Service, {**row, "wanted": wanted, "version": e.position, "position": e.position})


@projection.on(ServicesGone)
def gone(tables: Tables, e: Recorded[ServicesGone]) -> None:
    tables.load(Service, e.event.units)
    for unit in e.event.units:
        tables.delete(Service, unit)


@projection.on(UnitEnabled, UnitDisabled, UnitMasked)
def file_changed(tables: Tables, e: Recorded[UnitFileEvent]) -> None:
    if (row := tables.get(Service, e.event.unit)) is not None:
        state = e.event.file_state
        load = "masked" if isinstance(e.event, UnitMasked) else row["load"]
        changed = {"file_state": state, "wanted": state, "load": load, "version": e.position, "position": e.position}
        tables.put(Service, {**row, **changed})


@projection.on(UnitUnmasked)
def unmasked(tables: Tables, e: Recorded[UnitUnmasked]) -> None:
    if (row := tables.get(Service, e.event.unit)) is not None:
        tables.put(Service, {**row, "wanted": "", "version": e.position, "position": e.position})


@projection.on(ServiceManagerChanged)
def manager_changed(tables: Tables, e: Recorded[ServiceManagerChanged]) -> None:
    values = e.event.model_dump(exclude={"version"})
    tables.put(
        ServiceManager, {"name": "systemd", **values, "systemd_version": e.event.version, "since": e.recorded_at}
    )
