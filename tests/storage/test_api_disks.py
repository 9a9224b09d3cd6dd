"""Disks over REST: their place, how they are, filters, and what a page of them costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskHealth, DiskSmart, DiskTemperature
from apps.storage.observe.scan import observe
from calypso.kernel.actors import Role
from calypso.lab.happenings import break_, pull
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, path_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def sari(box: Box) -> Person:
    ids = [path_of(disk) for disk in disk_ids(box)]
    box.ok("zpool", "create", "tank", "raidz1", *ids[:3], "log", ids[3], "cache", ids[4], "spare", ids[5])
    observe()
    return person(Role.ADMINISTRATOR)


def shown(who: Person, disk: str) -> dict[str, Any]:
    answer = who.get(f"/storage/disks/{disk}")
    assert answer.status == 200, answer
    return dict(answer.body)


def ids_of(who: Person, query: str) -> set[str]:
    answer = who.get(f"/storage/disks?limit=500&{query}")
    assert answer.status == 200, answer
    return {disk["id"] for disk in answer.body["items"]}


def test_the_place_of_each_member(box: Box, sari: Person) -> None:
    ids = disk_ids(box)
    places = [shown(sari, disk)["place"] for disk in ids[:7]]
    roles = [(place["role"], place["vdev"]) if place else None for place in places]
    assert roles[:3] == [("data", "raidz1-0")] * 3
    assert roles[3:6] == [("log", ids[3]), ("cache", ids[4]), ("spare", ids[5])] and roles[6] is None
    assert places[0] == {
        "pool": "tank", "role": "data", "vdev": "raidz1-0", "state": "ONLINE", "read": 0, "write": 0, "checksum": 0
    }  # fmt: skip


def test_a_spare_is_where_it_stands_in(box: Box, sari: Person) -> None:
    box.disk(pull, "lab0")
    observe()
    place = shown(sari, disk_ids(box)[5])["place"]
    assert (place["role"], place["vdev"]) == ("data", "raidz1-0")


def test_the_version_is_its_etag_and_a_stale_one_is_refused(box: Box, sari: Person) -> None:
    disk = disk_ids(box)[7]
    version = Disk.objects.get(pk=disk).version
    assert sari.get(f"/storage/disks/{disk}").headers["etag"] == f'"{version}"'
    body = {"method": "quick", "confirm": "LAB0008"}
    assert sari.post(f"/storage/disks/{disk}/wipe", body, HTTP_IF_MATCH='"99"').status == 412
    assert sari.post(f"/storage/disks/{disk}/wipe", body, HTTP_IF_MATCH=f'"{version}"').status == 202


def test_filters(box: Box, sari: Person) -> None:
    ids = disk_ids(box)
    assert ids_of(sari, "pool=tank") == set(ids[:6])
    free = set(ids[6:15])  # the last has a file system on it
    assert ids_of(sari, "available=true") == free
    assert ids_of(sari, "available=false") == set(ids) - free
    assert all(shown(sari, disk)["available"] == (disk in free) for disk in ids)
    assert ids_of(sari, "failing=true") == set()
    box.disk(break_, "lab8")
    observe()
    DiskHealth.objects.create(disk=ids[9], passed=False, changed_at=timezone.now(), position=1)
    assert ids_of(sari, "failing=true") == {ids[8], ids[9]}
    assert ids_of(sari, "failing=false&available=true") == free - {ids[8], ids[9]}
    assert sari.get("/storage/disks?failing=perhaps").status == 422


def test_a_page_takes_the_same_queries_for_one_disk_and_for_all(box: Box, sari: Person) -> None:
    def queries(limit: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert sari.get(f"/storage/disks?limit={limit}").status == 200
        return len(seen)

    assert queries(16) == queries(1) < 20


def test_what_it_tells_of_itself(box: Box, sari: Person) -> None:
    disk, now = disk_ids(box)[0], timezone.now()
    assert shown(sari, disk)["smart"] is None
    assert sari.get(f"/storage/disks/{disk}/smart").code == "not_looked_yet"
    test = {"kind": "short", "status": "Completed", "passed": True, "hours": 7}
    DiskSmart.objects.create(
        disk=disk,
        state="ok",
        temperature=31,
        self_test="long",
        self_tests=[test],
        document={"smartctl": {}},
        tried_at=now,
        sampled_at=now,
    )
    for at in range(5):
        DiskTemperature.objects.create(disk=disk, at=now, span="sample", celsius=30 + at)
    assert shown(sari, disk)["smart"]["temperature"] == 31
    told = sari.get(f"/storage/disks/{disk}/smart").body
    assert (told["self_tests"], told["self_test"], told["document"]) == ([test], "long", {"smartctl": {}})
    page = sari.get(f"/storage/disks/{disk}/temperatures?limit=3").body
    rest = sari.get(f"/storage/disks/{disk}/temperatures?limit=3&cursor={page['next']}").body
    assert len(page["items"]) + len(rest["items"]) == 5 and rest["next"] is None


@pytest.mark.parametrize("path", ["", "/smart", "/temperatures"])
def test_a_disk_that_is_not_there(sari: Person, path: str) -> None:
    answer = sari.get(f"/storage/disks/wwn-0{path}")
    assert (answer.status, answer.code) == (404, "no_such_disk")


def test_a_dry_run_tells_the_whole_wipe_and_does_nothing(box: Box, sari: Person) -> None:
    answer = sari.post(f"/storage/disks/{disk_ids(box)[15]}/wipe?dry_run=true", {"method": "zero"})
    assert answer.status == 200
    assert [step.get("argv", [step.get("function")])[0] for step in answer.body["steps"]] == [
        "wipefs", "dd", "cmp", "storage.check_blank"
    ]  # fmt: skip
    assert answer.body["destroys"]["names"] == [disk_ids(box)[15]]
    assert answer.body["confirm"] == "LAB0016" and "filesystem ext4" in answer.body["warnings"][0]
