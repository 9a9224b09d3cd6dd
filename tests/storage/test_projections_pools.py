"""Every command on pools over REST, carried out by the executor in the lab.

Each is seen to do what its dry run said; the read model then is what a fresh look at the box gives, without a scan.
"""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.observe.scan import observe
from calypso.kernel import box as kernel_box
from calypso.kernel import store
from calypso.kernel.actors import Role
from calypso.lab.happenings import plug, pull
from calypso.lab.state import change
from calypso.lab.writing import hold
from tests.storage.test_projections import looked_at, pool_rows
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, finish, path_of, person, types_after

pytestmark = pytest.mark.django_db

NOW = 1_795_412_010.0
OTHERS = ("Operation", "Step", "Dataset", "Alert")
LASTING = {"now": NOW, "work_seconds": 1000, "scrub_seconds": 1000, "resilver_seconds": 0}


COMMANDS = {
    "": "storage.CreatePool",
    "/add": "storage.AddVdevs",
    "/attach": "storage.AttachDisk",
    "/detach": "storage.DetachDisk",
    "/replace": "storage.ReplaceDisk",
    "/remove": "storage.RemoveVdev",
    "/offline": "storage.OfflineDisk",
    "/online": "storage.OnlineDisk",
    "/clear": "storage.ClearPool",
    "/expand": "storage.ExpandPool",
    "/trim": "storage.TrimPool",
    "/initialize": "storage.InitializePool",
    "/checkpoint": "storage.CheckpointPool",
    "/upgrade": "storage.UpgradePool",
    "/export": "storage.ExportPool",
    "find": "storage.FindPools",
    "import": "storage.ImportPool",
    "PATCH": "storage.SetPoolProperties",
}


