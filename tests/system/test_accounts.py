"""Changes of accounts and roles are recorded, whoever makes them and by whichever door, and never a password."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from apps.audit.models import LedgerEvent
from apps.system.accounts import ensure_first_administrator, roles_of, set_roles
from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.support.rest import events_after, nothing_recorded, person

pytestmark = pytest.mark.django_db

PASSWORD = "a-Password-of-9"


def recorded_after(position: int) -> list[tuple[str, list[str], list[str]]]:
    """(type, changed fields, roles) of each event."""
    return [(e.type, e.data.get("fields", []), e.data.get("roles", [])) for e in events_after(position)]


CHANGED = "system.AccountChanged.v1"


def test_in_a_shell() -> None:
    before = store.position()
    user = User.objects.create_user("jay", password=PASSWORD)
    user.email = "jay@example.org"
    user.save()
    user.set_password("another-Password-9")
    user.save()
    user.is_active = False
    user.save()
    with nothing_recorded():
        user.save()
        user.last_login = None
        user.save(update_fields=["last_login"])
    user.delete()
    first, email, password, inactive, gone = events_after(before)
    assert first.data["created"] is True
    assert (email.data["fields"], password.data["fields"]) == (["email"], ["password"])
    assert (inactive.data["fields"], inactive.data["active"]) == (["is_active"], False)
    assert gone.type == "system.AccountDeleted.v1"
    assert {(e.actor, e.kind) for e in (first, email, password, inactive, gone)} == {("system", "security")}
    everything = b"".join(bytes(e.state) for e in LedgerEvent.objects.all())
    for secret in (PASSWORD, "another-Password-9", user.password, "jay@example.org"):
        assert secret.encode() not in everything


def test_roles_from_every_side() -> None:
    user = User.objects.create_user("jay")
    viewer, operator = (Group.objects.get_or_create(name=role)[0] for role in ("viewer", "operator"))
    before = store.position()
    set_roles(user, Role.VIEWER)
    operator.user_set.add(user)
    user.groups.remove(viewer)
    operator.user_set.clear()
    user.groups.set([viewer, operator])
    user.groups.clear()
    after = [roles for kind, fields, roles in recorded_after(before) if (kind, fields) == (CHANGED, ["roles"])]
    assert after == [["viewer"], ["operator", "viewer"], ["operator"], [], ["operator", "viewer"], []]
    assert len(after) == len(events_after(before))


def test_a_group_that_is_renamed_or_deleted_changes_roles() -> None:
    user = User.objects.create_user("jay")
    User.objects.create_user("kay")
    set_roles(user, Role.ADMINISTRATOR)
    group = Group.objects.get(name="administrator")
    before = store.position()
    group.save()
    assert recorded_after(before) == []
    group.name = "former"
    group.save()
    assert recorded_after(before) == [(CHANGED, ["roles"], [])]
    group.name = "auditor"
    group.save()
    before = store.position()
    group.delete()
    assert recorded_after(before) == [(CHANGED, ["roles"], [])]
    assert events_after(before)[0].data["username"] == "jay"
    assert roles_of(user) == frozenset()


def test_in_djangos_admin_under_the_name_of_whoever_did_it() -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    root = person(name="sari")
    sari = User.objects.get(username="sari")
    sari.is_staff = sari.is_superuser = True
    sari.save()
    jay = User.objects.create_user("jay")
    group = Group.objects.get_or_create(name="operator")[0]
    form = {
        **{"username": "jay", "is_active": "on", "groups": [group.pk], "email": "", "first_name": "", "last_name": ""},
        **{"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "last_login_0": "", "last_login_1": ""},
    }
    before = store.position()
    token = root.client.cookies["csrftoken"].value
    answer = root.client.post(f"/admin/auth/user/{jay.pk}/change/", {**form, "csrfmiddlewaretoken": token})
    assert answer.status_code == 302, answer.content[:2000]
    assert roles_of(jay) == {Role.OPERATOR}
    facts = [e for e in events_after(before) if e.data.get("username") == "jay"]
    assert facts and {e.actor for e in facts} == {"user:sari"}
    assert {e.auth for e in facts} == {"session"}


def test_a_password_set_in_djangos_admin_is_not_recorded() -> None:
    sari = person(name="sari")
    User.objects.filter(username="sari").update(is_staff=True, is_superuser=True)
    jay = User.objects.create_user("jay")
    before = store.position()
    token = sari.client.cookies["csrftoken"].value
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "csrfmiddlewaretoken": token}
    answer = sari.client.post(f"/admin/auth/user/{jay.pk}/password/", form)
    assert answer.status_code == 302, answer.content[:2000]
    jay.refresh_from_db()
    assert jay.check_password(PASSWORD)
    [event] = [e for e in events_after(before) if e.type == CHANGED]
    assert (event.data["fields"], event.actor) == (["password"], "user:sari")
    assert PASSWORD.encode() not in b"".join(bytes(e.state) for e in LedgerEvent.objects.all())


def test_a_login_through_the_admin_is_recorded_as_such() -> None:
    from django.test import Client

    User.objects.create_superuser("root", password=PASSWORD)
    client = Client()
    before = store.position()
    client.post("/admin/login/", {"username": "root", "password": "wrong"})
    assert client.post("/admin/login/?next=/admin/", {"username": "root", "password": PASSWORD}).status_code == 302
    found: list[Any] = [(e.type, e.data["method"]) for e in events_after(before)]
    assert found == [("system.LoginFailed.v1", "admin"), ("system.LoginSucceeded.v1", "admin")]


def test_too_many_failed_logins_close_the_admin_too() -> None:
    from django.test import Client

    User.objects.create_superuser("root", password=PASSWORD)
    client = Client()
    answers = [client.post("/admin/login/", {"username": "root", "password": "wrong"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "900" and b"15 minutes" in answers[-1].content
    right = client.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert right.status_code == 429 and "_auth_user_id" not in client.session


def test_the_first_administrator_is_made_once() -> None:
    before = store.position()
    assert ensure_first_administrator("admin", PASSWORD)
    assert {role.value for role in Role} <= set(Group.objects.values_list("name", flat=True))
    assert roles_of(User.objects.get()) == {Role.ADMINISTRATOR}
    assert events_after(before)[0].data["created"] is True
    with nothing_recorded():
        assert not ensure_first_administrator("second", PASSWORD)
    assert User.objects.count() == 1
