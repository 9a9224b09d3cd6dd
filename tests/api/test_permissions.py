"""Every route by every role. A new route of the API fails here until it stands in a table of tests/api/routes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.audit.models import LedgerEvent
from apps.storage.commands.scan import ScanStorage
from calypso.api import api
from calypso.kernel import commands, store
from calypso.kernel.actors import GRANTS, Actor, Permission, Role
from calypso.kernel.rest import Needs
from tests.api.routes import (
    accounts,
    bundles,
    datasets,
    disks,
    kernel,
    network,
    pools,
    power,
    services,
    snapshots,
    time,
)
from tests.api.routes.scene import IN_PERSON, LOGIN, PUBLIC, Route, Scene
from tests.support.lab_box import Box
from tests.support.rest import Person, by_token, events_after, person, stranger

pytestmark = pytest.mark.django_db

ROUTES: dict[tuple[str, str], Route] = {
    **accounts.ROUTES,
    **bundles.ROUTES,
    **datasets.ROUTES,
    **disks.ROUTES,
    **kernel.ROUTES,
    **network.ROUTES,
    **pools.ROUTES,
    **power.ROUTES,
    **services.ROUTES,
    **time.ROUTES,
    **snapshots.ROUTES,
}

WHO = ["stranger", "viewer", "operator", "administrator", "auditor", "without role", "token of scope read"]


def declared() -> dict[tuple[str, str], Any]:
    """All operations of the API, with their way in."""
    return {
        (method, "/" + "/".join(part.strip("/") for part in (router.prefix, path) if part.strip("/"))): operation
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def gate_of(operation: Any) -> str:
    """What the route itself declares: public only by an explicit ``auth=None``."""
    if operation.auth_param is None:
        return PUBLIC
    [gate] = operation.auth_callbacks
    assert isinstance(gate, Needs), f"{operation.view_func.__name__} declares no permission"
    return gate.permission or LOGIN


def test_the_table_has_every_route_and_no_other() -> None:
    assert set(declared()) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_declares_the_permission_of_the_table(route: tuple[str, str]) -> None:
    wanted = ROUTES[route].needs
    assert gate_of(declared()[route]) == (LOGIN if wanted == IN_PERSON else wanted)


def test_every_operation_of_the_document_is_a_route_that_was_walked() -> None:
    document = api.get_openapi_schema()
    found = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert found == {(method, re.sub(r"{\w+:(\w+)}", r"{\1}", path)) for method, path in ROUTES}, "without converters"


def test_every_mutating_route_has_an_event_to_look_for() -> None:
    silent = [route for route, entry in ROUTES.items() if route[0] != "GET" and not entry.records]
    reading = {("POST", "/storage/schedules/preview"), ("POST", "/system/network/plan")}
    assert set(silent) == reading, "they only read; their bodies are too large for a query"


@pytest.fixture
def scene(tank: Box) -> Scene:
    somebody = Actor("user:somebody", "session", "", frozenset(Permission))
    return Scene(tank, Person(), str(commands.dispatch(ScanStorage(), somebody).pk))


def enter(who: str) -> tuple[Person, frozenset[Permission]]:
    """The person and what they may do."""
    if who == "stranger":
        return stranger(), frozenset()
    if who == "without role":
        return person(), frozenset()
    if who == "token of scope read":
        script = by_token(person(Role.ADMINISTRATOR), Permission.READ)
        script.get("/auth/csrf")
        return script, frozenset({Permission.READ})
    return person(Role(who)), GRANTS[Role(who)]


def wanted_status(needs: str, who: str, may: frozenset[Permission]) -> int:
    """200 stands for whatever is neither 401 nor 403."""
    if needs == PUBLIC:
        return 200
    if who == "stranger":
        return 401
    if needs in (LOGIN, IN_PERSON):
        return 403 if needs == IN_PERSON and who.startswith("token") else 200
    return 200 if Permission(needs) in may else 403


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_who_gets_through(scene: Scene, route: tuple[str, str], who: str) -> None:
    method, path = route
    entry = ROUTES[route]
    scene.who, may = enter(who)
    url = entry.path(scene) if entry.path else path
    body = entry.body(scene)
    before = store.position()
    answer = scene.who.ask(method, url, body)
    wanted = wanted_status(entry.needs, who, may)
    if wanted == 200:
        if path == "/auth/tokens" and method == "POST" and not may:
            assert answer.code == "invalid_input"  # let in, but there is nothing that a token of theirs could do
            return
        assert answer.status < 300, answer
        nothing_to_end = path == "/auth/logout" and who.startswith("token")  # a token has no session
        found = {event.type for event in events_after(before)}
        assert (entry.records in found) if entry.records and not nothing_to_end else not found
        return
    assert answer.status == wanted
    answer.problem()
    refusals = events_after(before)
    if wanted == 401:
        assert answer.code == "not_authenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert refusals == []
        return
    assert [(e.type, e.kind, e.actor) for e in refusals] == [
        ("operations.CommandDenied.v1", "security", f"user:{scene.who.username}")
    ]
    assert refusals[0].data["command"] == f"{method} /api/v1{url.split('?')[0]}"


def test_a_permission_is_checked_below_the_routes_too(tank: Box) -> None:
    """Whoever reaches dispatch by another door (admin, command line) is refused there."""
    viewer = Actor("user:vera", "admin", "", GRANTS[Role.VIEWER])
    before = store.position()
    with pytest.raises(commands.Denied):
        commands.dispatch(ScanStorage(reason="because"), viewer)
    [refusal] = LedgerEvent.objects.filter(position__gt=before)
    assert (refusal.data["command"], refusal.reason) == ("storage.ScanStorage", "because")
