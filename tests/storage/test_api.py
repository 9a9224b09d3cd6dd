"""Disks and pools over REST: what is offered, what is shown, and that a dry run tells exactly what would be done."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.disks import Disk
from apps.storage.observe.scan import observe
from calypso.kernel import store
from calypso.kernel.actors import Role
from calypso.lab.happenings import break_, pull
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, events_after, finish, nothing_recorded, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Person:
    return person(Role.ADMINISTRATOR)


def disks_of(who: Person, query: str = "") -> dict[str, Any]:
    answer = who.get(f"/storage/disks?{query}")
    assert answer.status == 200, answer
    return {disk["id"]: disk for disk in answer.body["items"]}


def test_which_disks_are_offered(admin: Person, tank: Box) -> None:
    ids = disk_ids(tank)
    tank.disk(break_, ids[5])
    Disk.objects.filter(pk=ids[6]).update(system=True)
    Disk.objects.filter(pk=ids[7]).update(read_only=True)
    Disk.objects.filter(pk=ids[8]).update(simulated=False)
    Disk.objects.filter(pk=ids[9]).update(uses=[{"kind": "loop_backing", "name": "/file"}])
    Disk.objects.filter(pk=ids[5]).update(broken=True)
    found = disks_of(admin)
    assert [number for number, disk in enumerate(ids) if not found[disk]["available"]] == [0, 1, 5, 6, 7, 8, 15]
    assert [found[disk]["pool"] for disk in ids[:3]] == ["tank", "tank", None]


def test_what_is_offered_is_taken_and_what_is_not_is_refused(admin: Person, tank: Box) -> None:
    """The list and the plan must not disagree."""
    for disk in disks_of(admin).values():
        body = {"name": "dozer", "vdevs": [{"type": "stripe", "disks": [disk["id"]]}]}
        assert (admin.post("/storage/pools?dry_run=true", body).status == 200) == disk["available"], disk


def test_disks_are_searched_filtered_ordered_and_paged(admin: Person, tank: Box) -> None:
    ids = disk_ids(tank)
    assert set(disks_of(admin, "search=nvme")) == set(ids[12:14])
    assert set(disks_of(admin, "search=lab0001")) == {ids[0]}, "the serial number, in any case"
    assert disks_of(admin, "search=%25") == {}
    assert set(disks_of(admin, "pool=tank")) == set(ids[:2])
    assert disks_of(admin, "pool=nothing") == {}
    for order in ("id", "-id", "name", "-name", "size", "-size", "serial", "-attached_at"):
        walked, cursor = [], ""
        while True:
            page = admin.get(f"/storage/disks?limit=5&order={order}&cursor={cursor}").body
            walked += [disk["id"] for disk in page["items"]]
            if not (cursor := page["next"] or ""):
                break
        assert sorted(walked) == sorted(ids), order
        field = order.removeprefix("-")
        at_once = [disk[field] for disk in admin.get(f"/storage/disks?order={order}").body["items"]]
        assert at_once == sorted(at_once, reverse=order.startswith("-"))


def test_a_pool_in_full(admin: Person, tank: Box) -> None:
    answer = admin.get("/storage/pools/tank")
    pool = answer.body
    assert answer.headers["etag"] == f'"{pool["version"]}"'
    assert (pool["name"], pool["state"], pool["created_by"]) == ("tank", "ONLINE", "outside")
    assert pool["layout"]["data"][0]["type"] == "mirror"
    assert pool["datasets"] == 1 and pool["usage"]["free"] > 0
    assert admin.get("/storage/pools").body == {"items": [pool], "next": None}


def test_a_dry_run_is_the_plan_and_nothing_else(admin: Person, tank: Box) -> None:
    body = {"name": "dozer", "vdevs": [{"type": "mirror", "disks": disk_ids(tank)[2:4]}], "reason": "more room"}
    with nothing_recorded():
        dry = admin.post("/storage/pools?dry_run=true", body)
    assert dry.status == 200 and dry.body["confirm"] is None
    real = admin.post("/storage/pools", body)
    assert real.body["plan"]["steps"] == dry.body["steps"]
    assert [o["type"] for o in dry.body["outcome"]] == ["storage.PoolCreated.v2"]
    assert dry.body["steps"][0]["argv"][0] == "zpool"


def test_a_dry_run_tells_what_would_be_destroyed(admin: Person, tank: Box) -> None:
    tank.set_pool("tank", allocated=123_456_789)
    observe()
    with nothing_recorded():
        plan = admin.delete("/storage/pools/tank?dry_run=true").body
    assert plan["destroys"] == {"bytes": 123_456_789, "what": "datasets", "names": ["tank"]}
    assert plan["confirm"] == "tank"


def test_a_pool_from_wish_to_end(admin: Person, box: Box) -> None:
    observe()
    before = store.position()
    body = {"name": "tank", "vdevs": [{"type": "mirror", "disks": disk_ids(box)[:2]}], "reason": "for backups"}
    made = admin.post("/storage/pools", body)
    assert (made.status, made.body["state"]) == (202, "queued")
    assert admin.get("/storage/pools/tank").status == 404
    finish(made.body["id"])
    operation = admin.get(f"/operations/{made.body['id']}").body
    assert operation["state"] == "succeeded", operation["error"]
    assert operation["steps"][0]["exit_code"] == 0
    pool = admin.get("/storage/pools/tank").body
    assert (pool["state"], pool["created_by"], pool["disks"]) == ("ONLINE", "calypso", disk_ids(box)[:2])
    gone = admin.delete("/storage/pools/tank?confirm=tank&reason=enough", HTTP_IF_MATCH=f'"{pool["version"]}"')
    finish(gone.body["id"])
    assert admin.get("/storage/pools/tank").status == 404
    told = [e for e in events_after(before) if e.type.startswith("storage.Pool")]
    assert [(e.type, e.actor, e.reason) for e in told] == [
        ("storage.PoolCreated.v2", "user:administrator", "for backups"),
        ("storage.PoolChanged.v3", "user:administrator", "for backups"),
        ("storage.PoolDestroyed.v1", "user:administrator", "enough"),
    ]
    assert all(e.operation_id for e in told)


def test_health_of_zfs(admin: Person, tank: Box) -> None:
    assert admin.get("/health/zfs").body["state"] == "ok"
    tank.disk(pull, "lab0")
    observe()
    health = admin.get("/health/zfs").body
    assert (health["state"], health["evidence"]["pools"][0]["state"]) == ("degraded", "DEGRADED")
    assert health["message"] == "tank is degraded." and health["advice"]
    assert health["evidence"]["looked_at"]


def test_health_before_the_first_scan(admin: Person, box: Box) -> None:
    health = admin.get("/health/zfs").body
    assert (health["state"], health["evidence"]["looked_at"], health["evidence"]["pools"]) == ("unknown", None, [])


def test_health_without_a_pool_tells_when_it_was_looked_at(admin: Person, box: Box) -> None:
    observe()
    assert admin.get("/health/zfs").body["state"] == "ok"
