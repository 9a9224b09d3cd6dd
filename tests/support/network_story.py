"""A network in the lab, and short ways to ask for changes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from apps.system.models.network import Interface
from apps.system.observe.network import observe_network
from calypso.kernel import files
from calypso.kernel.actors import Role
from calypso.kernel.models import Operation
from tests.support.lab_box import Box
from tests.support.rest import Answer, Person, finish, person

OWN = "/etc/netplan/90-calypso.yaml"
STATIC = {"name": "data0", "addresses": ["192.0.2.5/24"], "routes": [{"to": "default", "via": "192.0.2.1"}]}


@pytest.fixture
def network(db: None, box: Box) -> Box:
    """The box with its clock standing still, seen once."""
    box.options(now=time.time())
    observe_network()
    return box


@pytest.fixture
def network_admin(network: Box) -> Iterator[Person]:
    yield person(Role.ADMINISTRATOR)


def applied(network_admin: Person, *interfaces: dict[str, Any], **more: Any) -> Operation:
    """What became of it."""
    answer = network_admin.post("/system/network/apply", {"interfaces": list(interfaces), "reason": "new rack", **more})
    assert answer.status == 202, answer.body
    return done(answer)


def done(answer: Answer) -> Operation:
    finish(answer.body["id"])
    return Operation.objects.get(pk=answer.body["id"])


def refused(network_admin: Person, *interfaces: dict[str, Any]) -> tuple[int, str, str]:
    before = {name: files.read(name) for name in files.names("/etc/netplan")}
    answer = network_admin.post("/system/network/plan", {"interfaces": list(interfaces)})
    assert {name: files.read(name) for name in files.names("/etc/netplan")} == before
    problem = answer.problem()
    assert problem["title"] and problem["field"]
    return answer.status, problem["code"], problem["field"]


def pending(network_admin: Person) -> Any:
    return network_admin.get("/system/network").body["pending"]


def addresses(name: str) -> list[str]:
    return [each["address"] for each in Interface.objects.get(pk=name).addresses]
