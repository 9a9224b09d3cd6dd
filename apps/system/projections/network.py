"""The read models of the network: interfaces, routes, what configures them, changes and what is in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.system.domain.network import (
    InterfaceChanged,
    InterfaceFound,
    InterfaceGone,
    InterfaceState,
    NetworkRendererFound,
    RoutesChanged,
    SeenRoute,
)
from apps.system.domain.network_changes import NetworkChangeApplied, NetworkChanged, NetworkChangeRolledBack
from apps.system.models.network import Interface, InterfaceConfiguration, NetworkChange, NetworkState, Route
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Tables

projection = Projection("network", 1, lambda: [Interface, Route, NetworkState, NetworkChange, InterfaceConfiguration])
MAIN, STATE = "main", "network"


@projection.on(InterfaceFound, InterfaceChanged)
def interface_seen(tables: Tables, e: Recorded[InterfaceState]) -> None:
    before = tables.get(Interface, e.event.name)
    same_link = before and (before["up"], before["carrier"]) == (e.event.up, e.event.carrier)
    tables.put(
        Interface,
        {
            **e.event.model_dump(mode="json", exclude={"fields"}),
            "since": before["since"] if before and same_link else e.recorded_at,
            "version": e.version,
            "position": e.position,
        },
    )


@projection.on(InterfaceGone)
def interface_gone(tables: Tables, e: Recorded[InterfaceGone]) -> None:
    tables.delete(Interface, e.event.name)


@projection.on(RoutesChanged)
def routes_changed(tables: Tables, e: Recorded[RoutesChanged]) -> None:
    rows = {route_id(route): {**route.model_dump(mode="json"), "table": MAIN} for route in e.event.routes}
    for row in tables.find(Route, "table", MAIN):
        if row["id"] not in rows:
            tables.delete(Route, row["id"])
    for key, row in rows.items():
        tables.put(Route, {**row, "id": key, "position": e.position})
    _state(tables, e, routes_left_out=e.event.left_out)


def route_id(route: SeenRoute) -> str:
    """What tells a route from all others of its table."""
    return f"{route.family} {route.kind} {route.to} {route.via or '-'} {route.interface or '-'} {route.metric}"


@projection.on(NetworkRendererFound)
def renderer_found(tables: Tables, e: Recorded[NetworkRendererFound]) -> None:
    _state(tables, e, since=e.recorded_at, **e.event.model_dump(mode="json"))


def _state(tables: Tables, e: Recorded[Any], **values: Any) -> None:
    unknown = {"name": STATE, "renderer": "none", "backend": "", "files": [], "code": "", "message": ""}
    before = tables.get(NetworkState, STATE) or {**unknown, "routes_left_out": 0, "since": e.recorded_at}
    tables.put(NetworkState, {**before, **values, "version": e.version, "position": e.position})


@projection.on(NetworkChangeApplied)
def change_applied(tables: Tables, e: Recorded[NetworkChangeApplied]) -> None:
    fact = e.event
    values = fact.model_dump(mode="json", include={"renderer", "interfaces", "removed", "files", "seconds"})
    tables.put(
        NetworkChange,
        {
            **values,
            "id": fact.change,
            "state": "pending",
            "applied_at": e.recorded_at,
            "deadline": e.recorded_at + timedelta(seconds=fact.seconds),
            "ended_at": None,
            "cause": "",
            "complete": True,
            "detail": "",
            "requested_by": e.metadata.actor,
            "position": e.position,
        },
    )


@projection.on(NetworkChanged)
def change_confirmed(tables: Tables, e: Recorded[NetworkChanged]) -> None:
    _ended(tables, e, state="confirmed")
    for config in e.event.interfaces:
        row = {"name": config.name, "config": config.model_dump(mode="json"), "change": e.event.change}
        tables.put(InterfaceConfiguration, {**row, "since": e.recorded_at, "position": e.position})
    for name in e.event.removed:
        tables.delete(InterfaceConfiguration, name)


@projection.on(NetworkChangeRolledBack)
def change_rolled_back(tables: Tables, e: Recorded[NetworkChangeRolledBack]) -> None:
    fact = e.event
    _ended(tables, e, state="rolled_back", cause=fact.cause, complete=fact.complete, detail=fact.detail)


def _ended(tables: Tables, e: Recorded[Any], **values: Any) -> None:
    if before := tables.get(NetworkChange, e.event.change):
        tables.put(NetworkChange, {**before, **values, "ended_at": e.recorded_at, "position": e.position})
