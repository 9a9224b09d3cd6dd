"""The lab's disks through the lab's smartctl: looked at, tested, failing, and what becomes an alert."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskSmart
from apps.storage.observe import smart
from apps.storage.observe.scan import observe
from calypso.kernel import commands, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.alerts import rules
from calypso.kernel.models import Alert
from tests.support.lab_box import START, Box
from tests.support.rest import disk_ids, finish, types_after

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))


@pytest.fixture
def seen(box: Box) -> Box:
    box.options(now=START)
    observe()
    return box


def looked(box: Box, number: int) -> list[str]:
    before = store.position()
    smart.look(Disk.objects.get(pk=disk_ids(box)[number]))
    return types_after(before)


def set_smart(box: Box, name: str, **values: Any) -> None:
    box.disk(lambda _, disk: disk.setdefault("smart", {}).update(values), name)


def standing() -> dict[str, str]:
    rules.evaluate("storage")
    return {alert.key.split(":")[0]: alert.severity for alert in Alert.objects.standing()}


def test_every_disk_of_the_lab_tells_of_itself_and_is_well(seen: Box) -> None:
    for number in range(16):
        assert looked(seen, number) == []
    told = list(DiskSmart.objects.all())
    assert {row.state for row in told} == {"ok"} and all(row.passed and row.temperature for row in told)
    assert {row.document["device"]["protocol"] for row in told} == {"ATA", "SCSI", "NVMe"}
    assert standing() == {}


@pytest.mark.parametrize(("number", "name"), [(0, "lab0"), (12, "lab12"), (14, "lab14")])
def test_a_disk_that_is_about_to_fail_and_too_warm(seen: Box, number: int, name: str) -> None:
    set_smart(seen, name, failing=True, temperature=90)
    assert looked(seen, number) == ["DiskHealthChanged"]
    found = standing()
    assert found["smart"] == "critical" and found["warm"] == "warning"
    seen.disk(lambda _, disk: disk.update(smart={}), name)
    assert looked(seen, number) == ["DiskHealthChanged"]
    assert standing() == {}


@pytest.mark.parametrize(("number", "name"), [(0, "lab0"), (12, "lab12"), (14, "lab14")])
def test_a_self_test_from_its_start_to_its_end(seen: Box, number: int, name: str) -> None:
    looked(seen, number)
    asked = commands.registered()["storage.RunSelfTest"].model_validate({"disk": disk_ids(seen)[number]})
    finish(commands.dispatch(asked, SARI).pk)
    assert DiskSmart.objects.get(pk=disk_ids(seen)[number]).self_test
    seen.advance(10_000)
    assert looked(seen, number) == ["SelfTestEnded"]
    latest = DiskSmart.objects.get(pk=disk_ids(seen)[number]).self_tests[0]
    assert (latest["kind"], latest["passed"]) == ("short", True)
    assert standing() == {}


def test_a_self_test_that_fails_is_an_alert(seen: Box) -> None:
    set_smart(seen, "lab0", pending=3)
    looked(seen, 0)
    asked = commands.registered()["storage.RunSelfTest"].model_validate({"disk": disk_ids(seen)[0]})
    finish(commands.dispatch(asked, SARI).pk)
    seen.advance(10_000)
    looked(seen, 0)
    assert standing()["test"] == "critical"
