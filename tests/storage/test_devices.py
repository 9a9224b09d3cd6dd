"""The device source: against recordings, by hand-made boxes, and against this machine's kernel."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.adapters.blkid import parse_export
from apps.storage.devices import BlockDevice, Use, all_disks, naming, real_disks, watch, watching
from apps.storage.devices.coalescing import GAP, LONGEST, QUIET, Coalescer
from apps.storage.devices.nodes import Node, enclosure_bay, unit_serial
from apps.storage.devices.proc import Mount, Swap, mount_of, parse_mountinfo, parse_swaps
from apps.storage.devices.real import is_disk
from apps.storage.devices.signatures import _answer, from_properties, signature_uses
from apps.storage.devices.simulated import lab_disk
from apps.storage.devices.uses import Box, family, is_system, uses_of
from calypso.kernel.errors import ToolGarbage

pytestmark = pytest.mark.process  # asks the machine itself: blkid, losetup, umockdev-run

ROOT = Path(__file__).parents[2]
WHOLE_BOX = ROOT / "tests/recordings/umockdev/whole-box.umockdev"
GIB = 1024**3
TOOLS = "/usr/sbin:/usr/bin:/sbin:/bin"

needs_loop = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/loop-control").exists() or shutil.which("losetup") is None,
    reason="needs root, /dev/loop-control and losetup",
)
needs_umockdev = pytest.mark.skipif(shutil.which("umockdev-run") is None, reason="umockdev-run is not installed")


@pytest.fixture(autouse=True)
def real_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's blkid, without the project's settings."""
    monkeypatch.setattr("calypso.kernel.shell.environment", lambda: {"PATH": TOOLS, "LC_ALL": "C"})


# --- /proc ---


def test_mountinfo() -> None:
    text = (
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        "36 35 0:40 /@home /home\\040of\\134me rw shared:1 master:2 - btrfs /dev/sdb1 rw\n"
        "40 27 0:50 / /tank rw - zfs tank rw,xattr\n"
    )
    assert parse_mountinfo(text) == (
        Mount("254:0", "/", "/", "ext4", "/dev/vda"),
        Mount("0:40", "/@home", "/home of\\me", "btrfs", "/dev/sdb1"),
        Mount("0:50", "/", "/tank", "zfs", "tank"),
    )


def test_swaps() -> None:
    text = (
        "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
        "/dev/dm-1                               partition\t1000\t\t0\t\t-2\n"
        "/swap\\040file                           file\t\t1000\t\t0\t\t-3\n"
    )
    assert parse_swaps(text) == (Swap("/dev/dm-1", "partition"), Swap("/swap file", "file"))


def test_this_kernels_proc_parses() -> None:
    assert any(mount.mountpoint == "/" for mount in parse_mountinfo(Path("/proc/self/mountinfo").read_text()))
    parse_swaps(Path("/proc/swaps").read_text())


@given(st.text() | st.lists(st.sampled_from(["36", "0:40", "/", " ", "-", "\n", "\\040", "x"])).map("".join))
def test_any_proc_text_gives_a_value_or_tool_garbage(text: str) -> None:
    for parse in (parse_mountinfo, parse_swaps):
        try:
            assert isinstance(parse(text), tuple)
        except ToolGarbage:
            pass


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=1))
def test_any_mountpoint_survives_the_kernels_escaping(name: str) -> None:
    escaped = re.sub(r"[ \t\n\\]", lambda match: f"\\{ord(match[0]):03o}", name)
    (mount,) = parse_mountinfo(f"1 2 8:1 / /{escaped} rw - ext4 /dev/sda1 rw\n")
    assert mount.mountpoint == "/" + name


def test_mount_of_takes_the_nearest_and_latest() -> None:
    mounts = [Mount("1:1", "/", m, "ext4", str(n)) for n, m in enumerate(("/", "/var", "/va", "/var"))]
    assert [mount.source for path in ("/swap", "/var/swap", "/variable") if (mount := mount_of(path, mounts))] == [
        "0",
        "3",
        "0",
    ]
    assert mount_of("/x", []) is None


