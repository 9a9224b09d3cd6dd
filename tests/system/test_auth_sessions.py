"""Logging in and out by session: what is let in, and what stays on record."""

from __future__ import annotations

from socket import gethostname
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User

from apps.audit.models import LedgerEvent
from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.support.auth import PASSWORD, WRONG, login, pair_of
from tests.support.rest import Person, events_after, nothing_recorded, person, stranger, types_after

pytestmark = pytest.mark.django_db


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
