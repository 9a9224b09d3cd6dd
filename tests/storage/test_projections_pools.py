"""Every command on pools over REST, carried out by the executor in the lab.

Each is seen to do what its dry run said; the read model then is what a fresh look at the box gives, without a scan.
"""

from __future__ import annotations

import pytest

from apps.storage.observe.scan import observe
from calypso.lab.happenings import pull
from tests.support.pool_story import Story
from tests.support.rest import path_of

pytestmark = pytest.mark.django_db


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
