"""Sample calls of the clock, NTP, the box's name and DNS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.system.observe.names import look_at_names
from apps.system.observe.time import look_at_time
from tests.api.routes.scene import ADMINISTER, READ, Route, Scene


def seen(body: Any = None) -> Callable[[Scene], Any]:
    """The body, once the observer has looked."""

    def looked(scene: Scene) -> Any:
        look_at_time()
        look_at_names(())
        return body

    return looked


REQUESTED = "operations.OperationRequested.v1"
SERVERS = {"servers": [{"address": "ntp1.example.org"}]}
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/system/time"): Route(READ, body=seen()),
    ("GET", "/system/time/zones"): Route(READ),
    ("PUT", "/system/time"): Route(ADMINISTER, body=seen({"timezone": "Europe/Berlin"}), records=REQUESTED),
    ("GET", "/system/ntp"): Route(READ, body=seen()),
    ("PATCH", "/system/ntp"): Route(ADMINISTER, body=seen(SERVERS), records=REQUESTED),
    ("GET", "/system/hostname"): Route(READ, body=seen()),
    ("PUT", "/system/hostname"): Route(ADMINISTER, body=seen({"hostname": "calypso1"}), records=REQUESTED),
    ("GET", "/system/dns"): Route(READ, body=seen()),
    ("PUT", "/system/dns"): Route(ADMINISTER, body=seen({"servers": ["192.0.2.53"]}), records=REQUESTED),
}
