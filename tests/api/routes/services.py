"""Sample calls of services."""

from __future__ import annotations

from collections.abc import Callable

from apps.system.models.services import Service
from apps.system.observe import units
from tests.api.routes.scene import ADMINISTER, OPERATE, READ, Route, Scene


def seen(path: str) -> Callable[[Scene], str]:
    """The address, once somebody has looked at the lab's units."""

    def look(scene: Scene) -> str:
        if not Service.objects.exists():
            units.look_at_all()
        return path

    return look


def act(unit: str, action: str, needs: str) -> Route:
    path = seen(f"/system/services/{unit}/{action}")
    return Route(needs, path=path, body=lambda _: {"reason": "x"}, records="operations.OperationRequested.v1")


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/system/services"): Route(READ),
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
