"""What the recordings do not have: further layouts, refusals and mishaps; text and JSON of each state mean the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from apps.storage.adapters import zpool
from calypso.lab import happenings
from calypso.lab.damage import corrupt
from calypso.lab.disks import member
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.lab_forms import both_forms

START = 1795412000.0


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    box = Box(tmp_path / "state.db")
    box.options(now=START)
    return box


def agree(lab: Box) -> zpool.PoolStatus:
    """Text and JSON of the only pool are one value."""
    (text,), (json,) = both_forms(lab)
    assert text == json
    return text


def lines(lab: Box, *words: str) -> list[str]:
    return [line.strip() for line in lab.ok("zpool", *words).splitlines()]


def refused(lab: Box, *words: str, code: int = 1) -> str:
    said = lab.run("zpool", *words)
    assert said.exit_code == code, said
    return said.stderr


def test_every_vdev_class(lab: Box) -> None:
    roles = "special mirror lab10 lab11 log mirror lab12 lab13 cache lab14 spare lab7 lab8"
    lab.ok("zpool", "create", "-f", "tank", "raidz2", "lab0", "lab1", "lab2", "lab3", *roles.split())
    lab.ok("zpool", "add", "-f", "tank", "dedup", "lab9")
    status = agree(lab)
    assert {
        role: [vdev.name for vdev in status.group(role)] for role in ("special", "dedup", "log", "cache", "spare")
    } == {
        "special": ["mirror-1"],
        "dedup": ["lab9"],
        "log": ["mirror-2"],
        "cache": ["lab14"],
        "spare": ["lab7", "lab8"],
    }
    assert refused(lab, "remove", "tank", "mirror-1").startswith("cannot remove mirror-1: invalid config")
    for name in ("mirror-2", "lab14", "lab8"):
        lab.ok("zpool", "remove", "tank", name)
    assert [vdev.name for vdev in agree(lab).group("spare")] == ["lab7"]


@pytest.mark.parametrize(
    ("words", "name", "size"),
    [
        ("draid lab0 lab1 lab2 lab3", "draid1:3d:4c:0s-0", 4),
        ("draid2:4d:8c:1s lab0 lab1 lab2 lab3 lab4 lab5 lab6 lab7", "draid2:4d:8c:1s-0", 7),
    ],
)
def test_draid(lab: Box, words: str, name: str, size: int) -> None:
    lab.ok("zpool", "create", "tank", *words.split())
    status = agree(lab)
    assert [vdev.name for vdev in status.group("data")] == [name]
    raw = int(lab.ok("zpool", "list", "-Hp", "-o", "size"))
    assert abs(raw - size * 4_000_000_000_000) < size * 2 * 10**10


def test_a_distributed_spare_steps_in(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "draid1:2d:5c:1s", "lab0", "lab1", "lab2", "lab3", "lab4")
    assert "draid1-0-0 AVAIL" in " ".join(lab.ok("zpool", "status").split())
    lab.disk(happenings.pull, "lab0")
    lab.advance(4)
    status = agree(lab)
    assert [vdev.name for vdev in status.group("data")[0].children][:1] == ["spare-0"]
    lab.advance(60)
    lab.disk(happenings.plug, "lab0")
    lab.advance(5)
    assert agree(lab).group("spare")[0].state == "AVAIL"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("draid:5d lab0 lab1 lab2", "requested number of dRAID data disks per group 5 is too high,\nat most 2 disks"),
        ("draid:5c lab0 lab1 lab2", "invalid number of dRAID children; 5 required but 3 provided"),
        ("draid2:1s lab0 lab1 lab2", "request number of distributed spares 1 and parity level 2\nleaves no disks"),
        ("draid4 lab0 lab1 lab2", "cannot open 'draid4': no such device in /dev"),
        ("lab0 log raidz lab1 lab2 lab3", "invalid vdev specification: unsupported 'log' device: raidz"),
        ("lab0 cache lab1 cache lab2", "invalid vdev specification: 'cache' can be specified only once"),
        ("lab0 special mirror lab1 lab2", "mismatched replication level: both disk and mirror vdevs are present"),
        ("spare lab0", "invalid vdev specification: at least one toplevel vdev must be specified"),
    ],
)
def test_refused_layouts(lab: Box, words: str, message: str) -> None:
    assert message in refused(lab, "create", "tank", *words.split())
    assert lab.state()["pools"] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("lab4", "pool uses mirror and new vdev is disk"),
        ("raidz2 lab4 lab5 lab6 lab7", "pool and new vdev with different redundancy, raidz and mirror vdevs, 2 vs. 1"),
        ("mirror lab4 lab5 lab6", "pool uses 2-way mirror and new vdev uses 3-way mirror"),
    ],
)
def test_add_is_refused_unless_forced(lab: Box, words: str, message: str) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    assert message in refused(lab, "add", "tank", *words.split())
    dry = lab.ok("zpool", "add", "-n", "-f", "tank", *words.split())
    assert dry.startswith("would update 'tank' to the following configuration:\n\n\ttank\n\t  mirror-0\n\t    lab0\n")
    assert len(agree(lab).group("data")) == 1
    lab.ok("zpool", "add", "-f", "tank", *words.split())
    assert len(agree(lab).group("data")) == 2


def test_a_raidz_grows_by_a_disk(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "raidz1", "lab0", "lab1", "lab2")
    before = int(lab.ok("zpool", "list", "-Hp", "-o", "size"))
    lab.options(work_seconds=100)
    lab.set_pool("tank", allocated=40 * 1024**3)
    lab.ok("zpool", "attach", "tank", "raidz1-0", "lab3")
    assert refused(lab, "attach", "tank", "raidz1-0", "lab4", code=255).endswith("raidz expansion in progress\n")
    lab.advance(50)
    assert "expand: expansion of raidz1-0 in progress since Mon Nov 23 05:33:20 2026" in lines(lab, "status")
    assert "20G / 40G copied at 410M/s, 50.00% done, 00:00:50 to go" in lines(lab, "status")
    assert '"raidz_expand_stats":{"name":"raidz1-0"' in lab.ok("zpool", "status", "-j")
    assert int(lab.ok("zpool", "list", "-Hp", "-o", "size")) == before
    lab.advance(51)
    assert "expand: expanded raidz1-0 copied 40G in 00:01:40, on Mon Nov 23 05:35:00 2026" in lines(lab, "status")
    assert round(int(lab.ok("zpool", "list", "-Hp", "-o", "size")) / before, 2) == 1.33
    assert len(agree(lab).group("data")[0].children) == 4


def test_bigger_disks_make_room_when_asked(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab10", "lab11")
    lab.options(resilver_seconds=1)
    for old, new in (("lab10", "lab0"), ("lab11", "lab1")):
        lab.ok("zpool", "replace", "tank", old, new)
        lab.advance(2)
    small, more = lab.ok("zpool", "list", "-Hp", "-o", "size,expandsize").split()
    assert int(more) > 2 * 10**12
    lab.ok("zpool", "online", "-e", "tank", "lab0")
    assert int(lab.ok("zpool", "list", "-Hp", "-o", "size")) == int(small) + int(more)


def test_detach_leaves_the_last_good_side(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    lab.ok("zpool", "offline", "tank", "lab0")
    assert refused(lab, "detach", "tank", "lab1", code=255) == "cannot detach lab1: no valid replicas\n"
    lab.ok("zpool", "detach", "tank", "lab0")
    assert [vdev.name for vdev in agree(lab).group("data")] == ["lab1"]
    lab.ok("zpool", "attach", "tank", "lab1", "lab2")
    assert agree(lab).group("data")[0].type == "mirror"


def test_a_replacement_frees_the_spare(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1", "spare", "lab2")
    lab.options(resilver_seconds=2)
    lab.disk(happenings.fault, "lab0")
    lab.advance(3)
    assert "too many errors" in lab.ok("zpool", "status")
    agree(lab)
    lab.ok("zpool", "clear", "tank")
    lab.advance(3)
    assert agree(lab).group("spare")[0].state == "AVAIL"
    lab.disk(happenings.fault, "lab0")
    lab.advance(3)
    lab.ok("zpool", "replace", "tank", "lab0", "lab3")
    agree(lab)
    lab.advance(3)
    status = agree(lab)
    assert [vdev.name for vdev in status.group("data")[0].children] == ["lab3", "lab1"]
    assert status.group("spare")[0].state == "AVAIL"
    assert status.state == "ONLINE"


def test_a_broken_disk_is_faulted_until_it_is_repaired(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    lab.disk(happenings.break_, "lab0")
    disk = agree(lab).group("data")[0].children[0]
    assert (disk.state, disk.note) == ("FAULTED", "too many errors")
    lab.options(resilver_seconds=1)
    lab.disk(happenings.repair, "lab0")
    lab.advance(1)
    assert agree(lab).state == "ONLINE"
    assert "scan: resilvered 120K in 00:00:01 with 0 errors on Mon Nov 23 05:33:21 2026" in lines(lab, "status")


def test_damage_is_found_and_repaired_or_named(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    with change(lab.path) as state:
        leaf = member(state["pools"][0], "lab1")
        assert leaf is not None
        corrupt(leaf, 5, [])
    lab.options(scrub_seconds=10)
    lab.ok("zpool", "scrub", "tank")
    lab.advance(5)
    assert "(repairing)" in lab.ok("zpool", "status")
    agree(lab)
    lab.advance(6)
    assert agree(lab).group("data")[0].children[1].checksum == 5
    lab.ok("zpool", "clear", "tank")
    assert lab.ok("zpool", "status", "-x") == "all pools are healthy\n"


def test_checkpoint_trim_initialize(lab: Box) -> None:
    lab.options(work_seconds=10)
    lab.ok("zpool", "create", "tank", "mirror", "lab10", "lab11")
    assert refused(lab, "checkpoint", "-d", "tank").endswith("checkpoint does not exist\n")
    lab.ok("zpool", "checkpoint", "tank")
    assert '"checkpoint_stats":{"state":"EXISTS"' in lab.ok("zpool", "status", "-j")
    assert lab.ok("zpool", "list", "-Hp", "-o", "checkpoint") == "393216\n"
    lab.ok("zpool", "checkpoint", "-d", "tank")
    assert any(line.startswith("checkpoint: discarding, ") for line in lines(lab, "status"))
    lab.ok("zpool", "initialize", "tank", "lab10")
    lab.advance(4)
    lab.ok("zpool", "initialize", "-s", "tank", "lab10")
    lab.advance(100)
    assert "(40% initialized, suspended, started at Mon Nov 23 05:33:20 2026)" in lab.ok("zpool", "status", "-i")
    assert refused(lab, "trim", "-s", "tank", code=255) == "cannot trim 'lab10': there is no active trim\n"
    assert "checkpoint" not in lab.ok("zpool", "status")
    lab.ok("zpool", "initialize", "tank", "lab10")
    assert refused(lab, "initialize", "tank", "lab10", code=255).endswith("currently initializing\n")
    lab.advance(6)
    assert "(100% initialized, completed at Mon Nov 23 05:35:10 2026)" in lab.ok("zpool", "status", "-i")
    assert '"init_state":"COMPLETE"' in lab.ok("zpool", "status", "-j", "-i")


def test_disks_that_spin_can_not_be_trimmed(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "lab0")
    assert refused(lab, "trim", "tank", code=255) == "cannot trim: no devices in pool support trim operations\n"


def test_a_removal_can_be_stopped(lab: Box) -> None:
    lab.options(work_seconds=100)
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1", "mirror", "lab2", "lab3")
    lab.ok("zpool", "remove", "tank", "mirror-1")
    assert "busy, or device removal" in refused(lab, "attach", "tank", "lab0", "lab4", code=255)
    assert '"removal_stats":{"name":"mirror-1"' in lab.ok("zpool", "status", "-j")
    lab.ok("zpool", "remove", "-s", "tank")
    assert any(line.startswith("remove: Removal of mirror-1 canceled on ") for line in lines(lab, "status"))
    lab.advance(200)
    assert len(agree(lab).group("data")) == 2


def test_destroyed_pools_come_back_until_their_disks_are_used(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    lab.ok("zpool", "destroy", "tank")
    assert lab.run("zpool", "import").stderr == "no pools available to import\n"
    assert " state: ONLINE (DESTROYED)" in lab.ok("zpool", "import", "-D")
    lab.ok("zpool", "import", "-D", "tank", "again")
    assert lab.ok("zfs", "list", "-H", "-o", "name") == "again\n"
    lab.ok("zpool", "destroy", "again")
    lab.ok("zpool", "create", "other", "lab1")
    assert lab.run("zpool", "import", "-D").stderr == "no pools available to import\n"
