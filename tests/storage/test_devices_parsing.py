"""What the kernel and blkid say of devices, read: /proc, and what is written on a disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.adapters.blkid import parse_export
from apps.storage.devices import Use
from apps.storage.devices.proc import Mount, Swap, mount_of, parse_mountinfo, parse_swaps
from apps.storage.devices.signatures import _answer, from_properties, signature_uses
from calypso.kernel.errors import ToolGarbage

pytestmark = pytest.mark.process

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
