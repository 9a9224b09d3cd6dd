"""The commands on disks at their end: what they ran, what is recorded, what is shown afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskBay, DiskSmart, DiskWipe
from apps.storage.observe import lights
from apps.storage.observe.scan import observe
from calypso.kernel import commands, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Operation
from tests.support.disk_tools import Tools, refused, told
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, events_after, finish

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))
BLANK = '{\n   "signatures": [\n\n   ]\n}\n'


@pytest.fixture
def tools(box: Box, monkeypatch: pytest.MonkeyPatch) -> Tools:
    made = Tools({"wipefs": (0, BLANK, ""), "dd": (0, "", ""), "cmp": (0, "", ""), "blkdiscard": (0, "", "")})
    made.install(monkeypatch)
    observe()
    return made


def carried_out(command: str, confirm: str = "", **given: Any) -> Operation:
    asked = commands.registered()[command].model_validate(given)
    operation = commands.dispatch(asked, SARI, confirm=confirm or None)
    finish(operation.pk)
    operation.refresh_from_db()
    return operation


def told_of(position: int) -> list[str]:
    return [event.type.split(".")[1] for event in events_after(position, "storage")]


# --- self-tests -----------------------------------------------------------------------------------------------------


def test_a_self_test_is_started_and_seen_at_once(box: Box, tools: Tools) -> None:
    disk = disk_ids(box)[0]
    running = {"ata_smart_data": {"self_test": {"status": {"value": 249, "remaining_percent": 90}}}}
    tools.by_name["smartctl"] = told(**running)
    before = store.position()
    operation = carried_out("storage.RunSelfTest", disk=disk, test="long")
    assert operation.state == "succeeded", operation.error
    path = f"/dev/disk/by-id/{disk}"
    assert tools.ran[0] == ["smartctl", "-j", "-t", "long", "--", path]
    assert told_of(before) == ["SelfTestStarted"]
    seen = DiskSmart.objects.get(pk=disk)
    assert (seen.self_test, seen.self_test_percent) == ("test", 10)
    with pytest.raises(CalypsoError) as twice:
        carried_out("storage.RunSelfTest", disk=disk, test="short")
    assert twice.value.code == "self_test_running"
    tools.by_name["smartctl"] = told()
    assert carried_out("storage.RunSelfTest", disk=disk, test="abort").state == "succeeded"
    assert DiskSmart.objects.get(pk=disk).self_test == ""


def test_a_disk_that_refuses_a_self_test_fails_the_operation_by_its_own_words(box: Box, tools: Tools) -> None:
    tools.by_name["smartctl"] = refused("Can't start self-test without aborting current test (90% remaining)", 4)
    operation = carried_out("storage.RunSelfTest", disk=disk_ids(box)[0], test="short")
    assert operation.state == "failed"
    assert operation.error["code"] == "self_test_running" and "90%" in operation.error["detail"]


# --- wipes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "ran"),
    [
        ("quick", ["wipefs", "dd", "dd", "wipefs"]),
        ("discard", ["blkdiscard", "wipefs", "wipefs"]),
        ("zero", ["wipefs", "dd", "cmp", "wipefs"]),
    ],
)
def test_a_wipe(box: Box, tools: Tools, method: str, ran: list[str]) -> None:
    disk = Disk.objects.get(pk=disk_ids(box)[15])
    before = store.position()
    operation = carried_out("storage.WipeDisk", confirm=disk.serial, disk=disk.id, method=method)
    assert operation.state == "succeeded", operation.error
    assert [argv[0] for argv in tools.ran] == ran
    assert told_of(before) == ["DiskWiped"]
    wipe = DiskWipe.objects.get(pk=disk.id)
    assert (wipe.state, wipe.method, wipe.operation) == ("wiped", method, operation.pk)


def test_it_takes_the_serial_number(box: Box, tools: Tools) -> None:
    disk = disk_ids(box)[15]
    for wrong in ("", disk, "LAB0015"):
        with pytest.raises(CalypsoError) as asked:
            carried_out("storage.WipeDisk", confirm=wrong, disk=disk)
        assert asked.value.code == "confirmation_needed"
    assert tools.ran == []


def test_a_wipe_that_the_first_tool_refuses_leaves_the_disk_as_it_was(box: Box, tools: Tools) -> None:
    tools.by_name["wipefs"] = (1, "", "wipefs: error: /dev/x: probing initialization failed: Device or resource busy\n")
    before = store.position()
    operation = carried_out("storage.WipeDisk", confirm="LAB0016", disk=disk_ids(box)[15], method="zero")
    assert (operation.state, operation.error["code"]) == ("failed", "disk_in_use")
    assert told_of(before) == [] and not DiskWipe.objects.exists()


def test_a_disk_that_knows_no_discard_keeps_what_it_has(box: Box, tools: Tools) -> None:
    tools.by_name["blkdiscard"] = (1, "", "blkdiscard: /dev/x: BLKDISCARD ioctl failed: Operation not supported\n")
    operation = carried_out("storage.WipeDisk", confirm="LAB0016", disk=disk_ids(box)[15], method="discard")
    assert (operation.state, operation.error["code"]) == ("failed", "discard_unsupported")
    assert [argv[0] for argv in tools.ran] == ["blkdiscard"] and not DiskWipe.objects.exists()


def test_a_discard_that_breaks_off_says_so(box: Box, tools: Tools) -> None:
    tools.by_name["blkdiscard"] = (1, "", "blkdiscard: /dev/x: BLKDISCARD ioctl failed: Input/output error\n")
    operation = carried_out("storage.WipeDisk", confirm="LAB0016", disk=disk_ids(box)[15], method="discard")
    assert (operation.state, operation.error["code"]) == ("failed", "disk_write_failed")
    assert DiskWipe.objects.get().state == "partly"


def test_a_wipe_that_fails_half_way_says_so(box: Box, tools: Tools) -> None:
    tools.by_name["dd"] = (1, "", "dd: error writing '/dev/x': Input/output error\n")
    before = store.position()
    operation = carried_out("storage.WipeDisk", confirm="LAB0016", disk=disk_ids(box)[15], method="zero")
    assert (operation.state, operation.error["code"]) == ("failed", "disk_write_failed")
    assert told_of(before) == ["DiskWipeAborted"]
    assert DiskWipe.objects.get().state == "partly"
    assert [e.type.split(".")[1] for e in events_after(before)][-2:] == ["DiskWipeAborted", "OperationFailed"]


def test_zeros_that_do_not_read_back_fail_the_wipe(box: Box, tools: Tools) -> None:
    tools.by_name["cmp"] = (1, "/dev/zero /dev/x differ: char 1001, line 1\n", "")
    operation = carried_out("storage.WipeDisk", confirm="LAB0016", disk=disk_ids(box)[15], method="zero")
    assert (operation.state, operation.error["code"]) == ("failed", "wipe_not_verified")


def test_a_signature_that_is_still_there_fails_the_wipe(box: Box, tools: Tools) -> None:
    found = (0, '{"signatures": [{"device": "x", "type": "zfs_member"}]}', "")
    tools.by_name["wipefs"] = lambda argv: found if "-J" in argv else (0, "", "")
    operation = carried_out("storage.WipeDisk", confirm="LAB0016", disk=disk_ids(box)[15])
    assert (operation.state, operation.error["code"]) == ("failed", "wipe_not_verified")
    assert "zfs_member" in operation.error["message"]


def test_a_member_of_a_pool_is_not_wiped(box: Box, tools: Tools) -> None:
    first, second = disk_ids(box)[:2]
    box.ok("zpool", "create", "tank", "mirror", f"/dev/disk/by-id/{first}", f"/dev/disk/by-id/{second}")
    observe()
    with pytest.raises(CalypsoError) as asked:
        carried_out("storage.WipeDisk", confirm="LAB0001", disk=first)
    assert asked.value.code == "disk_in_use" and "tank" in asked.value.message
    assert tools.ran == []


# --- lights ---------------------------------------------------------------------------------------------------------


def test_the_light_of_a_bay(box: Box, tools: Tools) -> None:
    disk = Disk.objects.get(pk=disk_ids(box)[0])
    lights.look_at_light(disk)
    assert DiskBay.objects.get(pk=disk.id).on is False
    before = store.position()
    assert carried_out("storage.LocateDisk", disk=disk.id, on=True).state == "succeeded"
    assert told_of(before) == ["LocateLightSwitched"]
    assert DiskBay.objects.get(pk=disk.id).on is True
    lights.look_at_light(disk)
    assert DiskBay.objects.get(pk=disk.id).on is True, "the bay itself says so"
    assert carried_out("storage.LocateDisk", disk=disk.id, on=False).state == "succeeded"
    assert DiskBay.objects.get(pk=disk.id).on is False


def test_a_disk_in_no_enclosure_has_none(box: Box, tools: Tools) -> None:
    nvme = Disk.objects.get(pk=disk_ids(box)[12])
    lights.look_at_light(nvme)
    with pytest.raises(CalypsoError) as asked:
        carried_out("storage.LocateDisk", disk=nvme.id)
    assert asked.value.code == "no_locate_light"


def test_commands_on_a_disk_that_is_not_there() -> None:
    for command in ("storage.RunSelfTest", "storage.WipeDisk", "storage.LocateDisk"):
        with pytest.raises(CalypsoError) as asked:
            carried_out(command, disk="wwn-0")
        assert asked.value.code == "no_such_disk"
