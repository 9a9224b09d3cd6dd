"""The lab's chronyc and chronyd against the recordings, and its clock when servers, units and files change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from apps.system.adapters import chrony
from calypso.lab import etc
from calypso.lab.bus import units
from calypso.lab.state import change, read, state_version
from tests.support.lab_box import Box
from tests.support.recordings import load


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    etc.prepare(tmp_path / "root")
    with change() as state:
        units.ensure(state)
    return Box(tmp_path / "state.db")


def restart(lab: Box) -> None:
    with change() as state:
        unit = units.find(state, "chrony.service")
        assert unit is not None
        units.start(state, unit)


def settle(lab: Box) -> None:
    with change() as state:
        unit = units.find(state, "chrony.service")
        assert unit is not None
        state["options"]["now"] = unit["since"] + 60


def test_what_it_prints_unsynchronised_stopped_and_unknown_is_as_recorded(lab: Box) -> None:
    with change() as state:
        state["time"] = {"synchronised": False}
    assert lab.ok("chronyc", "-c", "tracking") == load("chronyc", "01").stdout
    conf = etc.root() / "etc/chrony/chrony.conf"
    conf.write_text("server 192.0.2.10 iburst\n")
    restart(lab)
    assert lab.ok("chronyc", "-c", "sources") == load("chronyc", "15").stdout
    conf.write_text("")
    restart(lab)
    assert lab.ok("chronyc", "-c", "sources") == load("chronyc", "03").stdout == ""
    for number, argv in (("19", ["chronyc", "-c", "frobnicate"]), ("20", ["chronyc", "-c", "tracking"])):
        recorded, said = load("chronyc", number), lab.run(*argv)
        assert (said.exit_code, said.stdout, said.stderr) == (1, recorded.stdout, recorded.stderr)
        with change() as state:
            unit = units.find(state, "chrony.service")
            assert unit is not None
            units.stop(state, unit)


def test_sources_come_from_the_file_at_the_services_start(lab: Box) -> None:
    (etc.root() / "etc/chrony/chrony.conf").write_text("server a.test iburst\nserver gone.invalid\n")
    restart(lab)
    assert not chrony.parse_tracking(lab.ok("chronyc", "-c", "-n", "tracking")).synchronised, "it has just started"
    settle(lab)
    best, gone = chrony.parse_sources(lab.ok("chronyc", "-c", "-N", "sources"))
    assert (best.address, best.state, gone.address, gone.state) == ("a.test", "selected", "gone.invalid", "unusable")
    assert chrony.parse_tracking(lab.ok("chronyc", "-c", "-n", "tracking")).synchronised


@pytest.mark.parametrize(
    ("number", "text"),
    [("01", "server a.example iburst\npool b iburst maxsources 4\nbogus x\n"), ("02", "server\n")],
)
def test_a_wrong_file_is_told_as_chronyd_tells_it(lab: Box, tmp_path: Path, number: str, text: str) -> None:
    path, recorded = tmp_path / "bad.conf", load("chronyd", number)
    path.write_text(text)
    said = lab.run("chronyd", "-p", "-f", str(path))
    words = recorded.stderr.replace("/tmp/bad.conf", str(path)).partition(" ")[2]
    assert (said.exit_code, said.stdout, said.stderr.partition(" ")[2]) == (1, recorded.stdout, words)


def test_debians_file_is_right(lab: Box) -> None:
    said = lab.run("chronyd", "-p", "-f", str(etc.root() / "etc/chrony/chrony.conf"))
    assert (said.exit_code, said.stderr) == (0, "")


def test_two_who_make_the_files_at_once_agree(tmp_path: Path) -> None:
    etc.prepare(tmp_path / "root")
    (tmp_path / "root/etc/hostname").write_text("changed\n")
    etc.prepare(tmp_path / "root")
    assert (tmp_path / "root/etc/hostname").read_text() == "changed\n"
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


WRITER = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError:
    sys.exit(0)
sys.exit(1)
"""


@pytest.mark.process
def test_asking_for_the_version_drops_no_lock(lab: Box) -> None:
    """POSIX locks of a process go with any descriptor of the file that it closes; SQLite's are such."""
    before = state_version()
    with change() as state:
        state["options"]["x"] = 1
        for _ in range(3):
            assert state_version() == before
        other = subprocess.run([sys.executable, "-c", WRITER, str(lab.path)], check=False)
    assert other.returncode == 0, "somebody else could write at the same time"
    assert state_version() != before and read()["options"]["x"] == 1
