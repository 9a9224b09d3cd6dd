"""The OpenAPI document: whole and true; and random calls along it, none of which may end in a 5xx."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy, one_of
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.storage.commands.scan import ScanStorage
from apps.storage.models.disks import Disk
from apps.storage.observe import lights, smart
from apps.storage.observe.scan import observe
from apps.system.models.accounts import Token
from apps.system.observe.names import look_at_names
from apps.system.observe.time import look_at_time
from calypso.api import SECURITY_SCHEMES, api
from calypso.kernel import commands, store
from calypso.kernel.actors import Actor, Permission, Role
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.support.history import example, some_id
from tests.support.lab_box import Box
from tests.support.rest import Person, by_token, disk_ids, path_of, person

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
PUBLIC = {"/api/v1/auth/login", "/api/v1/auth/csrf", "/api/v1/auth/jwt", "/api/v1/auth/jwt/refresh", "/api/v1/health"}


@pytest.mark.parametrize("route", OPERATIONS, ids=" ".join)
def test_an_operation_is_described(route: tuple[str, str]) -> None:
    operation = OPERATIONS[route]
    assert operation["summary"] and operation["description"].strip().endswith((".", "…"))
    assert operation["tags"]
    assert re.fullmatch(r"[a-z_]+", operation["operationId"])
    for parameter in operation["parameters"]:
        assert parameter["in"] in ("query", "path", "header")
        assert (parameter["in"] == "path") == ("{" + parameter["name"] + "}" in route[1]), parameter


@pytest.mark.parametrize("route", OPERATIONS, ids=" ".join)
def test_problems_are_told_as_problem_json(route: tuple[str, str]) -> None:
    answers = OPERATIONS[route]["responses"]
    problems = {int(status): answer for status, answer in answers.items() if int(status) >= 400}
    if route[1] != "/api/v1/auth/csrf":
        assert {400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 502, 503} <= set(problems)
    for answer in problems.values():
        assert list(answer["content"]) == ["application/problem+json"]
        assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/ProblemOut")
    assert any(200 <= int(status) < 300 for status in answers)


@pytest.mark.parametrize("route", OPERATIONS, ids=" ".join)
def test_the_ways_in_are_told(route: tuple[str, str]) -> None:
    wanted = None if route[1] in PUBLIC else [{"bearer": []}, {"session": []}]
    assert OPERATIONS[route].get("security") == wanted
    assert DOCUMENT["components"]["securitySchemes"] == SECURITY_SCHEMES
    assert SECURITY_SCHEMES["session"]["name"] == "sessionid"


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names and names <= set(DOCUMENT["components"]["schemas"])
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_it_is_served_to_everybody() -> None:
    answer = Person().get("/openapi.json")
    assert answer.status == 200 and answer.body["openapi"].startswith("3.1")
    assert answer.body["paths"].keys() == DOCUMENT["paths"].keys()
    page = Person().client.get("/api/v1/docs")
    assert page.status_code == 200 and b"cdn." not in page.content, "an appliance may have no way out"


# --- random calls -----------------------------------------------------------------------------------------------------

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 20  # an operation
MOST_WAIT = 0.05  # seconds: there is no worker here to wait for


@pytest.fixture
def served(fresh_database: str, box: Box) -> tuple[Person, dict[str, str]]:
    """An administrator's token, and path parameters that lead somewhere."""
    box.ok("zpool", "create", "tank", "mirror", *map(path_of, disk_ids(box)[:2]))
    observe()
    look_at_time()
    look_at_names(())
    operation = commands.dispatch(ScanStorage(), Actor("user:somebody", "session", "", frozenset(Permission)))
    script = by_token(person(Role.ADMINISTRATOR), *Permission)
    looked_at = Disk.objects.get(pk=disk_ids(box)[5])
    smart.look(looked_at)
    lights.look_at_light(looked_at)
    with store.writing():
        append([Change(some_id("alert", 1), example("alerts.AlertRaised.v1", 1))], Metadata())
    known = {"name": "tank", "operation_id": str(operation.pk), "token_id": str(Token.objects.get().pk)}
    return script, known | {"disk_id": looked_at.id, "alert_id": str(some_id("alert", 1))}


def cases_of(operation: Any, known: dict[str, str]) -> SearchStrategy[Any]:
    """Calls as the document allows them, calls that it forbids, and allowed ones about what there is."""
    right = operation.as_strategy(GenerationMode.POSITIVE)
    wrong = operation.as_strategy(GenerationMode.NEGATIVE) if takes_input(operation) else right
    names = [name for name in known if "{" + name + "}" in operation.path]
    if not names:
        return one_of(right, wrong)
    there = operation.as_strategy(GenerationMode.POSITIVE, path_parameters={name: known[name] for name in names})
    return one_of(right, wrong, there)


def takes_input(operation: Any) -> bool:
    document = OPERATIONS[operation.method.upper(), "/api/v1" + operation.path.removeprefix("/api/v1")]
    return bool(document["parameters"] or "requestBody" in document)


def statuses_of(operation: Any, bearer: str, known: dict[str, str]) -> set[int]:
    """Calls an operation at random and checks each answer. Returns the statuses that were met."""
    met: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases_of(operation, known))
    def attempt(case: Any) -> None:
        wait = (case.query or {}).get("wait")
        if isinstance(wait, int | float) and wait > MOST_WAIT:
            case.query["wait"] = MOST_WAIT
        response = case.call(headers={"Authorization": f"Bearer {bearer}"})
        met.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    attempt()
    return met


def test_random_calls_end_in_no_5xx_and_as_documented(served: tuple[Person, dict[str, str]], subtests: Any) -> None:
    who, known = served
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    met: dict[str, set[int]] = {}
    before = store.position()
    for found in schema.get_all_operations():
        operation = found.ok()
        with subtests.test(operation.label):
            met[operation.label] = statuses_of(operation, who.bearer, known)
    assert len(met) == len(OPERATIONS)
    refused = {label for label, statuses in met.items() if not any(status < 400 for status in statuses)}
    assert {label for label in refused if label.startswith("GET") and "{" not in label} == set(), "lists are served"
    assert {403, 404, 422} <= set.union(*met.values()), "what is forbidden was tried as well"
    assert store.position() > before, "some of them did something"
