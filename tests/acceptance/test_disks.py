"""Disks: what they tell of themselves, their own tests, wipes that can be stopped, and the light at their bay."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Json, Refused
from tests.acceptance.conftest import MakePool


def disk_of(box: Box, disk: str) -> Json:
    return dict(box.get(f"/storage/disks/{disk}"))


def looked_at(box: Box, disk: str) -> Json:
    """The disk when the observer has looked at what it tells of itself."""
    return dict(box.until(lambda: (seen := disk_of(box, disk))["smart"] and seen, "its SMART data was looked at"))


@pytest.mark.row("ST 14")
def test_a_disk_tells_of_itself_and_tests_itself(box: Box) -> None:
    [disk] = box.free_disks(1)
    path = f"/storage/disks/{disk}"
    if looked_at(box, disk)["smart"]["state"] != "ok":
        with pytest.raises(Refused) as refused:
            box.ask("POST", f"{path}/self-test", {"test": "short"})
        assert refused.value.code in ("smart_unsupported", "tool_missing"), (
            "an emulated disk has none, and that is said"
        )
        return
    seen = box.get(f"{path}/smart")
    assert seen["passed"] is not None and 0 < seen["temperature"] < 100 and seen["document"]["smartctl"]
    assert box.items(f"{path}/temperatures")[0]["celsius"] == seen["temperature"]
    box.ask("POST", f"{path}/self-test", {"test": "long"})
    assert disk_of(box, disk)["smart"]["self_test"], "it runs"
    with pytest.raises(Refused) as refused:
        box.ask("POST", f"{path}/self-test", {"test": "short"})
    assert refused.value.code == "self_test_running"
    box.ask("POST", f"{path}/self-test", {"test": "abort"})
    assert not disk_of(box, disk)["smart"]["self_test"]
    box.ask("POST", f"{path}/self-test", {"test": "short"})
    box.until(lambda: not disk_of(box, disk)["smart"]["self_test"], "its end is seen", 240)
    [latest, *_] = box.get(f"{path}/smart")["self_tests"]
    assert (latest["kind"], latest["passed"]) == ("short", True)
    assert box.events("storage.SelfTestEnded", stream=f"storage.disk.{disk}")


@pytest.mark.row("ST 14")
def test_a_wipe_is_watched_stopped_and_then_done(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()
    disk = pool["disks"][0]
    serial = disk_of(box, disk)["serial"]
    path = f"/storage/disks/{disk}/wipe"
    with pytest.raises(Refused) as refused:
        box.ask("POST", path, {"method": "quick"}, confirm=serial)
    assert refused.value.code == "disk_in_use" and pool["name"] in refused.value.words
    box.ask("DELETE", f"/storage/pools/{pool['name']}", confirm=pool["name"])
    with pytest.raises(Refused) as refused:
        box.ask("POST", path, {"method": "quick"}, confirm="yes")
    assert refused.value.code == "confirmation_needed"
    running = box.begin("POST", path, {"method": "zero"}, confirm=serial)
    told = box.until(lambda: box.get(f"/operations/{running['id']}")["progress"], "how far it is")
    assert 0 < told["percent"] < 100 and told["total"] == disk_of(box, disk)["size"]
    box.begin("POST", f"/operations/{running['id']}/cancel")
    with pytest.raises(Refused):
        box.ended(running)
    left = disk_of(box, disk)["last_wipe"]
    assert left["state"] == "partly" and 0 < left["done"] < left["size"], "what was overwritten is said"
    box.ask("POST", path, {"method": "quick"}, confirm=serial)
    blank = box.until(lambda: (seen := disk_of(box, disk))["available"] and seen, "it is seen as blank")
    assert blank["last_wipe"]["state"] == "wiped" and blank["pool"] is None


@pytest.mark.row("ST 14")
def test_no_disk_of_the_running_system_is_wiped(box: Box) -> None:
    for disk in box.items("/storage/disks"):
        if disk["system"]:
            with pytest.raises(Refused) as refused:
                box.ask("POST", f"/storage/disks/{disk['id']}/wipe", confirm=disk["serial"] or disk["id"])
            assert refused.value.code in ("system_disk", "real_disk"), "the lab touches no real disk at all"


@pytest.mark.row("ST 14")
def test_the_light_at_its_bay(box: Box) -> None:
    [disk] = box.free_disks(1)
    path = f"/storage/disks/{disk}/locate"
    if looked_at(box, disk)["light"] is None:
        with pytest.raises(Refused) as refused:
            box.ask("POST", path, {"on": True})
        assert refused.value.code == "no_locate_light"
        return
    for on in (True, False):
        box.ask("POST", path, {"on": on})
        assert disk_of(box, disk)["light"] == {"on": on}


@pytest.mark.row("ST 3")
def test_disks_are_named_by_what_stays(box: Box) -> None:
    """Each disk has an id that outlives its kernel name, and a place in its pool."""
    for disk in box.items("/storage/disks"):
        if disk["available"]:
            assert disk["id"] != disk["name"] and disk["path"].startswith("/dev/disk/by-id/")
