"""The state file: changed whole, one writer at a time; the disks that an observer sees."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from calypso.lab import happenings
from calypso.lab.devices import simulated_disks
from calypso.lab.disks import by_name
from calypso.lab.state import change, read, state_version


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "state.db"


def test_first_use_makes_sixteen_disks(path: Path) -> None:
    assert state_version(path) == 0
    disks = simulated_disks(path)
    assert len(disks) == 16
    assert len({disk[key] for key in ("id",) for disk in disks}) == 16
    assert [disk["serial"] for disk in disks][::15] == ["LAB0001", "LAB0016"]
    assert [disk["fstype"] for disk in disks if disk["fstype"]] == ["ext4"]
    assert sum(disk["rotational"] for disk in disks) == 11
    assert {disk["transport"] for disk in disks} == {"sas", "sata", "nvme"}
    assert disks[0]["path"] == "/dev/disk/by-id/wwn-0x5000c50000000001"
    assert disks[12]["id"].startswith("nvme-eui.")


def test_a_pulled_disk_is_not_seen_and_the_version_changes(path: Path) -> None:
    before = (read(path), state_version(path))[1]
    with change(path) as state:
        disk = by_name(state, "lab0")
        assert disk is not None
        happenings.pull(state, disk)
    assert len(simulated_disks(path)) == 15
    assert state_version(path) != before


def test_nothing_is_written_when_nothing_changes_or_the_change_fails(path: Path) -> None:
    before = (read(path), state_version(path))[1]
    with change(path):
        pass
    with pytest.raises(ZeroDivisionError), change(path) as state:
        state["disks"].clear()
        raise ZeroDivisionError
    assert state_version(path) == before


def test_writers_wait_for_each_other_and_readers_see_whole_files(path: Path) -> None:
    with change(path) as state:
        state["options"]["count"] = 0

    def write() -> None:
        for _ in range(20):
            with change(path) as state:
                state["options"]["count"] += 1

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        read(path)
    assert read(path)["options"]["count"] == 80