# --- what is written on a disk ---


def test_blkid_export() -> None:
    text = "DEVNAME=/dev/sda1\nLABEL=my\\ disk\\\\\nUUID=1-2\nTYPE=ext4\nUSAGE=filesystem\n"
    assert signature_uses(parse_export(text)) == (Use("filesystem", "my disk\\"),)
    assert _answer(0, "DEVNAME=/dev/sda\nPTTYPE=gpt\n") == (Use("partition_table", "gpt"),)
    assert _answer(2, "") == ()
    assert _answer(8, "") == (Use("filesystem", "ambivalent"),)


@given(st.text() | st.lists(st.sampled_from(["TYPE", "LABEL", "=", "\\", "\n", "ext4", " "])).map("".join))
def test_any_blkid_text_gives_a_value_or_tool_garbage(text: str) -> None:
    try:
        assert all(isinstance(use, Use) for use in signature_uses(parse_export(text)))
    except ToolGarbage:
        pass


@pytest.mark.parametrize(
    ("fstype", "label", "use"),
    [
        ("zfs_member", "tank", Use("zfs_member", "tank")),
        ("LVM2_member", "", Use("lvm", "LVM2_member")),
        ("linux_raid_member", "host:0", Use("raid", "host:0")),
        ("crypto_LUKS", "", Use("encrypted", "crypto_LUKS")),
        ("swap", "", Use("swap", "swap")),
        ("xfs", "", Use("filesystem", "xfs")),
    ],
)
def test_kinds_of_signatures(fstype: str, label: str, use: Use) -> None:
    properties = {"ID_FS_TYPE": fstype} | ({"ID_FS_LABEL": label} if label else {})
    assert signature_uses(from_properties(properties)) == (use,)


# --- uses and the system's own disks ---

LUKS_ON_LVM = {
    "sda": Node("sda", "sda", "8:0", properties={"ID_PART_TABLE_TYPE": "gpt"}),
    "sda1": Node("sda1", "sda", "8:1", properties={"ID_FS_TYPE": "vfat"}),
    "sda2": Node("sda2", "sda", "8:2", properties={"ID_FS_TYPE": "LVM2_member"}, holders=("dm-0",)),
    "dm-0": Node("dm-0", "dm-0", "253:0", attributes={"dm/name": "vg-root"}, holders=("dm-1",)),
    "dm-1": Node("dm-1", "dm-1", "253:1", attributes={"dm/name": "luks"}),
    "sdb": Node("sdb", "sdb", "8:16"),
}


def test_root_through_partition_lvm_and_luks() -> None:
    box = Box(LUKS_ON_LVM, mounts=(Mount("253:1", "/", "/", "ext4", "/dev/mapper/luks"),))
    assert family("sda", box.nodes) == ("sda", "sda1", "sda2", "dm-0", "dm-1")
    uses = uses_of("sda", box)
    assert {Use("holder", "luks"), Use("holder", "vg-root"), Use("mounted", "/"), Use("lvm", "LVM2_member")} < set(uses)
    assert is_system("sda", uses, box)
    assert uses_of("sdb", box) == ()
    assert not is_system("sdb", (), box)


def test_root_on_a_mirror_marks_both_disks() -> None:
    nodes = {
        "md0": Node("md0", "md0", "9:0"),
        "sda": Node("sda", "sda", "8:0", holders=("md0",)),
        "sdb": Node("sdb", "sdb", "8:16", holders=("md0",)),
    }
    box = Box(nodes, mounts=(Mount("9:0", "/", "/boot/efi", "vfat", "/dev/md0"),))
    assert all(is_system(disk, uses_of(disk, box), box) for disk in ("sda", "sdb"))


