"""Disks: how they are, tests of their own, and being emptied; never one that is in use."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Refused
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

READ_IN = 150  # seconds until the observer has asked a disk how it is


@pytest.mark.row("ST 14")
def test_a_disk_tells_how_it_is(box: Box) -> None:
    disk = box.free_disks(1)[0]
    found = box.get(f"/storage/disks/{disk}")
    assert found["serial"] and found["wwn"] in disk and not found["uses"]
    smart = box.until(lambda: known(box, disk), "its SMART data are read", READ_IN)
    assert smart["state"] in ("ok", "asleep", "unsupported")
    if smart["state"] == "ok":
        assert box.until(lambda: box.items(f"/storage/disks/{disk}/temperatures"), "a temperature", READ_IN)


def known(box: Box, disk: str) -> dict | None:
    try:
        return dict(box.get(f"/storage/disks/{disk}/smart"))
    except Refused as refused:
        assert refused.code == "not_looked_yet", refused
        return None


@pytest.mark.row("ST 14")
def test_a_wipe_takes_the_serial_number_typed(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool("stripe", 1)
    disk = pool["disks"][0]
    ground.ok("zpool", "export", pool["name"])
    path = f"/storage/disks/{disk}"
    box.until(lambda: not box.has_pool(pool["name"]) and not box.get(path)["available"], "the disk of an exported pool")
    serial = box.get(path)["serial"]
    plan = box.plan("POST", f"{path}/wipe")
    assert plan["confirm"] == serial and plan["destroys"]["what"] == "disks"
    with pytest.raises(Refused) as refused:
        box.ask("POST", f"{path}/wipe", {}, confirm="another")
    assert refused.value.code == "confirmation_needed"
    box.ask("POST", f"{path}/wipe", {}, confirm=serial)
    box.until(lambda: box.get(path)["available"], "the disk is free")


@pytest.mark.smoke
@pytest.mark.row("ST 14")
def test_a_disk_in_use_is_not_wiped(box: Box, make_pool: MakePool) -> None:
    disk = make_pool()["disks"][0]
    with pytest.raises(Refused) as refused:
        box.plan("POST", f"/storage/disks/{disk}/wipe")
    assert refused.value.code == "disk_in_use"


@pytest.mark.row("ST 14")
def test_the_disk_of_the_running_system_is_not_wiped(box: Box) -> None:
    system = next((row for row in box.items("/storage/disks") if row["system"]), None)
    if system is None:
        pytest.skip("the system is on no disk that can be seen")
    with pytest.raises(Refused) as refused:
        box.plan("POST", f"/storage/disks/{system['id']}/wipe")
    assert refused.value.code in ("system_disk", "real_disk")


@pytest.mark.row("ST 14")
def test_a_wipe_is_aborted(box: Box, ground: Ground) -> None:
    disk = box.free_disks(1)[0]
    path = f"/storage/disks/{disk}"
    with ground.slow_work():
        begun = box.begin("POST", f"{path}/wipe", {"method": "zero"}, confirm=box.get(path)["serial"])
        operation = f"/operations/{begun['id']}"
        box.until(lambda: box.get(operation)["progress"], "it tells how far it is")
        with pytest.raises(Refused) as ended:
            box.ask("POST", f"{operation}/cancel")
    assert ended.value.code == "cancelled"
    last = box.until(lambda: box.get(path)["last_wipe"], "what became of it")
    assert last["operation"] == begun["id"] and last["state"] == "partly"
    box.ask("POST", f"{path}/wipe", {}, confirm=box.get(path)["serial"])
    assert box.get(path)["last_wipe"]["state"] == "wiped"
