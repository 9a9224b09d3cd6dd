"""Sample calls of services."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

from apps.system import journal
from apps.system.models.services import Service
from apps.system.observe import journal_desk, units
from tests.api.routes.scene import ADMINISTER, OPERATE, READ, Route, Scene
from tests.support.appliance import wait_for


def seen(path: str) -> Callable[[Scene], str]:
    """The address, once somebody has looked at the lab's units."""

    def look(scene: Scene) -> str:
        if not Service.objects.exists():
            units.look_at_all()
        return path

    return look


@cache
def open_desk() -> None:
    """What the observer answers for the journal, from now on."""
    threading.Thread(target=journal_desk.serve_forever, args=(threading.Event(),), daemon=True).start()
    wait_for(journal.socket_path().exists, 20, "the desk is open")


def log(scene: Scene) -> str:
    open_desk()
    return seen("/system/services/chrony.service/log")(scene)


def act(unit: str, action: str, needs: str) -> Route:
    path = seen(f"/system/services/{unit}/{action}")
    return Route(needs, path=path, body=lambda _: {"reason": "x"}, records="operations.OperationRequested.v1")


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/system/services"): Route(READ),
    ("GET", "/system/services/{path:name}/log"): Route(READ, path=log),
    ("GET", "/system/services/{path:name}"): Route(READ, path=seen("/system/services/chrony.service")),
    ("POST", "/system/services/{path:name}/start"): act("rsync.service", "start", OPERATE),
    ("POST", "/system/services/{path:name}/stop"): act("chrony.service", "stop", OPERATE),
    ("POST", "/system/services/{path:name}/restart"): act("chrony.service", "restart", OPERATE),
    ("POST", "/system/services/{path:name}/reload"): act("ssh.service", "reload", OPERATE),
    ("POST", "/system/services/{path:name}/enable"): act("rsync.service", "enable", ADMINISTER),
    ("POST", "/system/services/{path:name}/disable"): act("chrony.service", "disable", ADMINISTER),
    ("POST", "/system/services/{path:name}/mask"): act("rsync.service", "mask", ADMINISTER),
    ("POST", "/system/services/{path:name}/unmask"): act("sudo.service", "unmask", ADMINISTER),
}
