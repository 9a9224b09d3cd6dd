"""Jay, who has a password, and the ways to log in with it.

The fixtures here are made known to a folder of tests by importing them in its conftest.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.rest import Person

PASSWORD = "a-Password-of-9"
WRONG = "wr0ng-but-secret"


@pytest.fixture
def jay() -> User:
    return User.objects.create_user("jay", password=PASSWORD)


def login(who: Person, password: str = PASSWORD, username: str = "jay", **more: Any) -> Any:
    return who.post("/auth/login", {"username": username, "password": password}, **more)


def pair_of(username: str = "jay", password: str = PASSWORD) -> dict[str, str]:
    answer = Person().post("/auth/jwt", {"username": username, "password": password})
    assert answer.status == 200, answer
    found: dict[str, str] = answer.body
    return found
