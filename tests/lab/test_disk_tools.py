"""wipefs, blkdiscard, dd, cmp, lsblk, ledctl and sg_ses: on the lab's disks, and on nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from calypso.lab import happenings
from calypso.lab.state import change
from tests.support.lab_box import Box, recorded_box
from tests.support.recordings import load

BIN = Path(__file__).parents[2] / "calypso" / "lab" / "bin"
TOOLS = ("wipefs", "blkdiscard", "dd", "cmp", "lsblk", "ledctl", "sg_ses", "smartctl")
ZERO = ("if=/dev/zero", "bs=4M")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    box = Box(tmp_path / "state.db")
    box.options(wipe_seconds=0)
    return box


def disk(lab: Box, name: str) -> dict[str, Any]:
    return dict(next(disk for disk in lab.state()["disks"] if disk["name"] == name))


def types(lab: Box, name: str) -> list[str]:
    said = lab.ok("wipefs", "-J", "--", f"/dev/{name}")
    return [one["type"] for one in json.loads(said)["signatures"]] if said else []


def test_wipefs_lists_and_erases(lab: Box) -> None:
    assert types(lab, "lab15") == ["ext4"]
    said = lab.ok("wipefs", "-a", "--", "/dev/lab15")
    assert said.startswith("/dev/lab15: 2 bytes were erased at offset 0x00000438 (ext4): 53 ef\n")
    assert types(lab, "lab15") == [] and disk(lab, "lab15")["fstype"] == ""
    assert lab.ok("wipefs", "-a", "/dev/lab15") == ""


def test_wipefs_keeps_off_disks_in_use(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "lab0")
    assert types(lab, "lab0") == ["gpt", "gpt", "PMBR"]
    said = lab.run("wipefs", "-a", "/dev/lab0")
    assert (said.exit_code, said.stderr) == (
        1,
        "wipefs: error: /dev/lab0: probing initialization failed: Device or resource busy\n",
    )
    lab.ok("zpool", "export", "tank")
    lab.ok("wipefs", "-a", "/dev/lab0")
    assert lab.run("zpool", "import").stderr == "no pools available to import\n"
    lab.ok("zpool", "create", "other", "lab0")


def test_a_mirror_that_lost_one_label_comes_back_degraded(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    lab.ok("zpool", "export", "tank")
    lab.ok("wipefs", "-a", "/dev/lab0")
    assert " state: DEGRADED" in lab.ok("zpool", "import")
    lab.ok("zpool", "import", "tank")
    assert "was /dev/disk/by-id/" in lab.ok("zpool", "status") or "was /dev/lab0" in lab.ok("zpool", "status")
    lab.options(resilver_seconds=0)
    lab.ok("zpool", "replace", "tank", "lab0")
    assert " state: ONLINE" in lab.ok("zpool", "status")


def test_blkdiscard(lab: Box) -> None:
    lab.options(wipe_seconds=0)
    size = disk(lab, "lab10")["size"]
    said = lab.ok("blkdiscard", "-v", "-p", "1GiB", "-l", str(size), "--", "/dev/lab10")
    lines = [line.split() for line in said.splitlines()]
    assert sum(int(line[2]) for line in lines) == size and len(lines) <= 60
    assert lab.run("cmp", "-n", str(size), "--", "/dev/zero", "/dev/lab10").exit_code == 0
    spinning = lab.run("blkdiscard", "/dev/lab0")
    assert spinning.stderr == "blkdiscard: /dev/lab0: BLKDISCARD ioctl failed: Operation not supported\n"


def test_dd_to_the_end(lab: Box) -> None:
    said = lab.run("dd", *ZERO, "of=/dev/lab15", "conv=fsync,nocreat", "status=progress")
    assert said.exit_code == 1
    assert said.stderr.splitlines()[-4] == "dd: error writing '/dev/lab15': No space left on device"
    assert said.stderr.splitlines()[-2].endswith(" records out")
    size = disk(lab, "lab15")["size"]
    exact = lab.run("dd", *ZERO, "of=/dev/lab15", f"count={size}", "iflag=count_bytes")
    assert exact.exit_code == 0 and f"{size} bytes (" in exact.stderr
    assert types(lab, "lab15") == []
    assert lab.run("cmp", "-n", str(size), "--", "/dev/zero", "/dev/lab15").exit_code == 0


def test_cmp_finds_what_is_left(lab: Box) -> None:
    said = lab.run("cmp", "-n", "1000", "--", "/dev/zero", "/dev/lab3")
    assert (said.exit_code, said.stdout) == (1, "/dev/zero /dev/lab3 differ: byte 1, line 1\n")
    lab.run("dd", *ZERO, "of=/dev/lab3", "count=4194304", "iflag=count_bytes")
    assert lab.run("cmp", "-n", "4194304", "--", "/dev/zero", "/dev/lab3").exit_code == 0
    lab.ok("zpool", "create", "tank", "lab3")
    assert lab.run("cmp", "-n", "4194304", "--", "/dev/zero", "/dev/lab3").exit_code == 1


@pytest.mark.process
def test_dd_ends_at_sigterm_and_leaves_the_rest(lab: Box) -> None:
    lab.options(wipe_seconds=60)
    argv = ["dd", *ZERO, "of=/dev/lab15", "status=progress"]
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    with subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE) as dd:
        time.sleep(3)
        dd.terminate()
        _, printed = dd.communicate(timeout=10)
    assert dd.returncode == -signal.SIGTERM
    assert printed.startswith(b"\r") and b" copied, " in printed and b"records" not in printed
    found = disk(lab, "lab15")
    assert found["fstype"] == "" and 0 < found["blank"] < found["size"] // 2


def test_a_pool_whose_disk_is_overwritten_finds_out(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1")
    lab.run("dd", *ZERO, "of=/dev/lab1", "count=1")
    lab.options(scrub_seconds=0)
    lab.ok("zpool", "scrub", "tank")
    assert "One or more devices has experienced an unrecoverable error." in lab.ok("zpool", "status")


@pytest.mark.parametrize(
    "path", ["/dev/sda", "/dev/null", "/etc/passwd", "/tmp/x", "/dev/../dev/lab0", "/dev/lab99", ""]
)
def test_nothing_but_the_labs_disks(lab: Box, path: str, tmp_path: Path) -> None:
    before = lab.state()
    words: dict[str, list[list[str]]] = {
        "wipefs": [["-a", "-f", path], ["-J", path]],
        "blkdiscard": [["-f", path], ["-f", "-z", path]],
        "dd": [[*ZERO, f"of={path}"], [f"if={path}", "of=/dev/lab0"], ["if=/dev/zero"]],
        "cmp": [["-n", "1", "/dev/zero", path], ["/dev/lab0", path]],
        "lsblk": [["-J", path]],
        "ledctl": [[f"locate={path or '/dev/sda'}"]],
        "sg_ses": [["--index=1", "--set=locate", path]],
    }
    for tool, calls in words.items():
        for argv in calls:
            said = lab.run(tool, *argv)
            assert said.exit_code != 0, (tool, argv, said)
    assert lab.state() == before
    assert not list(tmp_path.glob("x"))


def test_a_real_file_of_that_name_is_not_written(lab: Box, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("kept")
    assert lab.run("dd", *ZERO, f"of={file}").exit_code == 1
    assert lab.run("wipefs", "-a", "-f", str(file)).exit_code == 1
    assert lab.run("blkdiscard", "-f", str(file)).exit_code == 1
    assert file.read_text() == "kept"


def test_a_pulled_disk_is_away_and_a_broken_one_fails(lab: Box) -> None:
    lab.disk(happenings.pull, "lab3")
    lab.disk(happenings.break_, "lab4")
    assert lab.run("wipefs", "-a", "/dev/lab3").stderr.endswith("failed: No such file or directory\n")
    assert lab.run("dd", *ZERO, "of=/dev/lab4").stderr == "dd: failed to open '/dev/lab4': Input/output error\n"


def test_the_lights(lab: Box) -> None:
    lab.ok("ledctl", "-x", "locate=/dev/lab2")
    assert lab.ok("sg_ses", "--index=3", "--get=locate", "/dev/lab-enclosure") == "1\n"
    assert "slot: 3      led state: LOCATE       device: /dev/lab2\n" in lab.ok("ledctl", "--list-slots")
    lab.ok("sg_ses", "--index=3", "--clear=locate", "/dev/lab-enclosure")
    assert disk(lab, "lab2")["locate"] is False
    assert lab.run("ledctl", "locate=/dev/lab12").exit_code == 1
    assert lab.ok("ledctl", "-L").endswith(" (SCSI)\n")


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "recorded.db"))
    box = recorded_box(tmp_path / "recorded.db")
    with change(box.path) as state:
        for one in state["disks"]:
            one["serial"] = one["serial"].replace("LAB", "CALY")
            one["model"] = one["model"].replace("QEMU HARDDISK", "QEMU DISK1G")
            one["rotational"] = not one["name"].startswith(("nvme", "v"))
            one["transport"] = "" if one["transport"] == "sas" else one["transport"]
    return box


UNLIKE = {"disc-max", "subsystems", "maj:min", "opt-io", "partuuid", "ptuuid", "partlabel", "uuid", "start"}


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        if key == "children":
            for our, their in zip(ours[key], value, strict=True):
                same(our, their)
        elif key not in UNLIKE:
            assert ours[key] == value, key


@pytest.mark.parametrize("number", ["01", "02", "03", "04"])
def test_lsblk_as_recorded(box: Box, number: str) -> None:
    if number in ("03", "04"):
        box.run(*load("zpool", "009").argv)
    recording = load("lsblk", number)
    ours = {one["name"]: one for one in json.loads(box.ok(*recording.argv))["blockdevices"]}
    theirs = {one["name"]: one for one in json.loads(recording.stdout)["blockdevices"]}
    same(ours["sda"], theirs["sda"])


def test_lsblk_lays_its_json_out_as_recorded(box: Box) -> None:
    recording = load("lsblk", "01")
    first = recording.stdout.split("},{")[1].splitlines()
    assert box.ok(*recording.argv).split("},{")[0].splitlines()[3:] == first[1:]
    missing = load("lsblk", "05")
    said = box.run(*missing.argv)
    assert (said.exit_code, said.stdout, said.stderr) == (32, missing.stdout, missing.stderr)


def test_every_program_starts(lab: Box) -> None:
    assert {path.name for path in BIN.iterdir() if os.access(path, os.X_OK)} >= set(TOOLS)
