"""`zpool get`, `set`, `history`, `events` and `iostat` beyond the recordings."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.lab_box import Box

START = 1795412000.0


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    box = Box(tmp_path / "state.db")
    box.options(now=START)
    return box


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("bogus=1", "invalid property 'bogus'"),
        ("autotrim=maybe", "'autotrim' must be one of 'on | off'"),
        ("failmode=x", "'failmode' must be one of 'wait | continue | panic'"),
        ("comment=" + "x" * 40, "comment must not exceed 32 characters"),
        ("guid=1", "'guid' is readonly"),
    ],
)
def test_refused_properties(lab: Box, pair: str, message: str) -> None:
    lab.ok("zpool", "create", "tank", "lab0")
    said = lab.run("zpool", "set", pair, "tank")
    assert (said.exit_code, said.stderr) == (1, f"cannot set property for 'tank': {message}\n")


def test_properties_and_history(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "lab0")
    lab.ok("zpool", "set", "comment=backups of 2027", "tank")
    assert lab.ok("zpool", "get", "-Hp", "-o", "value,source", "comment", "tank") == "backups of 2027\tlocal\n"
    lab.ok("zpool", "set", "comment=left", "tank", "lab0")
    assert lab.ok("zpool", "get", "-H", "comment", "tank", "lab0") == "lab0\tcomment\tleft\tlocal\n"
    assert lab.ok("zpool", "history", "tank").splitlines()[1:-1] == [
        "2026-11-23.05:33:20 zpool create tank lab0",
        "2026-11-23.05:33:20 zpool set comment=backups of 2027 tank",
        "2026-11-23.05:33:20 zpool set comment=left tank lab0",
    ]
    lab.ok("zpool", "scrub", "tank")
    kinds = [line.split("\t")[1] for line in lab.ok("zpool", "events", "-H").splitlines()]
    assert kinds[0] == "sysevent.fs.zfs.pool_create" and kinds[-1] == "sysevent.fs.zfs.scrub_start"
    assert lab.ok("zpool", "events", "-c") == f"cleared {len(kinds)} events\n"


def test_iostat_moves_and_adds_up(lab: Box) -> None:
    lab.ok("zpool", "create", "tank", "mirror", "lab0", "lab1", "log", "lab10")
    seen = set()
    for _ in range(5):
        rows = [line.split("\t") for line in lab.ok("zpool", "iostat", "-v", "-Hp").splitlines() if line]
        assert [row[0] for row in rows] == ["tank", "mirror-0", "lab0", "lab1", "lab10"]
        assert int(rows[0][4]) == int(rows[2][4]) + int(rows[3][4])
        seen.add(tuple(rows[0]))
        lab.advance(1)
    assert len(seen) > 1
    assert len(lab.ok("zpool", "iostat", "-Hplq", "tank").split("\t")) == 32


def test_iostat_over_an_interval_prints_that_one(lab: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: (slept.append(seconds), lab.advance(seconds)))
    lab.ok("zpool", "create", "tank", "lab0")
    assert len(lab.ok("zpool", "iostat", "-Hpvly", "--", "tank", "2", "1").splitlines()) == 2
    assert slept == [2]
    assert len(lab.ok("zpool", "iostat", "-Hp", "tank", "1", "3").splitlines()) == 3
    assert slept == [2, 1, 1]


@pytest.mark.parametrize(
    "words", ["iostat -w", "status -c smart", "import -F tank", "create -t x tank lab0", "wait tank 1"]
)
def test_what_the_lab_can_not_do_it_refuses(lab: Box, words: str) -> None:
    assert lab.run("zpool", *words.split()).exit_code == 2
