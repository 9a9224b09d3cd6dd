"""Sample calls of the machine's power and boots."""

from __future__ import annotations

import socket
from typing import Any
from uuid import uuid4

from calypso.kernel import store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.api.routes.scene import ADMINISTER, READ, Route, Scene
from tests.support.history import example


def down(scene: Scene) -> dict[str, Any]:
    """What restarts the box, or switches it off."""
    with store.writing():
        append([Change(uuid4(), example("system.BoxBooted.v1", 1))], Metadata())
    return {"reason": "a new kernel", "confirm": socket.gethostname()}


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/system/power"): Route(READ),
    ("GET", "/system/power/boots"): Route(READ),
    ("POST", "/system/power/reboot"): Route(ADMINISTER, body=down, records="operations.OperationRequested.v1"),
    ("POST", "/system/power/shutdown"): Route(ADMINISTER, body=down, records="operations.OperationRequested.v1"),
}
