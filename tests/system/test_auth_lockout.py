"""Too many attempts: who is locked out, and what of it stays on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from apps.system import auth
from calypso.kernel import store
from tests.support.auth import PASSWORD, WRONG, login
from tests.support.rest import Person, events_after, stranger, types_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/auth/login", "/auth/jwt"])
def test_too_many_failed_logins_lock_out(jay: User, path: str, settings: Any) -> None:
    before = store.position()
    who = stranger()
    statuses = [who.post(path, {"username": "jay", "password": WRONG}).status for _ in range(7)]
    assert statuses == [401] * (settings.AXES_FAILURE_LIMIT - 1) + [429] * (8 - settings.AXES_FAILURE_LIMIT)
    answer = who.post(path, {"username": "jay", "password": PASSWORD})
    assert (answer.status, answer.problem()["code"]) == (429, "too_many_attempts")
    assert answer.headers["retry-after"] == str(15 * 60)
    assert types_after(before) == ["LoginFailed"], "one a minute: nobody can flood the ledger"


def test_the_lock_is_of_one_name_from_one_address(jay: User) -> None:
    User.objects.create_user("kay", password=PASSWORD)
    for _ in range(6):
        login(stranger(), WRONG)
    assert login(stranger(), username="kay").status == 200
    assert login(stranger(), REMOTE_ADDR="192.0.2.7").status == 200
    assert login(stranger()).status == 429


def test_an_unknown_name_is_locked_out_as_well(jay: User) -> None:
    """Else the lock would tell which names exist."""
    statuses = [login(stranger(), WRONG, username="nobody").status for _ in range(6)]
    assert statuses == [401] * 4 + [429] * 2
    assert login(stranger(), WRONG, username="nobody-else").status == 401


def test_a_login_in_between_resets_the_count(jay: User) -> None:
    for _ in range(3):
        for _ in range(3):
            assert login(stranger(), WRONG).status == 401
        assert login(stranger()).status == 200


def test_refusals_are_counted_and_told_once_a_minute(jay: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(auth.time, "monotonic", lambda: now[0])
    before = store.position()
    for _ in range(5):
        assert Person(bearer="cal_wrong").get("/auth/me").status == 401
    now[0] += auth.COALESCE_SECONDS + 1
    assert Person(bearer="cal_wrong").get("/auth/me").status == 401
    assert Person(bearer="cal_wrong").get("/auth/me", REMOTE_ADDR="192.0.2.7").status == 401
    assert [event.data["count"] for event in events_after(before)] == [1, 5, 1]