def test_root_on_zfs_and_on_btrfs() -> None:
    pool = {"ID_FS_TYPE": "zfs_member", "ID_FS_LABEL": "rpool"}
    nodes = {name: Node(name, "sda", properties=pool if name == "sda3" else {}) for name in ("sda", "sda3")}
    zfs = Box(nodes, mounts=(Mount("0:25", "/", "/", "zfs", "rpool/ROOT/debian"),))
    assert is_system("sda", uses_of("sda", zfs), zfs)
    mounts = (Mount("0:30", "/@", "/", "btrfs", "/dev/sdc"),)
    btrfs = Box({n: Node(n, n) for n in ("sdc", "sdd")}, mounts=mounts, btrfs=[frozenset({"sdc", "sdd"})])
    assert all(is_system(disk, uses_of(disk, btrfs), btrfs) for disk in ("sdc", "sdd"))


def test_swap_partition_and_swap_file() -> None:
    mounts = (Mount("8:16", "/", "/data", "ext4", "/dev/sdb"),)
    box = Box(LUKS_ON_LVM, mounts=mounts, swaps=(Swap("/data/swap", "file"), Swap("/dev/sda1", "partition")))
    assert Use("swap", "/dev/sda1") in uses_of("sda", box)
    assert is_system("sda", (), box)
    assert is_system("sdb", (), box)


def test_bind_mounts_tell_nothing_new_and_data_mounts_are_no_system() -> None:
    mounts = (Mount("8:16", "/", "/data", "ext4", "/dev/sdb"), Mount("8:16", "/sub", "/srv/x", "ext4", "/dev/sdb"))
    box = Box(LUKS_ON_LVM, mounts=mounts)
    assert uses_of("sdb", box) == (Use("mounted", "/data"),)
    assert not is_system("sdb", (), box)


def test_only_whole_disks_that_can_hold_data() -> None:
    size = {"size": "2048"}
    for name in ("zram0", "ram3", "zd16", "dm-0", "md127", "fd0", "sr0", "loop0", "mmcblk0boot0"):
        assert not is_disk(Node(name, name, attributes=size))
    assert not is_disk(Node("sda1", "sda", attributes=size))
    assert not is_disk(Node("nvme0c0n1", "nvme0c0n1", attributes=size | {"hidden": "1"}))
    assert not is_disk(Node("nbd0", "nbd0", attributes={"size": "0"}))
    assert is_disk(Node("loop0", "loop0", attributes=size | {"loop/backing_file": "/a.img"}))
    assert is_disk(Node("sda", "sda", attributes={"size": "0"}))  # a disk that fails is still there


# --- names ---


def test_serial_by_order_of_trust() -> None:
    properties = {"ID_SERIAL": "shared", "ID_SERIAL_SHORT": "short", "ID_SCSI_SERIAL": "own"}
    found = []
    for drop in ("ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL", ""):
        found.append(naming.serial(Node("sda", "sda", properties=properties, attributes={"unit_serial": "page80"})))
        properties.pop(drop, None)
    assert found == ["own", "short", "shared", "page80"]


def test_unit_serial_and_bay() -> None:
    assert unit_serial(bytes.fromhex("0080000843414C5930303031")) == "CALY0001"
    assert unit_serial(b"\x00\x83\x00\x01x") == unit_serial(b"") == ""
    assert enclosure_bay(["block", "enclosure_device:Slot 07"]) == "Slot 07"


@given(st.binary())
def test_any_page_gives_text(page: bytes) -> None:
    assert unit_serial(page) == unit_serial(page).strip()


def test_links_by_content_are_no_id() -> None:
    links = "/dev/disk/by-id/lvm-pv-uuid-x /dev/disk/by-id/ata-WD_1 /dev/disk/by-id/wwn-0x5 /dev/disk/by-path/p"
    assert naming.candidates(Node("sda", "sda", properties={"DEVLINKS": links})) == ("wwn-0x5", "ata-WD_1", "sda")


