"""`manage.py lab`: disks by any of their names; what users of datasets do; a box filled for benchmarks."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management.base import CommandError

from apps.storage.devices.simulated import lab_disk
from calypso.lab.devices import simulated_disks, simulated_holders
from calypso.lab.state import change
from calypso.lab.zfs import space
from calypso.lab.zfs.tree import Forest
from calypso.management.commands import lab
from tests.support.lab_box import Box


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "state.db"
    monkeypatch.setattr(lab, "settings", SimpleNamespace(CALYPSO_LAB_STATE=path))
    return path


def say(*words: str) -> str:
    out = io.StringIO()
    command = lab.Command(stdout=out)
    options = vars(command.create_parser("manage.py", "lab").parse_args(list(words)))
    command.handle(**options)
    return out.getvalue()


def test_a_disk_is_pulled_and_plugged(path: Path) -> None:
    assert say("pull", "lab3") == "  4  lab3   LAB0004  wwn-0x5000c50000000004    4001 GB  pulled  -\n"
    assert len(simulated_disks(path)) == 15
    say("plug", "wwn-0x5000c50000000004")
    assert len(simulated_disks(path)) == 16


def test_a_disk_is_broken_and_repaired(path: Path) -> None:
    assert "broken" in say("break", "LAB0002")
    assert [disk["name"] for disk in simulated_disks(path) if disk["broken"]] == ["lab1"]
    assert "broken" not in say("repair", "lab1")


def test_the_list(path: Path) -> None:
    lines = say("list").splitlines()
    assert len(lines) == 16
    assert lines[15].endswith("ok      ext4")


def test_an_unknown_disk_is_told_the_known_ones(path: Path) -> None:
    with pytest.raises(CommandError, match="lab0, lab1"):
        say("pull", "sda")


@pytest.fixture
def tank(path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(path))
    box = Box(path)
    box.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    box.ok("zfs", "create", "tank/fs")
    return box


def test_users_write_and_remove_files(tank: Box) -> None:
    assert say("write", "tank/fs", "10M", "--files", "5") == "tank/fs: 10M written\n"
    tank.ok("zfs", "snapshot", "tank/fs@a")
    assert say("rewrite", "tank/fs", "--files", "2") == "tank/fs: 2 files written anew\n"
    assert say("erase", "tank/fs") == "tank/fs: 1 files removed\n"
    assert tank.ok("zfs", "diff", "-H", "tank/fs@a") == "-\t/tank/fs/f1\nM\t/tank/fs/f2\nM\t/tank/fs/\n"
    tank.ok("zfs", "set", "quota=20M", "tank/fs")
    assert say("write", "tank/fs", "1G") == "tank/fs: Disk quota exceeded\n"
    with pytest.raises(CommandError, match="bad numeric value"):
        say("write", "tank/fs", "much")
    with pytest.raises(CommandError, match="does not exist"):
        say("write", "tank/nope", "1M")
    tank.ok("zfs", "unmount", "tank/fs")
    with pytest.raises(CommandError, match="not mounted"):
        say("write", "tank/fs", "1M")


def test_a_busy_dataset_is_told_to_observers(tank: Box, path: Path) -> None:
    say("hold", "tank/fs", "bash", "--pid", "4711")
    assert simulated_holders(path) == [{"dataset": "tank/fs", "kind": "process", "pid": 4711, "name": "bash"}]
    assert tank.run("zfs", "destroy", "tank/fs").stderr == "cannot unmount '/tank/fs': pool or dataset is busy\n"
    assert say("release", "tank/fs") == "tank/fs: 1 let go\n"
    assert simulated_holders(path) == []
    tank.ok("zfs", "destroy", "tank/fs")


def test_a_filled_box_adds_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(path))
    say("fill", "--pools", "3", "--disks", "12", "--datasets", "31", "--snapshots", "100")
    say("fill", "--pools", "1", "--disks", "4")
    box = Box(path)
    assert box.ok("zpool", "list", "-H", "-o", "name,health") == "".join(f"fill00{n}\tONLINE\n" for n in range(1, 5))
    assert len(box.ok("zfs", "list", "-H").splitlines()) == 31 + 4
    assert len(box.ok("zfs", "list", "-H", "-t", "snapshot").splitlines()) == 100
    listing = ("zfs", "list", "-Hp", "-t", "all", "-o", "name,used,referenced,written,usedbysnapshots,available")
    before = box.ok(*listing)
    with change(path) as state:
        for tree in Forest(state).trees():
            for item in tree.by_name.values():
                space.settle(state, item)
    assert box.ok(*listing) == before, "the figures are those that a change would work out"


def test_a_disk_is_faulted_slow_and_damaged(path: Path, tank: Box) -> None:
    say("slow", "lab0")
    assert "14" in tank.ok("zpool", "status", "-s")
    say("corrupt", "lab1", "--blocks", "7", "--file", "/tank/a")
    tank.options(scrub_seconds=0, resilver_seconds=0)
    tank.ok("zpool", "scrub", "tank")
    assert "    lab1    ONLINE       0     0     7\n" in tank.ok("zpool", "status")
    with pytest.raises(CommandError, match="in no pool"):
        say("corrupt", "lab9")


def test_smart_values_are_set_and_taken_back(path: Path) -> None:
    said = say("smart", "lab0", "--fail", "--temperature", "63", "--reallocated", "12")
    assert said.startswith("lab0 hdd: failing, 63 C, ") and said.strip().endswith("12 reallocated")
    assert say("smart", "lab0", "--ok").startswith("lab0 hdd: passed, ")
    with pytest.raises(CommandError, match="no disk “sda”"):
        say("smart", "sda", "--ok")


def test_a_pool_of_another_host(path: Path, tank: Box) -> None:
    assert say("foreign", "tank", "--host", "oldbox") == "tank: last used by oldbox\n"
    refused = tank.run("zpool", "import", "tank")
    assert refused.exit_code == 1 and "Last accessed by oldbox (hostid=" in refused.stderr
    tank.ok("zpool", "import", "-f", "tank")
    with pytest.raises(CommandError, match="no pool “nope”"):
        say("foreign", "nope")


def test_further_disks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(path))
    say("add-disk", "--size", "2T", "--partitions")
    say("add-disk", "--size", "100G", "--model", "SSD DOM", "--transport", "sata", "--partitions", "--mounted", "/")
    say("add-disk", "--lvm", "vg0", "--serial", "LAB0001")
    parted, system, lvm = [lab_disk(disk) for disk in simulated_disks(path)][16:]
    kinds = [{use.kind for use in disk.uses} for disk in (parted, system, lvm)]
    assert kinds == [
        {"partition_table", "filesystem"},
        {"partition_table", "filesystem", "mounted"},
        {"partition_table", "lvm", "holder"},
    ]
    assert (parted.system, system.system, lvm.serial) == (False, True, "LAB0001")
    box = Box(path)
    assert "vfat" in box.run("zpool", "create", "t", parted.path).stderr
    assert "is in use and contains a" in box.run("zpool", "create", "-f", "t", system.path).stderr
    assert box.run("wipefs", "-a", system.path).exit_code == 1
    assert box.run("wipefs", "-a", lvm.path).stderr.endswith("Device or resource busy\n")
    box.ok("zpool", "create", "-f", "t", parted.path)
    with pytest.raises(CommandError, match="no size"):
        say("add-disk", "--size", "tiny")
