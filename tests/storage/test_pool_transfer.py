"""Pools leave the box and come to it: what the read model shows then."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.observe.scan import observe
from calypso.lab.happenings import plug, pull
from calypso.lab.state import change
from calypso.lab.writing import hold
from tests.support.pool_story import Story

pytestmark = pytest.mark.django_db


def importable(story: Story) -> dict[str, Any]:
    assert story.does("find", {}, pool="") == []
    found = story.admin.get("/storage/pools/importable").body["items"]
    return {pool["name"]: pool for pool in found}


def test_export_find_and_import(story: Story) -> None:
    story.refused("/export", {}, "confirmation_needed")
    assert story.does("/export", {"confirm": "tank"}) == ["PoolExported"]
    assert Pool.objects.count() == 0
    found = importable(story)["tank"]
    assert (found["state"], found["disks"], found["usable"]) == ("ONLINE", story.disks[:2], True)
    body = {"guid": found["guid"], "new_name": "bank", "read_only": True, "altroot": "/mnt"}
    assert story.does("import", body, pool="")[:2] == ["PoolImported", "PoolChanged"]
    bank = story.pool("bank")
    assert (bank["guid"], bank["read_only"], bank["properties"]["altroot"]) == (found["guid"], True, "/mnt")
    assert story.admin.get("/storage/pools/importable").body["items"] == []
    assert "/dev/disk/by-id" in story.admin.get("/operations").body["items"][0]["plan"]["steps"][0]["argv"]


def test_a_destroyed_pool_comes_back(story: Story) -> None:
    story.box.ok("zpool", "destroy", "tank")
    observe()
    disks = {disk["id"]: disk for disk in story.admin.get("/storage/disks").body["items"]}
    assert [disks[disk]["pool"] for disk in story.disks[:2]] == [None, None], "a pool that is away holds no disk"
    found = importable(story)["tank"]
    assert found["destroyed"] is True
    plain = story.admin.post("/storage/pools/import", {"guid": found["guid"]})
    assert (plain.status, plain.code) == (409, "pool_destroyed")
    assert story.does("import", {"guid": found["guid"], "destroyed": True}, pool="")[0] == "PoolImported"


def test_a_pool_that_went_missing_or_was_exported_is_the_same_when_it_comes_back(story: Story) -> None:
    before = story.pool()
    story.box.ok("zpool", "export", "tank")
    observe()
    assert story.pool()["state"] == "MISSING"
    story.refused("/trim", {}, "pool_missing")
    assert story.does("import", {"guid": importable(story)["tank"]["guid"]}, pool="")[0] == "PoolImported"
    back = story.pool()
    assert (back["id"], back["state"], back["drift"], back["wanted"]) == (before["id"], "ONLINE", [], before["wanted"])
    story.does("/export", {"confirm": "tank"})
    story.does("import", {"guid": importable(story)["tank"]["guid"]}, pool="")
    assert story.pool()["id"] == before["id"]
    again = story.admin.post("/storage/pools/import", {"guid": before["guid"]})
    assert (again.status, again.code, again.body["field"]) == (409, "pool_exists", "guid")


def test_a_missing_log_and_missing_disks(story: Story) -> None:
    d = story.disks
    story.does("/add", {"vdevs": [{"type": "stripe", "disks": [d[12]], "role": "log"}]})
    story.box.ok("zpool", "export", "tank")
    log = next(disk["name"] for disk in story.box.state()["disks"] if disk["id"] == d[12])
    story.box.disk(pull, log)
    observe()
    found = importable(story)["tank"]
    assert found["missing_log"] is True
    refused = story.admin.post("/storage/pools/import", {"guid": found["guid"]})
    assert (refused.status, refused.code) == (409, "missing_devices")
    for name in ("lab0", "lab1"):
        story.box.disk(pull, name)
    assert importable(story) == {} or not importable(story)["tank"]["usable"]
    for name in ("lab0", "lab1"):
        story.box.disk(plug, name)
    observe()
    assert importable(story)["tank"]["usable"]
    assert story.does("import", {"guid": found["guid"], "missing_log": True}, pool="")[0] == "PoolImported"


def test_a_pool_of_another_system_takes_force(story: Story) -> None:
    story.box.ok("zpool", "export", "tank")
    observe()
    found = importable(story)["tank"]
    ImportablePool.objects.update(foreign=True)
    refused = story.admin.post("/storage/pools/import", {"guid": found["guid"]})
    assert (refused.status, refused.code) == (409, "pool_foreign")
    dry = story.admin.post("/storage/pools/import?dry_run=true", {"guid": found["guid"], "force": True})
    assert "-f" in dry.body["steps"][0]["argv"]


def test_a_busy_pool_stays_and_its_file_systems_are_mounted_again(story: Story) -> None:
    story.box.ok("zfs", "create", "tank/a")
    story.box.ok("zfs", "create", "tank/b")
    with change(story.box.path) as state:
        hold(state, "tank/a", "rsync", pid=7)
    operation = story.fails("/export", {"confirm": "tank"})
    assert operation["error"]["code"] == "pool_busy"
    assert operation["steps"][0]["undo"]["argv"] == ["zfs", "mount", "-a"]
    mounted = story.box.ok("zfs", "list", "-H", "-o", "mounted", "-r", "tank").split()
    assert mounted == ["yes"] * 3


def test_a_suspended_pool_is_left_alone_until_its_disks_are_back(story: Story) -> None:
    for name in ("lab0", "lab1"):
        story.box.disk(pull, name)
    observe()
    assert story.pool()["state"] == "SUSPENDED"
    for verb, body in (("/trim", {}), ("/export", {"confirm": "tank"}), ("/online", {"disk": story.disks[0]})):
        story.refused(verb, body, "pool_suspended")
    assert story.fails("/clear", {})["error"]["code"] == "device_io_error"
    for name in ("lab0", "lab1"):
        story.box.disk(plug, name)
    assert story.does("/clear", {})[0] == "PoolCleared"
