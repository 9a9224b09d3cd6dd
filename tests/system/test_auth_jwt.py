"""JWT pairs: what is let in and renewed, and what is refused on the record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.support.auth import PASSWORD, pair_of
from tests.support.rest import Person, events_after, person, types_after

pytestmark = pytest.mark.django_db


def test_a_pair_lets_in_and_is_renewed(jay: User) -> None:
    before = store.position()
    pair = pair_of()
    me = Person(bearer=pair["access"]).get("/auth/me")
    assert (me.body["username"], me.body["auth"]) == ("jay", "jwt")
    renewed = Person().post("/auth/jwt/refresh", {"refresh": pair["refresh"]})
    assert Person(bearer=renewed.body["access"]).get("/auth/me").status == 200
    assert [(e.type, e.data["method"]) for e in events_after(before)] == [("system.LoginSucceeded.v1", "jwt")] * 2


def test_a_bearer_needs_no_csrf_token() -> None:
    person(Role.OPERATOR, name="otto", password=PASSWORD)
    assert Person(bearer=pair_of("otto")["access"]).post("/storage/scan", {}).status == 202


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pair: pair["refresh"],  # not an access token
        lambda pair: pair["access"][:-3],
        lambda pair: pair["access"].rsplit(".", 1)[0] + ".",
        lambda pair: "eyJhbGciOiJub25lIn0." + pair["access"].split(".")[1] + ".",
        lambda pair: "x",
        lambda pair: "a.b.c",
        lambda pair: "é",
    ],
)
def test_a_wrong_access_token_is_refused_on_the_record(jay: User, spoil: Any) -> None:
    bad = spoil(pair_of())
    before = store.position()
    answer = Person(bearer=bad).get("/auth/me")
    assert (answer.status, answer.problem()["code"]) == (401, "not_authenticated")
    [event] = events_after(before)
    assert (event.type, event.data["method"], event.actor) == ("system.TokenRefused.v1", "jwt", "anonymous")


@pytest.mark.parametrize("spoil", [lambda p: p["access"], lambda p: p["refresh"][:-2], lambda _: "x", lambda _: ""])
def test_a_wrong_refresh_token_is_refused_on_the_record(jay: User, spoil: Any) -> None:
    bad = spoil(pair_of())
    before = store.position()
    answer = Person().post("/auth/jwt/refresh", {"refresh": bad})
    assert (answer.status, answer.problem()["code"]) == (401, "not_authenticated")
    assert types_after(before) == ["TokenRefused"]


def test_a_refresh_token_of_a_deactivated_account(jay: User) -> None:
    pair = pair_of()
    User.objects.filter(pk=jay.pk).update(is_active=False)
    assert Person().post("/auth/jwt/refresh", {"refresh": pair["refresh"]}).status == 401


def test_an_expired_access_token(jay: User, settings: Any) -> None:
    from ninja_jwt.tokens import AccessToken

    token = AccessToken.for_user(jay)
    token.set_exp(lifetime=-timedelta(seconds=1))
    assert Person(bearer=str(token)).get("/auth/me").status == 401


@pytest.mark.parametrize("header", ["Basic amF5OnB3", "Bearer", "bearer ", "Token cal_x", "cal_x", "Bearer\tcal_x"])
def test_other_authorization_headers_prove_nothing(jay: User, header: str) -> None:
    assert Person().get("/auth/me", HTTP_AUTHORIZATION=header).status == 401
