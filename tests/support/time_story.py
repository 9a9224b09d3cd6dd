"""A clock in the lab, and short ways to ask for changes of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.system.observe.names import look_at_names
from apps.system.observe.time import look_at_time
from calypso.kernel import files
from calypso.kernel.actors import Role
from calypso.kernel.models import Operation
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.rest import Person, finish, nothing_recorded, person

CONF = "/etc/chrony/chrony.conf"
MINE = {"servers": [{"address": "ntp1.example.org"}, {"address": "192.0.2.10", "prefer": True}]}


@pytest.fixture
def clock_box(box: Box) -> Box:
    """A box whose clock has followed its servers for long, and was looked at."""
    look()
    with change(box.path) as state:
        state["options"]["now"] = timezone.now().timestamp() + 60
    look()
    return box


@pytest.fixture
def clock_admin(clock_box: Box) -> Person:
    return person(Role.ADMINISTRATOR)


def look() -> int:
    return look_at_time() + look_at_names(())


def asked(who: Person, method: str, path: str, body: Any) -> Operation:
    """The operation at its end."""
    answer = who.ask(method, f"/system/{path}", body)
    assert answer.status == 202, answer
    finish(answer.body["id"])
    return Operation.objects.get(pk=answer.body["id"])


def refused(who: Person, method: str, path: str, body: Any) -> Any:
    """The problem of a request that leaves no trace."""
    with nothing_recorded():
        return who.ask(method, f"/system/{path}", body).problem()


def text(name: str = CONF) -> str:
    return files.read(name) or ""
