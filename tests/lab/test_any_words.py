"""Whatever the stand-ins are told, they answer: with a refusal in words, never with a traceback or a hang."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.lab_box import TOOLS, Box
from tests.support.lab_forms import both_forms

VERBS = (
    "add", "attach", "detach", "replace", "remove", "checkpoint", "online", "offline", "clear", "reopen", "labelclear",
    "scrub", "resilver", "trim", "initialize", "export", "import", "upgrade", "get", "set", "history", "list", "status",
    "create", "destroy", "sync",
)  # fmt: skip
WORDS = (
    "tank", "mirror-0", "mirror", "raidz1-0", "raidz2", "draid1:1s", "spare", "log", "special", "cache", "lab0", "lab1",
    "lab2", "lab3", "lab10", "/dev/lab4", "/dev/lab12", "all", "size", "comment=x", "ashift=13", "feature@draid",
    "-f", "-n", "-s", "-p", "-e", "-t", "-d", "-a", "-c", "-u", "-o", "-D", "-m", "-N", "-R", "-j", "-v", "-g", "-i",
    "-P", "-Hp", "--",
)  # fmt: skip
DISK_TOOLS = ("smartctl", "wipefs", "blkdiscard", "cmp", "lsblk", "ledctl", "sg_ses", "dd")
DISK_WORDS = (
    "-j", "-a", "-J", "-b", "-O", "-o", "NAME,SIZE", "-t", "short", "-X", "-l", "selftest", "-H", "-f", "-z", "-A",
    "if=/dev/zero", "of=/dev/lab3", "bs=4M", "count=1", "status=progress", "/dev/lab3", "/dev/lab12", "/dev/sda",
    "-n", "--", "locate=/dev/lab3", "--set=locate", "--index=3", "/dev/lab-enclosure", "/dev/zero", "--scan",
    "-p", "1GiB",
)  # fmt: skip
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setattr("signal.signal", lambda *_: None)  # dd's handlers
    box = Box(tmp_path / "state.db")
    box.options(now=1795412000.0, wipe_seconds=0, work_seconds=0, scrub_seconds=0, resilver_seconds=0)
    return box


@RELAXED
@given(st.lists(st.tuples(st.sampled_from(VERBS), st.lists(st.sampled_from(WORDS), max_size=5)), max_size=4))
def test_zpool(lab: Box, calls: list[tuple[str, list[str]]]) -> None:
    lab.run("zpool", "create", "tank", "mirror", "lab0", "lab1", "spare", "lab2")
    for verb, words in calls:
        said = lab.run("zpool", verb, *words)
        assert said.exit_code in (0, 1, 2, 255)
        assert said.exit_code == 0 or said.stderr or verb == "export"
    text, json = both_forms(lab)
    assert text == json
    for pool in lab.state()["pools"]:
        lab.run("zpool", "destroy", pool["name"])


@RELAXED
@given(st.sampled_from(DISK_TOOLS), st.lists(st.sampled_from(DISK_WORDS) | st.text(max_size=4), max_size=6))
def test_disk_tools(lab: Box, tool: str, words: list[str]) -> None:
    assert tool in TOOLS
    said = lab.run(tool, *words)
    assert said.exit_code >= 0
    assert said.exit_code == 0 or said.stdout or said.stderr
