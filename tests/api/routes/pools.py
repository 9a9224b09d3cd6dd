"""Sample calls of pools."""

from __future__ import annotations

from typing import Any

from tests.api.routes.scene import (
    ADMINISTER,
    OPERATE,
    READ,
    Route,
    Scene,
)
from tests.support.rest import disk_ids


def new_pool(scene: Scene) -> dict[str, Any]:
    return {"name": "dozer", "vdevs": [{"type": "mirror", "disks": disk_ids(scene.box)[2:4]}]}


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/storage/pools"): Route(READ),
    ("POST", "/storage/pools"): Route(ADMINISTER, body=new_pool, records="operations.OperationRequested.v1"),
    ("GET", "/storage/pools/{name}"): Route(READ, path=lambda _: "/storage/pools/tank"),
    ("DELETE", "/storage/pools/{name}"): Route(
        ADMINISTER, path=lambda _: "/storage/pools/tank?confirm=tank", records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/pools/{name}/scrub"): Route(
        OPERATE,
        path=lambda _: "/storage/pools/tank/scrub",
        body=lambda _: {"action": "start"},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/pools/{name}/io"): Route(READ, path=lambda _: "/storage/pools/tank/io"),
    ("GET", "/storage/pools/{name}/capacity"): Route(READ, path=lambda _: "/storage/pools/tank/capacity"),
    ("POST", "/storage/pools/{name}/add"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/add",
        body=lambda s: {"vdevs": [{"type": "mirror", "disks": disk_ids(s.box)[2:4]}]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/attach"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/attach",
        body=lambda s: {"to": disk_ids(s.box)[0], "disk": disk_ids(s.box)[2]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/detach"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/detach",
        body=lambda s: {"disk": disk_ids(s.box)[0], "force": True},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/replace"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/replace",
        body=lambda s: {"old": disk_ids(s.box)[0], "new": disk_ids(s.box)[2], "force": True},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/remove"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/remove",
        body=lambda s: {"vdev": s.log},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/offline"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/offline",
        body=lambda s: {"disk": disk_ids(s.box)[0]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/online"): Route(
        OPERATE,
        path=lambda _: "/storage/pools/tank/online",
        body=lambda s: {"disk": disk_ids(s.box)[0]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/clear"): Route(
        OPERATE,
        path=lambda _: "/storage/pools/tank/clear",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/expand"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/expand",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/trim"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/trim",
        body=lambda _: {"action": "start"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/initialize"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/initialize",
        body=lambda _: {"action": "start"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/checkpoint"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/checkpoint",
        body=lambda _: {"action": "make"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/upgrade"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/upgrade",
        body=lambda s: {"reason": s.outdated},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/export"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/export",
        body=lambda _: {"confirm": "tank"},
        records="operations.OperationRequested.v1",
    ),
    ("PATCH", "/storage/pools/{name}"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank",
        body=lambda _: {"properties": {"comment": "x"}},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/pools/property-definitions"): Route(READ),
    ("POST", "/storage/pools/find"): Route(OPERATE, body=lambda _: {}, records="operations.OperationRequested.v1"),
    ("GET", "/storage/pools/importable"): Route(READ),
    ("POST", "/storage/pools/import"): Route(
        ADMINISTER, body=lambda s: {"guid": s.found}, records="operations.OperationRequested.v1"
    ),
}
