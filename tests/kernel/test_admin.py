"""Django admin: what it shows, what it refuses to change, and the scrub that asks for a reason."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.audit.models import LedgerEvent
from apps.storage.domain.disks import DiskAttached, disk_stream
from apps.storage.domain.pools import PoolDiscovered
from apps.storage.models.pools import Pool
from apps.system.accounts import set_roles
from calypso.kernel import store
from calypso.kernel.actors import OBSERVER, Role
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.projections import append

pytestmark = pytest.mark.django_db

PAGES = (
    *("kernel/operation", "kernel/alert", "audit/ledgerevent"),
    *("storage/pool", "storage/disk", "storage/disksmart", "system/token"),
)


@pytest.fixture
def pool() -> Pool:
    values = {
        "guid": "1",
        "state": "ONLINE",
        "status": "",
        "action": "",
        "errors": "",
        "read_only": False,
        "size": 1,
        "layout": {"data": []},
        "disks": ("d1",),
        "scan": None,
    }
    disk = {"name": "d1", "path": "/dev/d1", "serial": "S", "wwn": "", "model": "M", "size": 1, "rotational": None}
    flags = dict.fromkeys(("removable", "read_only", "simulated", "broken", "system"), False)
    seen = DiskAttached(disk="d1", **disk, **flags, transport="", uses=(), slot="")
    found = uuid4()
    with store.writing():
        facts = [Change(disk_stream("d1"), seen), Change(found, PoolDiscovered(pool=found, name="tank", **values))]
        append(facts, OBSERVER.metadata())
    return Pool.objects.get()


def login(*roles: Role, superuser: bool = False) -> Client:
    user = User.objects.create_user("sari", password="correct-horse-9", is_staff=True, is_superuser=superuser)
    set_roles(user, *roles)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_its_rows_and_offers_no_change(page: str, pool: Pool) -> None:
    client = login(Role.ADMINISTRATOR, superuser=True)
    assert client.get(f"/admin/{page}/").status_code == 200
    assert client.get(f"/admin/{page}/add/").status_code == 403


def test_a_row_of_each_read_model_opens(pool: Pool) -> None:
    client = login(Role.VIEWER)
    event = LedgerEvent.objects.get(type="storage.PoolDiscovered.v2")
    for page in (f"storage/pool/{pool.pk}", "storage/disk/d1", f"audit/ledgerevent/{event.pk}"):
        answer = client.get(f"/admin/{page}/change/")
        assert answer.status_code == 200, page
        assert 'name="_save"' not in answer.text
        assert client.post(f"/admin/{page}/change/", {"name": "other"}).status_code == 403


def test_search_and_filters(pool: Pool) -> None:
    client = login(Role.VIEWER)
    row = '<td class="field-type">storage.PoolDiscovered.v2'
    assert row in client.get("/admin/audit/ledgerevent/?q=tank").text
    assert row not in client.get("/admin/audit/ledgerevent/?q=vault").text
    assert row in client.get("/admin/audit/ledgerevent/?kind__exact=observation").text
    assert row not in client.get("/admin/audit/ledgerevent/?kind__exact=operation").text


def test_security_events_are_for_those_who_may_audit(pool: Pool) -> None:
    assert "AccountChanged" not in login(Role.VIEWER).get("/admin/audit/ledgerevent/").text
    User.objects.all().delete()
    assert "AccountChanged" in login(Role.AUDITOR).get("/admin/audit/ledgerevent/").text


def test_an_account_without_a_role_sees_nothing(pool: Pool) -> None:
    assert login().get("/admin/storage/pool/").status_code == 403


def scrub(client: Client, pool: Pool, **fields: str) -> str:
    data = {"action": "scrub", "_selected_action": str(pool.pk), **fields}
    return client.post("/admin/storage/pool/", data, follow=True).text


def test_a_scrub_asks_for_a_reason_and_shows_its_command(pool: Pool) -> None:
    client = login(Role.OPERATOR)
    page = scrub(client, pool)
    assert "zpool scrub -- tank" in page
    assert "A reason is needed" in scrub(client, pool, confirmed="1", reason="  ")
    assert not Operation.objects.exists()


def test_a_scrub_is_dispatched_as_its_user_with_the_reason(pool: Pool) -> None:
    scrub(login(Role.OPERATOR), pool, confirmed="1", reason="monthly check")
    operation = Operation.objects.get()
    assert (operation.command, operation.reason, operation.actor) == (
        "storage.ScrubPool",
        "monthly check",
        "user:sari",
    )


def test_a_refused_scrub_is_said_and_recorded(pool: Pool) -> None:
    page = scrub(login(Role.VIEWER), pool, confirmed="1", reason="monthly check")
    assert "may not do this" in page
    assert not Operation.objects.exists()
    denied = LedgerEvent.objects.get(type="operations.CommandDenied.v1")
    assert denied.data["command"] == "storage.ScrubPool"


def test_an_account_changed_in_the_admin_is_on_record_under_who_did_it() -> None:
    client = login(Role.ADMINISTRATOR, superuser=True)
    form = {"username": "kari", "password1": "long-enough-88", "password2": "long-enough-88", "usable_password": "true"}
    client.post("/admin/auth/user/add/", form)
    assert User.objects.filter(username="kari").exists()
    event = LedgerEvent.objects.filter(type="system.AccountChanged.v1", actor="user:sari").latest("position")
    assert event.data["username"] == "kari"
    assert b"long-enough-88" not in bytes(event.state)
