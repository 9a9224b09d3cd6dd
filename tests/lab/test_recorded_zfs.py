"""zfs says what the real tool said: its recorded story told again from the first command to the last, and compared.

stdout, stderr and exit code are equal but for GUIDs, times, txg and object numbers, which only the real box had. Where
a pool's own metadata shows, the lab is told the recorded figure first.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from calypso.lab import happenings, sizes, writing, zfs
from calypso.lab.state import change
from calypso.lab.zfs.tree import Forest
from tests.support.lab_box import Box, recorded_box
from tests.support.recordings import load, numbers

D = "/dev/disk/by-id/wwn-0x5000c500000000"
MIB = 1024**2
UNPRIVILEGED = ("120", "121", "122", "123")
NOT_COMPARED = {
    "079": "the size of a stream is an estimate over blocks that the lab does not have; its form is compared below",
    "080": "as 079",
    "081": "as 079",
    "082": "needs a terminal; compared in test_send_to_a_terminal",
    "083": "a stream: the lab carries none and says so",
    "084": "a stream",
    "085": "a stream",
    "086": "a stream",
    "087": "a stream",
    "088": "a stream",
    "089": "a stream",
    "091": "a stream",
    "092": "the token of a stream that was cut",
    "093": "as 092",
    "094": "a stream",
    "095": "a stream",
    "130": "dd in a file system: the lab's is not one; compared in test_writing_beyond_quota_and_space",
    "131": "as 130",
    "142": "dd of a damaged file",
    "143": "a stream",
    "146": "SCST holds the volume: compared in test_a_volume_in_use",
    "147": "two commands in a shell: told in test_a_volume_in_use",
    "148": "as 147, and SCST's own file",
}  # fmt: skip


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return recorded_box(tmp_path / "state.db")


def plain(text: str) -> str:
    text = re.sub(r"\b[0-9]{17,20}\b", "GUID", text)
    text = re.sub(r"\b179541[0-9]{4}(\.\d+)?\b", "TIME", text)
    text = re.sub(r"Mon Nov 23 \d\d:\d\d 2026", "DATE", text)
    text = re.sub(r'"createtxg":(\{"value":)?"\d+"', r'"createtxg":\1"N"', text)
    text = re.sub(r'"objsetid":\{"value":"\d+"', '"objsetid":{"value":"N"', text)
    return re.sub(r"\t(createtxg|objsetid)\t\d+", r"\t\1\tN", text)


def used(box: Box, pool: str, size: int) -> None:
    """The pool's root dataset uses so many bytes in all; the rest is the pool's own metadata."""
    with change(box.path) as state:
        found = next(one for one in state["pools"] if one["name"] == pool)
        found["allocated"] += 10 * MIB
        over = Forest(state).open(pool).used - size
        found["allocated"] -= over * 2**40 // sizes.deflated_pool(state, found, 2**40)
        assert abs(Forest(state).open(pool).used - size) < 16


def referenced(box: Box, name: str, size: int) -> None:
    """The dataset's own data is so big: bring it there by a write without a file."""
    with change(box.path) as state:
        item = Forest(state).open(name)
        assert writing.write(state, name, size - item.row["referenced"]) == ""


def write(box: Box, name: str, size: int, files: int = 1) -> None:
    with change(box.path) as state:
        assert writing.write(state, name, size, files=files) == ""


def snapshots_txg(box: Box, text: str) -> str:
    """txg numbers of `zfs list` rows: only their order is the tool's doing."""
    return re.sub(r"(GUID\t)\d+", r"\1N", text)