class Story:
    """An administrator at a box whose clock stands still."""

    def __init__(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        self.box, self.patch, self.admin = box, monkeypatch, person(Role.ADMINISTRATOR)
        self.disks = disk_ids(box)

    def does(self, verb: str, body: dict[str, Any], *, pool: str = "tank", method: str = "POST") -> list[str]:
        """Asks, first for a dry run. Returns the types of storage's events that its success recorded."""
        path = f"/storage/pools/{pool}{verb}".removesuffix("/")
        dry = self.admin.ask(method, f"{path}?dry_run=true", body)
        assert dry.status == 200, dry
        before = store.position()
        asked = self.admin.ask(method, path, body)
        assert asked.status == 202, asked
        assert asked.body["plan"]["steps"] == dry.body["steps"]
        assert asked.body["command"] == COMMANDS["PATCH" if method == "PATCH" else verb]
        operation = self.finished(asked.body["id"])
        assert operation["state"] == "succeeded", operation["error"]
        assert {name: row for name, row in pool_rows().items() if row["state"] != "MISSING"} == looked_at()
        return [told for told in types_after(before) if not told.startswith(OTHERS)]

    def finished(self, operation: str) -> dict[str, Any]:
        """Its end, without the scan that would come after it and hide what its events lack."""
        with self.patch.context() as patch:
            patch.setattr(kernel_box, "observe", lambda _: None)
            finish(operation)
        body: dict[str, Any] = self.admin.get(f"/operations/{operation}").body
        return body

    def refused(self, verb: str, body: dict[str, Any], code: str) -> dict[str, Any]:
        """What a refusal says, before anything is recorded."""
        answer = self.admin.post(f"/storage/pools/tank{verb}", body)
        assert (answer.status >= 400, answer.code) == (True, code), answer
        return dict(answer.body)

    def fails(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """An operation that was taken on, and fails."""
        asked = self.admin.post(f"/storage/pools/tank{verb}", body)
        assert asked.status == 202, asked
        operation = self.finished(asked.body["id"])
        assert operation["state"] == "failed"
        return operation

    def later(self, seconds: float = 2000) -> None:
        self.box.advance(seconds)
        observe()

    def pool(self, name: str = "tank") -> dict[str, Any]:
        body: dict[str, Any] = self.admin.get(f"/storage/pools/{name}").body
        return body

    def leaf(self, at: int, vdev: int = 0, role: str = "data") -> dict[str, Any]:
        found: dict[str, Any] = self.pool()["layout"][role][vdev]["children"][at]
        return found


@pytest.fixture
def story(tank: Box, monkeypatch: pytest.MonkeyPatch) -> Story:
    tank.options(**LASTING)
    return Story(tank, monkeypatch)


def test_add_vdevs(story: Story) -> None:
    d = story.disks
    told = story.refused("/add", {"vdevs": [{"type": "stripe", "disks": [d[2]]}]}, "less_redundant")
    assert "no redundancy" in told["hint"]
    assert story.does("/add", {"vdevs": [{"type": "mirror", "disks": d[2:4]}]})[0] == "VdevsAdded"
    others = [
        {"type": "mirror", "disks": d[12:14], "role": "log"},
        {"type": "stripe", "disks": [d[10]], "role": "cache"},
        {"type": "stripe", "disks": [d[4]], "role": "spare"},
        {"type": "mirror", "disks": d[6:8], "role": "special"},
        {"type": "mirror", "disks": d[8:10], "role": "dedup"},
    ]
    assert story.does("/add", {"vdevs": others}) == ["VdevsAdded", "PoolChanged"]
    assert set(story.pool()["layout"]) == {"data", "log", "cache", "spare", "special", "dedup"}
    observe()
    story.refused("/add", {"vdevs": [{"type": "stripe", "disks": [d[15]], "role": "spare"}]}, "disk_in_use")
    used = {"vdevs": [{"type": "stripe", "disks": [d[15]], "role": "spare"}], "force": True}
    story.refused("/add", used, "confirmation_needed")
    story.does("/add", {**used, "confirm": "tank"})  # a disk with a file system, its loss confirmed


def test_attach_detach_and_replace(story: Story) -> None:
    d = story.disks
    assert story.does("/attach", {"to": d[0], "disk": d[2]})[0] == "DiskAttachedToVdev"
    assert len(story.pool()["layout"]["data"][0]["children"]) == 3
    story.later()
    assert story.does("/detach", {"disk": d[2]}) == ["DiskDetachedFromVdev", "PoolChanged"]
    story.later()
    story.refused("/replace", {"old": d[0], "new": d[2]}, "healthy_disk")
    story.box.options(resilver_seconds=500)
    assert story.does("/replace", {"old": d[0], "new": d[2], "force": True, "confirm": "tank"})[0] == "DiskReplaced"
    assert story.leaf(0)["type"] == "replacing"
    story.later()
    assert [leaf["disk"] for leaf in story.pool()["layout"]["data"][0]["children"]] == [d[2], d[1]]
    story.refused("/detach", {"disk": d[1]}, "no_redundancy")
    story.does("/detach", {"disk": d[1], "force": True})
    assert story.pool()["layout"]["data"][0]["type"] == "disk"


def test_a_disk_that_is_away_goes_by_its_guid(story: Story) -> None:
    d = story.disks
    story.box.ok("zpool", "export", "tank")
    story.box.disk(pull, "lab1")
    story.box.ok("zpool", "import", "tank")
    observe()
    away = story.leaf(1)
    assert (away["disk"], away["state"], away["name"]) == (d[1], "UNAVAIL", away["guid"])
    story.does("/replace", {"old": away["guid"], "new": d[2]})
    story.later()
    assert story.pool()["state"] == "ONLINE"


def test_grow_a_raidz(story: Story) -> None:
    d = story.disks
    story.does("", {"name": "vault", "vdevs": [{"type": "raidz1", "disks": d[2:5]}]}, pool="")
    assert story.does("/attach", {"to": "raidz1-0", "disk": d[5]}, pool="vault")[0] == "DiskAttachedToVdev"
    assert len(story.pool("vault")["layout"]["data"][0]["children"]) == 4


def test_a_draid_with_a_spare_within(story: Story) -> None:
    d = story.disks
    vdev = {"type": "draid2", "disks": d[2:9], "group_data": 2, "distributed_spares": 1}
    story.does("", {"name": "wide", "vdevs": [vdev], "properties": {"comment": "x", "autotrim": "on"}}, pool="")
    wide = story.pool("wide")
    assert (wide["layout"]["data"][0]["type"], wide["wanted"]["comment"]) == ("draid2", "x")
    assert wide["properties"]["autotrim"] == "on" and wide["properties"]["ashift"] == "12"


def test_remove_vdevs(story: Story) -> None:
    d = story.disks
    vdevs = [{"type": "mirror", "disks": d[2:4]}, {"type": "stripe", "disks": [d[4]], "role": "spare"}]
    story.does("/add", {"vdevs": [*vdevs, {"type": "stripe", "disks": [d[12]], "role": "log"}]})
    for disk in (d[4], d[12]):
        assert story.does("/remove", {"vdev": disk}) == ["VdevRemoved", "PoolChanged"]
    assert story.does("/remove", {"vdev": "mirror-1"}) == ["VdevRemoved", "PoolChanged"]
    assert story.pool()["removal"]["state"] == "in_progress"
    story.refused("/remove", {"vdev": "mirror-0"}, "removal_running")
    assert story.does("/remove", {"action": "cancel"}) == ["VdevRemovalCancelled", "PoolChanged"]
    assert story.pool()["removal"]["state"] == "canceled"
    story.does("/remove", {"vdev": "mirror-1"})
    story.later()
    assert len(story.pool()["layout"]["data"]) == 1 and story.pool()["removal"]["state"] == "finished"


def test_offline_online_and_clear(story: Story) -> None:
    first, second = story.disks[:2]
    assert story.does("/offline", {"disk": first}) == ["DiskTakenOffline", "PoolDegraded"]
    story.refused("/offline", {"disk": second}, "no_replicas")
    assert story.does("/online", {"disk": first})[:2] == ["DiskBroughtOnline", "PoolRecovered"]
    assert story.does("/offline", {"disk": first, "temporary": True})[0] == "DiskTakenOffline"
    story.does("/online", {"disk": first, "expand": True})
    story.box.ok("zpool", "offline", "-f", "tank", second)
    observe()
    assert story.leaf(1)["state"] == "FAULTED"
    assert story.does("/clear", {"disk": second})[0] == "PoolCleared"
    assert story.does("/clear", {}) == ["PoolCleared"]
    assert story.pool()["state"] == "ONLINE"


def test_expand(story: Story) -> None:
    with_more = [story.disks[0], story.disks[1]]
    assert story.does("/expand", {})[0] == "PoolExpanded"
    assert story.does("/expand", {"disks": with_more})[0] == "PoolExpanded"


def test_trim_and_initialize(story: Story) -> None:
    d = story.disks
    story.does("", {"name": "fast", "vdevs": [{"type": "mirror", "disks": d[12:14]}]}, pool="")
    for action, told in (("start", "TrimStarted"), ("suspend", "TrimSuspended"), ("cancel", "TrimCancelled")):
        assert story.does("/trim", {"action": action}, pool="fast") == [told]
    assert story.does("/trim", {"action": "start", "disks": [d[12]], "rate": 2**20}, pool="fast") == ["TrimStarted"]
    for action in ("Start", "Suspend", "Start", "Cancel"):
        told = {"Start": "InitializeStarted", "Suspend": "InitializeSuspended", "Cancel": "InitializeCancelled"}[action]
        assert story.does("/initialize", {"action": action.lower(), "disks": [d[0]]}) == [told]
    failed = story.fails("/trim", {"action": "start"})  # rotating disks
    assert failed["error"]["code"] == "trim_unsupported"
    assert story.fails("/initialize", {"action": "cancel"})["error"]["code"] == "no_activity"


def test_checkpoint_and_upgrade(story: Story) -> None:
    d = story.disks
    assert story.does("/checkpoint", {"action": "make"}) == ["CheckpointMade", "PoolChanged"]
    assert story.pool()["checkpoint"] is True
    story.refused("/attach", {"to": d[0], "disk": d[2]}, "checkpoint_exists")
    assert story.does("/checkpoint", {"action": "discard"})[0] == "CheckpointDiscarded"
    story.box.ok("zpool", "create", "-d", "old", path_of(d[4]))
    observe()
    assert story.pool("old")["upgradable"] is True
    assert story.does("/upgrade", {}, pool="old") == ["PoolUpgraded", "PoolChanged"]
    assert story.pool("old")["upgradable"] is False
    story.refused("/upgrade", {}, "nothing_to_upgrade")


def test_properties(story: Story) -> None:
    body = {"properties": {"comment": "it's", "autotrim": "on", "failmode": "continue"}}
    assert story.does("", body, method="PATCH") == ["PoolPropertiesSet", "PoolChanged"]
    tank = story.pool()
    assert tank["wanted"] | body["properties"] == tank["wanted"]
    assert {name: tank["properties"][name] for name in body["properties"]} == body["properties"]
    story.does("", {"properties": {"comment": ""}}, method="PATCH")
    assert story.pool()["properties"]["comment"] == ""
    wrong = story.admin.ask("PATCH", "/storage/pools/tank", {"properties": {"failmode": "explode"}})
    assert (wrong.status, wrong.code, wrong.body["field"]) == (422, "bad_property", "properties.failmode")


def test_half_set_properties_are_set_back(story: Story) -> None:
    """The second value passes our own rules, and ZFS refuses it."""
    body = {"properties": {"comment": "new", "compatibility": "no-such-file"}}
    asked = story.admin.ask("PATCH", "/storage/pools/tank", body)
    operation = story.finished(asked.body["id"])
    assert (operation["state"], operation["error"]["code"]) == ("failed", "bad_property")
    assert [step["state"] for step in operation["steps"]] == ["undone", "failed"]
    assert story.box.ok("zpool", "get", "-Hp", "-o", "value", "comment", "tank") == "-\n"


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
