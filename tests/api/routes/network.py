"""Sample calls of the network."""

from __future__ import annotations

from typing import Any

from apps.system.models.network import NetworkChange
from apps.system.observe.network import observe_network
from calypso.kernel import store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.api.routes.scene import ADMINISTER, READ, Route, Scene
from tests.support.history import example, some_id


def wish(scene: Scene) -> dict[str, Any]:
    """A change of a card that is there."""
    observe_network()
    return {"interfaces": [{"name": "data0", "addresses": ["192.0.2.5/24"]}]}


def interface(scene: Scene) -> str:
    observe_network()
    return "/system/interfaces/data0"


def pending(scene: Scene) -> dict[str, str]:
    """A change that waits to be confirmed."""
    if not NetworkChange.objects.exists():
        with store.writing():
            applied = example("system.NetworkChangeApplied.v1", 1)
            append([Change(some_id("network", 1), applied)], Metadata())
    return {"change": str(NetworkChange.objects.get().id)}


REQUESTED = "operations.OperationRequested.v1"
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/system/interfaces"): Route(READ),
    ("GET", "/system/interfaces/{name}"): Route(READ, path=interface),
    ("GET", "/system/routes"): Route(READ),
    ("GET", "/system/network"): Route(READ),
    ("POST", "/system/network/plan"): Route(ADMINISTER, body=wish),
    ("POST", "/system/network/apply"): Route(ADMINISTER, body=wish, records=REQUESTED),
    ("POST", "/system/network/confirm"): Route(ADMINISTER, body=pending, records=REQUESTED),
    ("POST", "/system/network/revert"): Route(ADMINISTER, body=pending, records=REQUESTED),
}