def test_ids_computed_without_udev() -> None:
    ata = {"device/wwid": "t10.ATA     Samsung SSD 870             S5SXNG0N000", "device/vendor": "ATA"}
    scsi = {"device/vendor": "QEMU", "device/model": "QEMU HARDDISK", "unit_serial": "drive0"}
    nvme = {"wwid": "eui.0025385b71b00000", "device/model": "X 1", "device/serial": "S1", "nsid": "1"}
    assert naming.candidates(Node("sda", "sda", attributes=ata))[0] == "ata-Samsung_SSD_870_S5SXNG0N000"
    assert naming.candidates(Node("sda", "sda", attributes=scsi))[0] == "scsi-SQEMU_QEMU_HARDDISK_drive0"
    assert naming.candidates(Node("nvme0n1", "nvme0n1", attributes=nvme)) == (
        "nvme-eui.0025385b71b00000",
        "nvme-X_1_S1_1",
        "nvme0n1",
    )


def test_no_id_is_given_twice() -> None:
    wanted = {"sdaa": ("wwn-1", "scsi-2", "sdaa"), "sdb": ("wwn-1", "sdb"), "sdc": ("wwn-1", "sdc")}
    assert naming.assign_ids(wanted, {}) == {"sdb": "wwn-1", "sdc": "sdc", "sdaa": "scsi-2"}
    assert naming.assign_ids(wanted, {"wwn-1": "sdc"}) == {"sdb": "sdb", "sdc": "wwn-1", "sdaa": "scsi-2"}


_names = st.sampled_from(["sda", "sdb", "sdc", "vda", "nvme0n1"])


@given(st.dictionaries(_names, st.lists(st.sampled_from("pqr"))), st.dictionaries(st.sampled_from("pqr"), _names))
def test_ids_are_unique_and_complete(wanted: dict[str, list[str]], owners: dict[str, str]) -> None:
    ids = naming.assign_ids({name: (*links, name) for name, links in wanted.items()}, owners)
    assert ids.keys() == wanted.keys()
    assert len(set(ids.values())) == len(ids)


def test_a_lab_disk_has_the_shape_of_a_real_one() -> None:
    disk = lab_disk({"id": "wwn-1", "name": "sim0", "size": GIB, "slot": 3, "pool": "tank", "broken": True})
    assert (disk.id, disk.path, disk.slot, disk.simulated, disk.broken) == (
        "wwn-1",
        "/dev/disk/by-id/wwn-1",
        "3",
        True,
        True,
    )
    assert disk.uses == (Use("zfs_member", "tank"),)


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


# --- when to look ---


def test_coalescer_waits_for_quiet_but_not_for_ever() -> None:
    pending = Coalescer()
    assert not pending.due(0.0)
    pending.note("add sda", 0.0)
    assert not pending.due(QUIET / 2)
    assert pending.due(QUIET)
    for tick in range(1, 40):
        pending.note("change sda", tick / 100)
    assert pending.due(LONGEST)
    assert pending.take() == "add sda, change sda"
    pending.called(1.0)
    pending.note("remove sda", 1.0)
    assert not pending.due(1.0 + GAP * 0.9)
    assert pending.due(1.0 + GAP * 1.1)


class FakeMonitor:
    """Raises the errors in turn, and has no event."""

    def __init__(self) -> None:
        self.errors: list[OSError] = []

    def poll(self, timeout: float) -> None:
        if self.errors:
            raise self.errors.pop(0)
        time.sleep(min(timeout, 0.01))