class Story:
    def __init__(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        self.box, self.monkeypatch, self.told = box, monkeypatch, set[str]()

    def tell(self, first: int, last: int | None = None) -> None:
        """These recordings, one after the other, but for those that are not compared."""
        for number in range(first, (last or first) + 1):
            self.one(f"{number:03d}")

    def one(self, number: str) -> None:
        if number in NOT_COMPARED:
            return
        recording = load("zfs", number)
        with self.monkeypatch.context() as patch:
            if number in UNPRIVILEGED:
                patch.setenv("CALYPSO_LAB_UNPRIVILEGED", "1")
            said = self.box.run(*recording.argv, stdin=recording.stdin.encode())
        got = (snapshots_txg(self.box, plain(said.stdout)), said.stderr, said.exit_code)
        wanted = (snapshots_txg(self.box, plain(recording.stdout)), recording.stderr, recording.exit_code)
        assert got == wanted, recording.name
        self.told.add(number)

    def do(self, act: Callable[..., object], *arguments: object) -> None:
        with change(self.box.path) as state:
            act(state, *arguments)


def test_the_story(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(box, monkeypatch)
    _first_day(box)
    story.tell(1, 12)
    referenced(box, "tank", 106_496)
    used(box, "tank", 754_376_704)
    used(box, "vault", 572_880)
    story.tell(13, 21)
    box.ok("zfs", "unmount", "tank/secret")
    story.tell(22, 31)
    write(box, "tank/fs1", 15_826_944, files=3)
    story.tell(32, 38)
    box.advance(3)
    write(box, "tank/fs1", 7_380_992)
    box.ok("zfs", "snapshot", "tank/fs1@s2")
    story.do(writing.erase, "tank/fs1")
    box.ok("zfs", "snapshot", "tank/fs1@s3")
    story.tell(39, 78)
    _sizes_of_streams(box)
    box.ok("zfs", "snapshot", "tank/data@p", "tank/fs1@s4", "tank/secret@r1")
    story.tell(79, 122)
    used(box, "tank", 814_292_992)
    story.tell(123, 129)
    _full(story)
    story.tell(135, 137)
    _in_use(story)
    story.tell(144, 145)
    assert story.told | NOT_COMPARED.keys() == set(numbers("zfs"))


def _sizes_of_streams(box: Box) -> None:
    """Names, kinds and the sum; the figures themselves are near the recorded ones."""
    for number in ("079", "080", "081"):
        recording = load("zfs", number)
        said = box.ok(*recording.argv)
        assert re.sub(r"\d+$", "N", said, flags=re.M) == re.sub(r"\d+$", "N", recording.stdout, flags=re.M)
        sizes_of = [[int(size) for size in re.findall(r"(\d+)$", text, re.M)] for text in (said, recording.stdout)]
        assert all(abs(a - b) < 0.05 * b for a, b in zip(*sizes_of, strict=True)), sizes_of
        assert sum(sizes_of[0][:-1]) == sizes_of[0][-1]


def _full(story: Story) -> None:
    box = story.box
    box.ok("zfs", "destroy", "-r", "tank/vol1")
    box.ok("zfs", "create", "tank/full")
    with change(box.path) as state:
        assert writing.write(state, "tank/full", 2000 * MIB) == "No space left on device"
    used(box, "tank", 1_879_621_632)
    story.tell(132, 134)
    box.ok("zfs", "destroy", "tank/full")


def _in_use(story: Story) -> None:
    box = story.box
    box.ok("zfs", "mount", "tank/manual")
    story.do(writing.hold, "tank/manual", "bash")
    story.tell(138, 139)
    recorded = load("zpool", "131")
    said = box.run(*recorded.argv)
    assert (said.exit_code, said.stdout, said.stderr) == (recorded.exit_code, recorded.stdout, recorded.stderr)
    story.tell(140)
    story.do(writing.let_go, "tank/manual")
    story.do(writing.hold, "tank/vol2", "dd")
    story.tell(141)
    box.ok("zpool", "create", "susp", D + "09")
    box.disk(happenings.pull, "LAB0009")


def _first_day(box: Box) -> None:
    options = ["-O", "compression=lz4", "-O", "atime=off", "-m", "/tank"]
    box.ok("zpool", "create", *options, "tank", "mirror", D + "01", D + "02", "mirror", D + "07", D + "08")
    box.ok("zpool", "create", "vault", "raidz1", D + "03", D + "04", D + "05")
    box.ok("zfs", "create", "-o", "compression=off", "tank/data")
    referenced(box, "tank/data", 682_160_128)
    referenced(box, "vault", 130_944)
    used(box, "tank", 682_934_272)
    used(box, "vault", 572_880)


@pytest.fixture
def tank(box: Box) -> Box:
    """A pool with a file system, a volume and a snapshot of each."""
    box.ok("zpool", "create", "tank", "mirror", D + "01", D + "02")
    box.ok("zfs", "create", "tank/fs1")
    box.ok("zfs", "create", "-V", "64M", "tank/lun0")
    box.ok("zfs", "snapshot", "-r", "tank@s1")
    return box


@pytest.mark.process
def test_send_to_a_terminal(tank: Box) -> None:
    recorded = load("zfs", "082")
    program = str(Path(zfs.__file__).parents[1] / "bin" / "zfs")
    ours, theirs = pty.openpty()
    done = subprocess.run([program, *recorded.argv[1:]], stdout=theirs, stderr=theirs, check=False)
    assert (done.returncode, os.read(ours, 4096).decode()) == (recorded.exit_code, recorded.stdout)
    os.close(ours)
    os.close(theirs)


def test_no_stream_is_pretended(tank: Box) -> None:
    said = tank.run("zfs", "send", "tank/fs1@s1")
    assert (said.exit_code, said.stdout) == (1, "") and "carries no streams" in said.stderr
    stream = bytes(4) + (0x2F5BACBAC).to_bytes(8, "little") + bytes(300)
    assert "carries no streams" in tank.run("zfs", "recv", "tank/other", stdin=stream).stderr


def test_writing_beyond_quota_and_space(tank: Box) -> None:
    tank.ok("zfs", "set", "quota=40M", "tank/fs1")
    with change(tank.path) as state:
        assert writing.write(state, "tank/fs1", 100 * MIB) in load("zfs", "130").stderr
    assert tank.ok("zfs", "list", "-Hp", "-o", "used,available", "tank/fs1") == f"{40 * MIB}\t0\n"
    tank.ok("zfs", "set", "quota=none", "tank/fs1")
    with change(tank.path) as state:
        assert writing.write(state, "tank/fs1", 2000 * MIB) in load("zfs", "131").stderr
    assert tank.ok("zfs", "list", "-Hp", "-o", "available", "tank") == "0\n"


def test_a_volume_in_use(tank: Box) -> None:
    with change(tank.path) as state:
        writing.hold(state, "tank/lun0", "scst", kind="zvol")
    recorded = load("zfs", "146")
    tank.ok("zfs", "destroy", "tank/lun0@s1")
    said = tank.run(*recorded.argv)
    assert (said.exit_code, said.stdout, said.stderr) == (recorded.exit_code, recorded.stdout, recorded.stderr)
    exported = load("zpool", "215")
    said = tank.run(*exported.argv)
    assert (said.exit_code, said.stdout, said.stderr) == (exported.exit_code, exported.stdout, exported.stderr)
    tank.ok("zfs", "snapshot", "tank/lun0@r")
    tank.ok("zfs", "rollback", "tank/lun0@r")
    tank.ok("zfs", "rename", "tank/lun0", "tank/lun1x")
    assert tank.run("zfs", "destroy", "-r", "tank/lun1x").stderr == "cannot destroy 'tank/lun1x': dataset is busy\n"
