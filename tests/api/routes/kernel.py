"""Sample calls of operations, alerts, the ledger and health."""

from __future__ import annotations

from tests.api.routes.scene import (
    OPERATE,
    PUBLIC,
    READ,
    Route,
)

ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/operations"): Route(READ),
    ("GET", "/operations/{operation_id}"): Route(READ, path=lambda s: f"/operations/{s.queued}"),
    ("POST", "/operations/{operation_id}/cancel"): Route(
        OPERATE,
        path=lambda s: f"/operations/{s.queued}/cancel",
        body=lambda _: {"reason": "not now"},
        records="operations.OperationCancelled.v1",
    ),
    ("GET", "/alerts"): Route(READ),
    ("GET", "/alerts/{alert_id}"): Route(READ, path=lambda s: f"/alerts/{s.alert}"),
    ("POST", "/alerts/{alert_id}/acknowledge"): Route(
        OPERATE,
        path=lambda s: f"/alerts/{s.alert}/acknowledge",
        body=lambda _: {"reason": "a disk is ordered"},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/audit/events"): Route(READ),
    ("GET", "/health"): Route(PUBLIC),
    ("GET", "/health/checks"): Route(READ),
    ("GET", "/health/{name}"): Route(READ, path=lambda _: "/health/database"),
}