@pytest.fixture
def watched() -> Iterator[Callable[..., list[tuple[float, str]]]]:
    """Starts a watch in a thread; gives the list that its calls are put on."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(lab: bool = False, fail: bool = False) -> list[tuple[float, str]]:
        calls: list[tuple[float, str]] = []

        def on_change(reason: str) -> None:
            calls.append((time.monotonic(), reason))
            if fail:
                raise RuntimeError("the caller's own trouble")

        threads.append(threading.Thread(target=watch, args=(stop, on_change, lab)))
        threads[-1].start()
        until(lambda: calls)
        assert calls.pop()[1] == "watch started"
        return calls

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=3)
        assert not thread.is_alive()


def until(true: Callable[[], object], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.005)


def test_lost_events_and_errors_lead_to_a_rescan(monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]) -> None:
    monitor = FakeMonitor()
    monkeypatch.setattr(watching, "open_monitor", lambda source: monitor)
    calls = watched()
    monitor.errors = [OSError(errno.ENOBUFS, "overflow")]
    until(lambda: [reason for _, reason in calls] == ["events lost"])
    monitor.errors = [OSError(errno.EBADF, "closed")]
    until(lambda: [reason for _, reason in calls] == ["events lost", "watch restarted"])


def test_a_udev_daemon_that_appears_is_listened_to(
    monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]
) -> None:
    opened: list[str] = []
    sources = ["kernel"]
    monkeypatch.setattr(watching, "open_monitor", lambda source: opened.append(source) or FakeMonitor())
    monkeypatch.setattr(watching, "event_source", lambda: sources[0])
    calls = watched(fail=True)
    sources[0] = "udev"
    until(lambda: [reason for _, reason in calls] == ["event source changed"])
    assert opened == ["kernel", "udev"]


def test_a_change_of_the_lab_is_seen(monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]) -> None:
    version = [1]
    monkeypatch.setattr(watching, "open_monitor", lambda source: FakeMonitor())
    monkeypatch.setattr(watching, "lab_version", lambda: version[0])
    calls = watched(lab=True)
    version[0] = 2
    until(lambda: [reason for _, reason in calls] == ["lab"], seconds=0.5)


# --- this machine ---


def losetup(*arguments: str) -> str:
    done = subprocess.run(["losetup", *arguments], capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """A file of 64 MiB; a loop device left on it is detached at the end."""
    path = tmp_path / "disk one.img"
    with path.open("wb") as file:
        file.truncate(64 * 1024**2)
    yield path
    for device in device_of(path).split():
        losetup("-d", device)


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


@pytest.mark.root
@needs_loop
def test_the_watch_sees_a_loop_device_come_and_go(image: Path, watched: Callable[..., list]) -> None:
    calls = watched()
    for action in ("--show --find", "--detach"):
        calls.clear()
        started = time.monotonic()
        losetup(*action.split(), str(image) if "find" in action else device_of(image))
        until(lambda: calls, seconds=0.5)
        print(f"losetup {action}: seen after {1000 * (calls[0][0] - started):.0f} ms ({calls[0][1]})")
        time.sleep(0.3)


def device_of(image: Path) -> str:
    return losetup("--noheadings", "-O", "NAME", "-j", str(image))


@pytest.mark.skipif(not Path("/sys/block").is_dir(), reason="no sysfs here")
def test_the_disk_of_the_root_file_system_is_marked() -> None:
    root = next(m for m in reversed(parse_mountinfo(Path("/proc/self/mountinfo").read_text())) if m.mountpoint == "/")
    if not Path(f"/sys/dev/block/{root.number}").exists():
        pytest.skip(f"the root file system ({root.fstype}) is on no block device")
    system = [disk for disk in real_disks() if disk.system]
    assert system
    assert any(Use("mounted", "/") in disk.uses for disk in system)
    assert all(disk.size > 0 and not disk.simulated for disk in system)


# --- the lab's disks ---


def test_the_labs_disks_stand_beside_the_real_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]
) -> None:
    from calypso.lab import state

    path = tmp_path / "state.json"
    monkeypatch.setenv(state.VARIABLE, str(path))
    monkeypatch.setattr(watching, "open_monitor", lambda source: FakeMonitor())
    calls = watched(lab=True)
    with state.change(path) as content:
        content["disks"][0]["broken"] = True
    until(lambda: [reason for _, reason in calls] == ["lab"], seconds=0.5)
    simulated = [disk for disk in all_disks(lab=True) if disk.simulated]
    assert simulated[0].broken
    assert len({disk.id for disk in simulated}) == len(simulated) > 1
    assert any(use.kind == "filesystem" for disk in simulated for use in disk.uses)
    assert not any(disk.system for disk in simulated)
    assert all_disks(lab=False) == real_disks()
