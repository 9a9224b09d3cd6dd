"""Logging in and out, JWT pairs, personal API tokens, lock-out: what is let in, and what stays on record."""

from __future__ import annotations

from datetime import timedelta
from socket import gethostname
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.utils import timezone

from apps.audit.models import LedgerEvent
from apps.system import auth
from apps.system.auth import fingerprint
from apps.system.models import Token, TokenUse
from calypso.kernel import store
from calypso.kernel.actors import Permission, Role
from tests.support.rest import Person, by_token, events_after, nothing_recorded, person, stranger, types_after

pytestmark = pytest.mark.django_db

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


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_from_login_to_logout(jay: User) -> None:
    before = store.position()
    browser = stranger()
    me = {"username": "jay", "roles": [], "permissions": [], "auth": "session", "box": gethostname()}
    assert login(browser).body == me
    me = browser.get("/auth/me")
    assert (me.status, me.body["username"], me.body["auth"]) == (200, "jay", "session")
    assert browser.post("/auth/logout").status == 204
    assert browser.get("/auth/me").problem()["code"] == "not_authenticated"
    assert types_after(before) == ["LoginSucceeded", "LoggedOut"]
    login_event = events_after(before)[0]
    assert (login_event.actor, login_event.kind, login_event.source) == ("user:jay", "security", "127.0.0.1")
    assert login_event.data == {"username": "jay", "method": "session"}


def test_the_session_key_changes_at_login(jay: User) -> None:
    browser = stranger()
    browser.client.get("/admin/")
    login(browser)
    first = browser.client.cookies["sessionid"].value
    browser.post("/auth/logout")
    login(browser)
    assert browser.client.cookies["sessionid"].value != first


def test_login_without_csrf_token_is_refused(jay: User) -> None:
    with nothing_recorded():
        answer = login(Person())
        assert (answer.status, answer.problem()["code"]) == (403, "csrf_failed")
        wrong = login(stranger(), HTTP_X_CSRFTOKEN="x" * 32)
        assert (wrong.status, wrong.problem()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/auth/logout"), ("POST", "/auth/tokens"), ("POST", "/storage/scan")]
)
def test_a_session_writes_only_with_a_csrf_token(method: str, path: str) -> None:
    admin = person(Role.ADMINISTRATOR)
    with nothing_recorded():
        for token in ("", "x" * 32, "x" * 64):
            answer = admin.ask(method, path, {}, HTTP_X_CSRFTOKEN=token)
            assert (answer.status, answer.problem()["code"]) == (403, "csrf_failed")
        form = admin.ask(
            method, path, raw=b"a=b", HTTP_X_CSRFTOKEN="", content_type="application/x-www-form-urlencoded"
        )
        assert form.problem()["code"] == "csrf_failed"
    assert admin.get("/auth/me").status == 200  # reading needs none


def test_a_foreign_site_is_refused_even_with_the_token(settings: Any) -> None:
    admin = person(Role.ADMINISTRATOR)
    with nothing_recorded():
        answer = admin.post("/storage/scan", {}, HTTP_ORIGIN="https://evil.example")
    assert (answer.status, answer.problem()["code"]) == (403, "csrf_failed")


def test_a_deactivated_account_is_out_at_once(jay: User) -> None:
    browser, bearer = stranger(), Person(bearer=pair_of()["access"])
    login(browser)
    User.objects.filter(pk=jay.pk).update(is_active=False)
    assert browser.get("/auth/me").status == 401
    assert bearer.get("/auth/me").status == 401
    refused = login(stranger())
    assert (refused.status, refused.problem()["code"]) == (401, "login_failed")


def test_a_changed_password_ends_sessions(jay: User) -> None:
    browser = stranger()
    login(browser)
    jay.set_password("another-Password-9")
    jay.save()
    assert browser.get("/auth/me").status == 401


def test_a_failed_login_is_recorded_without_what_was_typed(jay: User) -> None:
    before = store.position()
    answer = login(stranger(), WRONG)
    assert (answer.status, answer.problem()["code"]) == (401, "login_failed")
    [event] = events_after(before)
    assert (event.type, event.kind, event.actor) == ("system.LoginFailed.v1", "security", "anonymous")
    assert event.data == {"username": "jay", "method": "session", "cause": "wrong user name or password"}
    assert WRONG.encode() not in b"".join(bytes(e.state) for e in LedgerEvent.objects.all())


def test_an_unknown_user_name_is_never_recorded(jay: User) -> None:
    """People type their password into the wrong field."""
    before = store.position()
    known, unknown = login(stranger(), WRONG), login(stranger(), WRONG, username="hunter2-hunter2")
    assert {**unknown.body, "request_id": ""} == {**known.body, "request_id": ""}  # tells nobody which names exist
    assert [event.data["username"] for event in events_after(before)] == ["jay", ""]
    everything = b"".join(bytes(e.state) for e in LedgerEvent.objects.all())
    assert b"hunter2" not in everything
    assert not LedgerEvent.objects.filter(actor__contains="hunter2").exists()
    assert "hunter2" not in str(list(AccessAttempt.objects.values())), "nor where failures are counted"
    assert AccessAttempt.objects.count() == 2


@pytest.mark.parametrize("name", ["a\x00b", "\x00", "x" * 151, "", " ", "jay\n", "JAY", "' OR 1=1 --"])
def test_odd_user_names(jay: User, name: str) -> None:
    answer = login(stranger(), PASSWORD, username=name)
    assert answer.problem()["code"] in ("login_failed", "invalid_input")
    assert login(stranger(), "a\x00b").problem()["code"] in ("login_failed", "invalid_input")


# --- too many attempts ------------------------------------------------------------------------------------------------


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


# --- JWT --------------------------------------------------------------------------------------------------------------


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


# --- personal tokens --------------------------------------------------------------------------------------------------


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
