"""Who keeps datasets busy: read from a made-up /proc and /sys, sampled, and told to plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.storage.devices.holders import Held, real_holders
from apps.storage.models.samples import Holder
from apps.storage.observe.holders import sample_holders
from apps.storage.observe.scan import observe
from calypso.kernel.dependents import used_by
from calypso.lab.state import change
from calypso.lab.writing import hold, let_go
from tests.support.lab_box import Box

MOUNTS = """\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
40 22 0:40 / /tank rw - zfs tank rw
41 40 0:41 / /tank/data rw - zfs tank/data rw
42 22 0:41 /sub /srv/bound rw - zfs tank/data rw
43 41 0:50 / /tank/data/tmp rw - tmpfs tmpfs rw
44 22 230:1 / /mnt/vol rw - ext4 /dev/zd0p1 rw
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A process that works in a dataset, has two files of it open and maps one; a loop device, swap, a mapping."""
    proc, sys, dev = (tmp_path / name for name in ("proc", "sys", "dev"))
    process = proc / "4242"
    (process / "fd").mkdir(parents=True)
    (proc / "self").mkdir()
    (proc / "self" / "mountinfo").write_text(MOUNTS)
    (process / "comm").write_text("smbd\n")
    (process / "cwd").symlink_to("/tank/data/sub")
    (process / "exe").symlink_to("/usr/sbin/smbd")
    for number, target in enumerate(("/tank/data/a", "/tank/data/b (deleted)", "/dev/null", "socket:[1]", "/dev/zd16")):
        (process / "fd" / str(number)).symlink_to(target)
    (process / "maps").write_text("7f00-7f01 r--p 00000000 00:28 34 /tank/lib.so\n7f01-7f02 rw-p 0 00:00 0 [heap]\n")
    (proc / "swaps").write_text("Filename Type Size Used Priority\n/dev/zd32 partition 1 0 -2\n")
    (sys / "block" / "loop0" / "loop").mkdir(parents=True)
    (sys / "block" / "loop0" / "loop" / "backing_file").write_text("/tank/data/image\n")
    (sys / "block" / "zd0" / "holders" / "dm-3").mkdir(parents=True)
    (dev / "zvol" / "tank" / "vms").mkdir(parents=True)
    for name, kernel in (("one", "zd0"), ("one-part1", "zd0p1"), ("two", "zd16"), ("swap", "zd32")):
        (dev / "zvol" / "tank" / "vms" / name).symlink_to(f"../../../{kernel}")
    return tmp_path


def found(machine: Path) -> list[Held]:
    return real_holders(machine / "proc", machine / "sys", machine / "dev")


def test_each_kind_of_holder_is_found(machine: Path) -> None:
    uses = "works in /tank/data/sub, has open /tank/data/a, has open /tank/data/b"
    assert {(h.dataset, h.kind, h.pid, h.name) for h in found(machine)} == {
        ("tank", "process", 4242, "smbd"),
        ("tank/data", "process", 4242, "smbd"),
        ("tank/data", "mount", 0, "/srv/bound"),
        ("tank/data", "mount", 0, "/tank/data/tmp"),
        ("tank/data", "loop", 0, "loop0"),
        ("tank/vms/one", "mount", 0, "/mnt/vol"),
        ("tank/vms/one", "zvol", 0, "dm-3"),
        ("tank/vms/two", "process", 4242, "smbd"),
        ("tank/vms/swap", "swap", 0, "/dev/zd32"),
    }
    [data] = [h for h in found(machine) if h.kind == "process" and h.dataset == "tank/data"]
    assert sorted(data.detail.split(", ")) == sorted(uses.split(", "))
    [mapped] = [h for h in found(machine) if h.dataset == "tank"]
    assert mapped.detail == "maps /tank/lib.so"


def test_a_process_that_ends_while_it_is_looked_at_holds_nothing(machine: Path) -> None:
    for name in ("comm", "maps", "cwd"):
        (machine / "proc" / "4242" / name).unlink()
    for link in (machine / "proc" / "4242" / "fd").iterdir():
        link.unlink()
    assert not [h for h in found(machine) if h.kind == "process"]


def test_a_machine_without_zfs_is_not_searched(machine: Path) -> None:
    (machine / "proc" / "self" / "mountinfo").write_text(MOUNTS.splitlines()[0] + "\n")
    for link in (machine / "dev" / "zvol" / "tank" / "vms").iterdir():
        link.unlink()
    assert found(machine) == []


@pytest.mark.django_db
def test_holders_are_sampled_and_told_to_those_who_would_take_the_dataset_away(tank: Box) -> None:
    tank.ok("zfs", "create", "tank/data")
    with change(tank.path) as state:
        hold(state, "tank/data", "smbd", pid=77)
    observe()
    told = [(h.kind, h.name, h.detail) for h in used_by("storage.pool.tank") if h.kind == "process"]
    assert told == [("process", "smbd", "pid 77, in tank/data")]
    assert "smbd" in [h.name for h in used_by("storage.dataset.tank/data")]
    assert used_by("storage.dataset.tank/dat") == used_by("storage.disk.tank") == ()
    assert sample_holders() == 0, "what is as before is not written again"
    with change(tank.path) as state:
        let_go(state, "tank/data")
    assert sample_holders() == 1 and not Holder.objects.exists()
