"""Disks and layouts that make no pool: each case a problem with a stable code and the right field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bad_input import create, mirror, refused
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, nothing_recorded

pytestmark = pytest.mark.django_db


def test_a_disk_twice(admin: Person, seen: list[str]) -> None:
    a, b, c, _ = seen[:4]
    with nothing_recorded():
        refused(create(admin, mirror(a, a)), "disk_twice", "vdevs")
        refused(create(admin, mirror(a, b), mirror(c, b)), "disk_twice", "vdevs")
        refused(create(admin, mirror(a, b), mirror(a, kind="stripe", role="spare")), "disk_twice", "vdevs")


def test_a_disk_of_another_pool(admin: Person, tank: Box) -> None:
    first, _, third = disk_ids(tank)[:3]
    with nothing_recorded():
        body = refused(create(admin, mirror(first, third)), "disk_in_use", "vdevs.0.disks")
        assert "tank" in body["title"] and body["hint"]
        refused(create(admin, mirror(first, third), force=True), "disk_in_use", "vdevs.0.disks")


def test_a_disk_with_a_file_system_takes_force(admin: Person, seen: list[str]) -> None:
    with nothing_recorded():
        body = refused(create(admin, mirror(seen[0], seen[15])), "disk_in_use", "vdevs.0.disks")
        assert "force" in body["hint"]
        body = refused(create(admin, mirror(seen[0], seen[15]), force=True), "confirmation_needed", "confirm")
        assert "dozer" in body["hint"]
    forced = create(admin, mirror(seen[0], seen[15]), force=True, confirm="dozer")
    assert forced.status == 202
    assert forced.body["plan"]["destroys"]["names"] == [f"{seen[15]}: filesystem ext4"]


@pytest.mark.parametrize("use", ["mounted", "swap", "lvm", "raid", "holder", "encrypted"])
def test_a_disk_in_use_does_not_yield_to_force(admin: Person, seen: list[str], use: str) -> None:
    from apps.storage.models.disks import Disk

    Disk.objects.filter(pk=seen[0]).update(uses=[{"kind": use, "name": "/srv"}])
    with nothing_recorded():
        for force in (False, True):
            body = refused(create(admin, mirror(*seen[:2]), force=force), "disk_in_use", "vdevs.0.disks")
            assert "/srv" in body["title"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"system": True}, "system_disk"),
        ({"simulated": False}, "real_disk"),
        ({"read_only": True}, "disk_unusable"),
        ({"broken": True}, "disk_unusable"),
        ({"size": 64 * 1024 * 1024 - 1}, "disk_too_small"),
        ({"serial": "LAB0002"}, "duplicate_serial"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_disk_that_can_not_be_taken(admin: Person, seen: list[str], change: dict[str, Any], code: str) -> None:
    from apps.storage.models.disks import Disk

    assert Disk.objects.filter(pk=seen[0]).update(**change) == 1
    field = "vdevs" if code == "duplicate_serial" else "vdevs.0.disks"
    with nothing_recorded():
        refused(create(admin, mirror(*seen[:2])), code, field)
    assert create(admin, mirror(*seen[2:4])).status == 202


def test_disks_of_unlike_sizes(admin: Person, seen: list[str]) -> None:
    with nothing_recorded():
        refused(create(admin, mirror(seen[0], seen[14])), "disk_too_small", "vdevs.0.disks")


@pytest.mark.parametrize(
    "disk", ["nothing", "/dev/sda", "../../etc", "-f", "lab0", "x" * 255, "wwn-0x5000c50000000001\n", "é"]
)
def test_an_unknown_disk(admin: Person, seen: list[str], disk: str) -> None:
    with nothing_recorded():
        refused(create(admin, mirror(seen[0], disk)), "unknown_disk", "vdevs.0.disks")


def test_layouts_that_make_no_pool(admin: Person, seen: list[str]) -> None:
    d = seen[:10]
    cases: list[tuple[list[dict[str, Any]], str, str]] = [
        ([mirror(d[0])], "too_few_disks", "vdevs.0.disks"),
        ([mirror(d[0], kind="raidz1")], "too_few_disks", "vdevs.0.disks"),
        ([mirror(*d[:2], kind="raidz2")], "too_few_disks", "vdevs.0.disks"),
        ([mirror(*d[:3], kind="raidz3")], "too_few_disks", "vdevs.0.disks"),
        ([mirror(*d[:2]), mirror(d[2], role="log")], "too_few_disks", "vdevs.1.disks"),
        ([mirror(*d[:2], role="log")], "no_data_vdev", "vdevs"),
        ([mirror(d[0], kind="stripe", role="spare")], "no_data_vdev", "vdevs"),
        ([mirror(d[0], kind="stripe", role="cache")], "no_data_vdev", "vdevs"),
        ([mirror(*d[:2]), mirror(*d[2:4], role="cache")], "role_type", "vdevs.1.type"),
        ([mirror(*d[:2]), mirror(*d[2:4], role="spare")], "role_type", "vdevs.1.type"),
        ([mirror(*d[:2]), mirror(*d[2:6], kind="raidz1", role="log")], "role_type", "vdevs.1.type"),
        ([mirror(*d[:2]), mirror(*d[2:5], kind="raidz1")], "mixed_vdevs", "vdevs"),
        ([mirror(*d[:2]), mirror(*d[2:5])], "mixed_vdevs", "vdevs"),
        ([mirror(*d[:2]), mirror(d[2], kind="stripe")], "mixed_vdevs", "vdevs"),
    ]
    with nothing_recorded():
        for vdevs, code, field in cases:
            refused(create(admin, *vdevs), code, field)
            refused(admin.post("/storage/pools?dry_run=true", {"name": "dozer", "vdevs": vdevs}), code, field)


def test_a_pool_of_that_name_exists(admin: Person, tank: Box) -> None:
    with nothing_recorded():
        refused(create(admin, mirror(*disk_ids(tank)[2:4]), name="tank"), "pool_exists", "name")
