"""The shapes in which the network is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from apps.system.domain.network import SeenAddress
from apps.system.domain.network_changes import InterfaceConfig
from apps.system.models.network import (
    Interface,
    InterfaceConfiguration,
    InterfaceCounters,
    NetworkChange,
    NetworkState,
)


class CountersOut(Schema):
    """Since the interface came up."""

    rx_bytes: int
    rx_packets: int
    rx_errors: int
    rx_dropped: int
    tx_bytes: int
    tx_packets: int
    tx_errors: int
    tx_dropped: int
    sampled_at: datetime


class InterfaceOut(Schema):
    """An interface as it is now; ``wanted`` is what somebody has confirmed, null where Calypso changed nothing."""

    name: str
    kind: str
    mac: str
    mtu: int
    up: bool
    carrier: bool
    state: str
    addresses: list[SeenAddress]
    driver: str
    bus: str
    speed: int | None = Field(description="Mbit/s; null where the card tells none.")
    duplex: str
    parent: str
    master: str
    members: list[str]
    vlan: int | None
    bond_mode: str
    alternative_names: list[str]
    since: datetime
    counters: CountersOut | None
    wanted: InterfaceConfig | None
    version: int
    position: int


class RouteOut(Schema):
    family: str
    to: str
    via: str
    interface: str
    metric: int
    protocol: str
    scope: str
    source: str
    kind: str


class ChangeOut(Schema):
    """A change of the network: pending, confirmed or rolled_back. ``cause``: why the old configuration returned."""

    id: UUID
    state: str
    renderer: str
    interfaces: list[InterfaceConfig]
    removed: list[str]
    files: list[str]
    seconds: int
    seconds_left: int = Field(description="Until the old configuration returns; 0 when the change is over.")
    applied_at: datetime
    deadline: datetime
    ended_at: datetime | None
    cause: str = Field(description="timeout, boot, asked or refused.")
    complete: bool
    detail: str
    requested_by: str
    position: int


class NetworkOut(Schema):
    """What configures the network, by which files, and the change that is on trial."""

    renderer: str = Field(description="netplan, networkmanager, ifupdown or none.")
    backend: str
    files: list[str]
    code: str
    message: str
    routes_left_out: int
    since: datetime | None
    configured: list[InterfaceConfig]
    pending: ChangeOut | None
    changes: list[ChangeOut] = Field(description="The latest ones, the latest first.")


_UNKNOWN: dict[str, Any] = {
    "renderer": "none",
    "backend": "",
    "files": [],
    "code": "not_looked_yet",
    "message": "",
    "routes_left_out": 0,
    "since": None,
}


def interfaces_out(rows: Sequence[Interface]) -> list[dict[str, Any]]:
    names = [row.name for row in rows]
    counters = InterfaceCounters.objects.in_bulk(names)
    wanted = InterfaceConfiguration.objects.in_bulk(names)
    return [
        {
            **{field.name: getattr(row, field.name) for field in Interface._meta.concrete_fields},
            "counters": counters.get(row.name),
            "wanted": wanted[row.name].config if row.name in wanted else None,
        }
        for row in rows
    ]


def change_out(change: NetworkChange) -> dict[str, Any]:
    left = (change.deadline - timezone.now()).total_seconds() if change.state == "pending" else 0
    values = {field.name: getattr(change, field.name) for field in NetworkChange._meta.concrete_fields}
    return {**values, "seconds_left": max(0, int(left))}


def network_out(configured: Sequence[InterfaceConfig], changes: Sequence[NetworkChange]) -> dict[str, Any]:
    state = NetworkState.objects.first()
    values = {name: getattr(state, name) for name in _UNKNOWN} if state else _UNKNOWN
    shown = [change_out(change) for change in changes]
    pending = next((change for change in shown if change["state"] == "pending"), None)
    return {**values, "configured": list(configured), "pending": pending, "changes": shown}
