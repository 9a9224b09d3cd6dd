"""Sample calls of disks, and of looking at the box."""

from __future__ import annotations

from tests.api.routes.scene import (
    ADMINISTER,
    OPERATE,
    READ,
    Route,
)

ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/storage/disks"): Route(READ),
    ("GET", "/storage/disks/{disk_id}"): Route(READ, path=lambda s: f"/storage/disks/{s.disk}"),
    ("GET", "/storage/disks/{disk_id}/smart"): Route(READ, path=lambda s: f"/storage/disks/{s.disk}/smart"),
    ("GET", "/storage/disks/{disk_id}/temperatures"): Route(
        READ, path=lambda s: f"/storage/disks/{s.disk}/temperatures"
    ),
    ("POST", "/storage/disks/{disk_id}/self-test"): Route(
        OPERATE,
        path=lambda s: f"/storage/disks/{s.disk}/self-test",
        body=lambda _: {"test": "short"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/disks/{disk_id}/wipe"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/disks/{s.disk}/wipe",
        body=lambda _: {"method": "quick", "confirm": "LAB0006"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/disks/{disk_id}/locate"): Route(
        OPERATE,
        path=lambda s: f"/storage/disks/{s.disk}/locate",
        body=lambda _: {"on": True},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/arc"): Route(READ),
    ("POST", "/storage/scan"): Route(OPERATE, body=lambda _: {}, records="operations.OperationRequested.v1"),
}
