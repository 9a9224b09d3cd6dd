"""Personal API tokens: shown once, bound to a scope and an owner, expired, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apps.audit.models import LedgerEvent
from apps.system.auth import fingerprint
from apps.system.models.accounts import Token, TokenUse
from calypso.kernel import store
from calypso.kernel.actors import Permission, Role
from tests.support.rest import Person, by_token, events_after, nothing_recorded, person, types_after

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_kept_as_a_fingerprint() -> None:
    admin = person(Role.ADMINISTRATOR)
    before = store.position()
    made = admin.post("/auth/tokens", {"name": "backup", "scope": ["read", "operate"], "expires_in_days": 7})
    secret = made.body["token"]
    assert made.status == 201 and secret.startswith("cal_") and len(secret) > 40
    [listed] = admin.get("/auth/tokens").body["items"]
    assert "token" not in listed and listed["scope"] == ["operate", "read"]
    [event] = events_after(before)
    assert (event.type, event.actor, event.kind) == ("system.TokenCreated.v1", "user:administrator", "security")
    assert event.data["fingerprint"] == fingerprint(secret) != secret
    assert Token.objects.get().fingerprint == fingerprint(secret)
    everything = str(list(Token.objects.values())) + str([bytes(e.state) for e in LedgerEvent.objects.all()])
    assert secret not in everything and secret[4:] not in everything


def test_the_fingerprint_takes_the_installations_key(settings: Any) -> None:
    here = fingerprint("cal_x")
    settings.FINGERPRINT_KEY = "another"
    assert fingerprint("cal_x") != here


def test_a_token_may_no_more_than_its_scope_and_its_owner() -> None:
    admin = person(Role.ADMINISTRATOR)
    reader = by_token(admin, Permission.READ)
    assert reader.get("/storage/pools").status == 200
    assert reader.get("/auth/me").body["permissions"] == ["read"]
    assert reader.post("/storage/scan", {}).problem()["code"] == "permission_denied"
    operator = by_token(admin, Permission.OPERATE)
    assert operator.post("/storage/scan", {}).status == 202
    assert operator.get("/storage/pools").status == 403
    user = User.objects.get(username="administrator")
    user.groups.clear()
    assert operator.post("/storage/scan", {}).status == 403, "what the owner lost the token has lost too"


def test_a_scope_beyond_ones_own_is_refused() -> None:
    viewer = person(Role.VIEWER)
    with nothing_recorded():
        for scope in (["administer"], ["read", "audit"], [], ["root"], "read", None):
            answer = viewer.post("/auth/tokens", {"name": "x", "scope": scope})
            assert (answer.status, answer.problem()["code"]) == (422, "invalid_input")
            assert str(answer.body["field"]).startswith("scope")
        days: list[Any] = [0, 3651, 10**30, "x"]
        names = ["", "a\nb", "x" * 101, "a\x00"]
        for field, value in [*(("expires_in_days", d) for d in days), *(("name", n) for n in names)]:
            answer = viewer.post("/auth/tokens", {"name": "x", "scope": ["read"], field: value})
            assert (answer.status, answer.body["field"]) == (422, field)


def test_a_token_makes_and_revokes_no_tokens() -> None:
    """Else one that ends tomorrow could make itself one that never does."""
    admin = person(Role.ADMINISTRATOR)
    script = by_token(admin, *Permission)
    before = store.position()
    made = script.post("/auth/tokens", {"name": "x", "scope": ["read"], "expires_in_days": None})
    assert (made.status, made.problem()["code"]) == (403, "token_not_enough")
    revoked = script.delete(f"/auth/tokens/{Token.objects.get().pk}")
    assert (revoked.status, revoked.problem()["code"]) == (403, "token_not_enough")
    assert types_after(before) == ["CommandDenied"] * 2
    assert Token.objects.count() == Token.objects.filter(revoked_at=None).count() == 1


def test_a_token_expires() -> None:
    admin = person(Role.ADMINISTRATOR)
    script = by_token(admin, Permission.READ, expires_in_days=1)
    forever = by_token(admin, Permission.READ, expires_in_days=None)
    Token.objects.exclude(expires_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    before = store.position()
    assert script.get("/auth/me").status == 401
    assert types_after(before) == ["TokenRefused"]
    assert forever.get("/auth/me").status == 200


def test_a_revoked_token_is_out_at_once() -> None:
    admin = person(Role.ADMINISTRATOR)
    script = by_token(admin, Permission.READ)
    pk = Token.objects.get().pk
    before = store.position()
    assert admin.delete(f"/auth/tokens/{pk}").status == 204
    assert admin.delete(f"/auth/tokens/{pk}").status == 204
    assert types_after(before) == ["TokenRevoked"], "the second time nothing changed"
    assert script.get("/auth/me").status == 401
    assert admin.get("/auth/tokens").body["items"][0]["revoked_at"]


def test_a_tokens_last_use_is_noted_once_a_minute() -> None:
    admin = person(Role.ADMINISTRATOR)
    script = by_token(admin, Permission.READ)
    assert admin.get("/auth/tokens").body["items"][0]["used_at"] is None
    with nothing_recorded():
        script.get("/auth/me", REMOTE_ADDR="192.0.2.9")
        first = TokenUse.objects.get()
        script.get("/auth/me", REMOTE_ADDR="192.0.2.10")
        assert TokenUse.objects.get().used_at == first.used_at
        TokenUse.objects.update(used_at=first.used_at - timedelta(minutes=2))
        script.get("/auth/me", REMOTE_ADDR="192.0.2.10")
    assert TokenUse.objects.get().source == "192.0.2.10"
    assert admin.get("/auth/tokens").body["items"][0]["used_at"]


def test_other_peoples_tokens_are_theirs() -> None:
    vera, otto = person(Role.VIEWER), person(Role.OPERATOR)
    by_token(vera, Permission.READ)
    pk = Token.objects.get().pk
    assert otto.get("/auth/tokens").body["items"] == []
    with nothing_recorded():
        assert otto.delete(f"/auth/tokens/{pk}").problem()["code"] == "not_found"
    admin = person(Role.ADMINISTRATOR)
    assert [t["username"] for t in admin.get("/auth/tokens").body["items"]] == ["viewer"]
    before = store.position()
    assert admin.delete(f"/auth/tokens/{pk}").status == 204
    [event] = events_after(before)
    assert (event.type, event.actor) == ("system.TokenRevoked.v1", "user:administrator")


def test_a_token_of_a_deactivated_owner() -> None:
    script = by_token(person(Role.VIEWER), Permission.READ)
    assert script.get("/auth/me").status == 200
    User.objects.filter(username="viewer").update(is_active=False)
    assert script.get("/auth/me").status == 401


@pytest.mark.parametrize("wrong", ["cal_", "cal_x", "cal_" + "x" * 10_000, "cal_\u00e9", "cal_'--"])
def test_wrong_tokens(wrong: str) -> None:
    by_token(person(Role.VIEWER), Permission.READ)
    assert Person(bearer=wrong).get("/auth/me").status == 401
