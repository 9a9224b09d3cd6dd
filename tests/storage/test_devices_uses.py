"""What disks are used for, by hand-made boxes: which are the system's own, and which can hold data."""

from __future__ import annotations

import pytest

from apps.storage.devices import Use
from apps.storage.devices.nodes import Node
from apps.storage.devices.proc import Mount, Swap
from apps.storage.devices.real import is_disk
from apps.storage.devices.uses import Box, family, is_system, uses_of

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("real_tools")]  # asks the machine itself: blkid

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
