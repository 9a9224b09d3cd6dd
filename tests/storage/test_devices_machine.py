"""The device source against recordings and against this machine's kernel."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from apps.storage.devices import BlockDevice, Use, real_disks
from apps.storage.devices.proc import parse_mountinfo
from tests.support.devices import TOOLS, losetup, needs_loop, until

pytestmark = [
    pytest.mark.process,
    pytest.mark.usefixtures("real_tools"),
]  # asks the machine itself: blkid, losetup, umockdev-run

ROOT = Path(__file__).parents[2]
WHOLE_BOX = ROOT / "tests/recordings/umockdev/whole-box.umockdev"
GIB = 1024**3

needs_umockdev = pytest.mark.skipif(shutil.which("umockdev-run") is None, reason="umockdev-run is not installed")


# --- recorded devices ---

LISTING = f"""
import dataclasses, json
from calypso.kernel import shell
shell.environment = lambda: {{"PATH": "{TOOLS}"}}
from apps.storage.devices import real_disks
print(json.dumps([dataclasses.asdict(disk) for disk in real_disks()]))
"""


def recorded_disks(recording: Path) -> dict[str, dict[str, object]]:
    argv = ["umockdev-run", "--device", str(recording), "--", sys.executable, "-c", LISTING]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return {disk["name"]: disk for disk in json.loads(done.stdout.splitlines()[-1])}


@needs_umockdev
def test_recorded_box() -> None:
    disks = recorded_disks(WHOLE_BOX)
    assert set(disks) == {*(f"sd{letter}" for letter in "abcdefgh"), "vdb", "nvme0n1"}
    for number, letter in enumerate("abcdefgh", 1):
        disk = disks[f"sd{letter}"]
        assert disk["id"] == f"wwn-0x5000c5000000000{number}"
        assert disk["path"] == f"/dev/disk/by-id/{disk['id']}"
        assert (disk["serial"], disk["model"], disk["transport"]) == (f"CALY000{number}", "DISK1G", "scsi")
    nvme, virtio = disks["nvme0n1"], disks["vdb"]
    assert (nvme["id"], nvme["serial"]) == ("nvme-QEMU_NVMe_Ctrl_NVME0001_1", "NVME0001")
    assert (nvme["model"], nvme["rotational"]) == ("QEMU NVMe Ctrl", False)
    assert (virtio["id"], virtio["serial"]) == ("virtio-VBLK0001", "VBLK0001")
    assert all(disk["size"] == GIB and not disk["system"] and not disk["simulated"] for disk in disks.values())


@needs_umockdev
def test_the_same_names_without_a_udev_daemon(tmp_path: Path) -> None:
    bare = tmp_path / "bare.umockdev"
    kept = re.sub(r"(?m)^(E: (ID_|DEVLINKS|TAGS|CURRENT_TAGS).*|S: .*)\n", "", WHOLE_BOX.read_text())
    bare.write_text(kept)
    with_daemon, without = recorded_disks(WHOLE_BOX), recorded_disks(bare)
    for key in ("id", "serial", "wwn", "model", "size", "transport"):
        assert {n: d[key] for n, d in without.items()} == {n: d[key] for n, d in with_daemon.items()}
    assert without["sda"]["path"] == "/dev/sda"


# --- this machine ---


def listed(name: str) -> BlockDevice | None:
    return next((disk for disk in real_disks() if disk.name == name), None)


@pytest.mark.root
@needs_loop
def test_a_loop_device_is_listed_while_it_is_bound(image: Path) -> None:
    device = losetup("--find", "--show", str(image))
    name = Path(device).name
    disk = listed(name)
    assert disk is not None
    assert (disk.id, disk.path, disk.serial, disk.size, disk.transport) == (name, device, "", 64 * 1024**2, "loop")
    assert Use("loop_backing", str(image)) in disk.uses
    assert not disk.system
    losetup("-d", device)
    until(lambda: listed(name) is None)


@pytest.mark.root
@needs_loop
@pytest.mark.skipif(shutil.which("mkfs.ext4") is None, reason="mkfs.ext4 is not installed")
def test_a_file_system_that_is_not_mounted_is_a_use(image: Path) -> None:
    subprocess.run(["mkfs.ext4", "-q", "-L", "hello", str(image)], check=True, timeout=60)
    disk = listed(Path(losetup("--find", "--show", str(image))).name)
    assert disk is not None
    assert Use("filesystem", "hello") in disk.uses


@pytest.mark.skipif(not Path("/sys/block").is_dir(), reason="no sysfs here")
def test_the_disk_of_the_root_file_system_is_marked() -> None:
    root = next(m for m in reversed(parse_mountinfo(Path("/proc/self/mountinfo").read_text())) if m.mountpoint == "/")
    if not Path(f"/sys/dev/block/{root.number}").exists():
        pytest.skip(f"the root file system ({root.fstype}) is on no block device")
    system = [disk for disk in real_disks() if disk.system]
    assert system
    assert any(Use("mounted", "/") in disk.uses for disk in system)
    assert all(disk.size > 0 and not disk.simulated for disk in system)
