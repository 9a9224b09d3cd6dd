"""The ledger as people read it: filters, pages, and who sees security events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from apps.audit.models import LedgerEvent
from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(tank: Box) -> Person:
    """Everything that tank's making recorded, then a login."""
    return person(Role.AUDITOR)


def positions(who: Person, query: str = "") -> list[int]:
    """All of a list, page by page."""
    found: list[int] = []
    cursor = ""
    while True:
        page = who.get(f"/audit/events?limit=7&{query}{f'&cursor={cursor}' if cursor else ''}")
        assert page.status == 200, page
        found += [item["position"] for item in page.body["items"]]
        if not (cursor := page.body["next"]):
            return found


def test_all_events_once_the_latest_first(auditor: Person) -> None:
    end = store.position()
    assert end > 16
    assert positions(auditor) == list(range(end, 0, -1))
    assert positions(auditor, "order=position") == list(range(1, end + 1))


def test_after_is_for_those_who_follow(auditor: Person) -> None:
    end = store.position()
    assert positions(auditor, "after=5") == list(range(6, end + 1))
    assert positions(auditor, f"after={end}") == []


SEES = {Role.AUDITOR: True, Role.ADMINISTRATOR: True, Role.VIEWER: False, Role.OPERATOR: False}


@pytest.mark.parametrize(("role", "sees"), SEES.items())
def test_who_sees_security_events(tank: Box, role: Role, sees: bool) -> None:
    who = person(role)
    logins = LedgerEvent.objects.filter(kind="security").count()
    assert logins > 0
    for query in ("kind=security", "type=system.LoginSucceeded", "type=system", f"actor=user:{role.value}"):
        assert bool(positions(who, query)) == sees, query
    everything = len(positions(who))
    assert everything == store.position() - (0 if sees else logins)


def test_filters(auditor: Person, tank: Box) -> None:
    first = disk_ids(tank)[0]
    types = {e.position: e.type for e in LedgerEvent.objects.all()}
    storage = [p for p in sorted(types, reverse=True) if types[p].startswith("storage.")]
    assert positions(auditor, "type=storage") == positions(auditor, "type=storage.") == storage
    attached = [p for p in storage if types[p] == "storage.DiskAttached.v1"]
    assert (
        positions(auditor, "type=storage.DiskAttached.v1")
        == positions(auditor, "type=storage.DiskAttached")
        == attached
    )
    assert positions(auditor, "type=storage.Disk") == [], "a beginning up to a dot"
    [of_disk] = positions(auditor, f"stream=storage.disk.{first}")
    stream = LedgerEvent.objects.get(position=of_disk).stream
    assert positions(auditor, f"stream={stream}") == [of_disk]
    assert positions(auditor, "actor=observer") == storage
    adopted = positions(auditor, "kind=configuration")
    assert {types[p] for p in adopted} == {"storage.PoolAdopted.v1", "storage.DatasetsAdopted.v1"}
    assert positions(auditor, "kind=observation") == [p for p in storage if p not in adopted]
    pool = positions(auditor, "stream=storage.pool.tank")
    assert types[pool[-1]] == "storage.PoolDiscovered.v2"


def test_times(auditor: Person) -> None:
    newest = LedgerEvent.objects.latest("position")
    at = newest.recorded_at
    same = [e.position for e in LedgerEvent.objects.filter(recorded_at__gte=at).order_by("-position")]
    assert positions(auditor, f"since={quote(at.isoformat())}") == same
    assert newest.position not in positions(auditor, f"until={quote(at.isoformat())}")
    later = (at + timedelta(hours=1)).replace(tzinfo=None).isoformat()
    assert positions(auditor, f"since={later}") == []  # without a zone: UTC
    assert len(positions(auditor, f"until={later}")) == store.position()


def test_an_event_in_full(auditor: Person, tank: Box) -> None:
    [item] = auditor.get("/audit/events?type=storage.PoolDiscovered").body["items"]
    row = LedgerEvent.objects.get(position=item["position"])
    assert item["data"]["name"] == "tank" and item["keys"] == ["storage.pool.tank"]
    assert item["leaf"] == bytes(row.leaf_hash).hex() and len(item["leaf"]) == 64
    assert (item["actor"], item["kind"], item["version"]) == ("observer", "observation", 1)
    expected: set[Any] = {"position", "event_id", "stream", "version", "type", "kind", "recorded_at", "actor", "auth"}
    assert expected <= set(item)
