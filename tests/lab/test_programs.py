"""The stand-ins as programs, read back by the adapters; and the way a scrub goes in simulated time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.adapters import zpool
from apps.storage.adapters.zfs.lists import names_argv, parse_names
from calypso.lab import happenings
from calypso.lab.devices import simulated_disks
from calypso.lab.disks import by_name
from calypso.lab.state import change
from tests.support.lab_box import Box, Said
from tests.support.lab_forms import both_forms

BIN = Path(__file__).parents[2] / "calypso" / "lab" / "bin"
BY_ID = "/dev/disk/by-id/"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return Box(tmp_path / "state.db")


def program(lab: Box, argv: list[str], *, variable: bool = True) -> Said:
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C", "TZ": "UTC"}
    environment |= {"CALYPSO_LAB_STATE": str(lab.path)} if variable else {}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, cwd="/", check=False)
    return Said(done.returncode, done.stdout, done.stderr)


def paths(lab: Box, *places: int) -> list[str]:
    disks = simulated_disks(lab.path)
    return [disks[place]["path"] for place in places]


@pytest.mark.process
def test_a_pool_from_its_argv_to_its_end(lab: Box) -> None:
    vdevs = [("raidz2", "data", paths(lab, 0, 1, 2, 3)), ("mirror", "log", paths(lab, 12, 13))]
    vdevs += [("stripe", "spare", paths(lab, 4))]
    argv = zpool.create_argv("tank", vdevs, properties={"ashift": "12"})
    assert program(lab, argv) == Said(0, "", "")
    assert zpool.parse_version(program(lab, zpool.version_argv()).stdout) >= (2, 3, 0)
    (info,) = zpool.parse_list(program(lab, zpool.list_argv()).stdout)
    assert (info.name, info.health, info.readonly) == ("tank", "ONLINE", False)
    looks = [program(lab, zpool.status_argv(json=False, naming=look)).stdout for look in ("names", "guids", "paths")]
    text = zpool.parse_status_text(looks[0], guids=looks[1], paths=looks[2])
    assert text == zpool.parse_status_json(program(lab, zpool.status_argv(json=True, names=["tank"])).stdout)
    assert [vdev.type for vdev in text[0].group("data") + text[0].group("log")] == ["raidz2", "mirror"]
    assert parse_names(program(lab, names_argv("tank")).stdout) == ("tank",)
    assert {disk["pool"] for disk in simulated_disks(lab.path)} == {"tank", ""}
    assert program(lab, zpool.destroy_argv("tank")) == Said(0, "", "")
    assert zpool.parse_list(program(lab, zpool.list_argv()).stdout) == ()


@pytest.mark.process
def test_without_a_state_file_it_says_so(lab: Box) -> None:
    said = program(lab, ["zpool", "list"], variable=False)
    assert said.exit_code == 1 and "CALYPSO_LAB_STATE" in said.stderr


@pytest.mark.process
def test_it_needs_nothing_but_the_standard_library(lab: Box) -> None:
    code = "import sys; sys.argv[0] = 'zpool'; from calypso.lab import zpool, zfs; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(BIN.parents[2])!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_a_scrub_moves_in_simulated_time(lab: Box) -> None:
    lab.ok(*zpool.create_argv("tank", [("mirror", "data", paths(lab, 0, 1))]))
    lab.options(now=1795412000)
    lab.ok(*zpool.scrub_argv("tank"))
    seen = []
    for _ in range(4):
        (text,), (json,) = both_forms(lab)
        assert text == json and text.scan is not None
        seen.append((text.scan.state, text.scan.percent))
        lab.advance(3)
    assert seen == [("in_progress", 0.0), ("in_progress", 37.5), ("in_progress", 75.0), ("finished", None)]


def test_both_forms_agree_about_every_mishap(lab: Box) -> None:
    lab.options(now=1795412000)
    vdevs = [("raidz1", "data", paths(lab, 0, 1, 2)), ("mirror", "log", paths(lab, 12, 13))]
    lab.ok(*zpool.create_argv("tank", [*vdevs, ("stripe", "spare", paths(lab, 3))]))
    lab.ok(*zpool.create_argv("solo", [("stripe", "data", paths(lab, 5))]))
    actions = [happenings.pull, happenings.break_, happenings.plug, happenings.repair]
    for name in ("lab0", "lab5", "lab12", "lab1", "lab3", "lab2"):
        for action in actions:
            lab.disk(action, name)
            text, json = both_forms(lab)
            assert text == json
            listed = {info.name: info.health for info in zpool.parse_list(lab.ok(*zpool.list_argv()))}
            assert listed == {pool.name: pool.state for pool in text}
            lab.advance(2)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create", "t", "mirror", "{0}", "{14}"], "different_sizes"),
        (["create", "t", "mirror", "{0}", "{1}", "raidz1", "{2}", "{3}", "{4}"], ""),
        (["create", "t", "mirror", "{0}", "{1}", "raidz2", "{2}", "{3}", "{4}", "{5}"], "mixed_replication"),
        (["create", "t", "{0}", "mirror", "{1}", "{2}"], "mixed_replication"),
        (["create", "t", "{15}"], "disk_has_data"),
        (["create", "t", "/dev/sda"], "no_such_device"),
        (["create", "t", "nonsense"], "no_such_device"),
        (["create", "log", "{0}"], "reserved_name"),
        (["create", "-f", "a$b", "{0}"], "bad_name"),
        (["scrub", "-p", "t"], "no_such_pool"),
        (["create"], "bad_usage"),
        (["create", "--nonsense"], "bad_usage"),
        (["online", "t", "x"], "no_such_pool"),
    ],
)
def test_refusals_have_names(lab: Box, words: list[str], code: str) -> None:
    argv = ["zpool", *(word.format(*paths(lab, *range(16))) for word in words)]
    said = lab.run(*argv)
    error = zpool.error_from(argv, said.exit_code, said.stdout, said.stderr) if said.exit_code else None
    assert (error.code if error else "") == code, said


@pytest.mark.process
def test_a_scrub_of_a_suspended_pool_waits(lab: Box) -> None:
    lab.ok(*zpool.create_argv("solo", [("stripe", "data", paths(lab, 0))]))
    lab.disk(happenings.pull, "lab0")
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    with subprocess.Popen(["zpool", "scrub", "solo"], env=environment) as scrub:
        with pytest.raises(subprocess.TimeoutExpired):
            scrub.wait(0.5)
        lab.options(resilver_seconds=0)
        lab.disk(happenings.plug, "lab0")
        lab.ok("zpool", "clear", "solo")
        assert scrub.wait(5) == 0


words = st.sampled_from(
    [
        "create",
        "status",
        "list",
        "destroy",
        "scrub",
        "clear",
        "offline",
        "import",
        "export",
        "get",
        "tank",
        "mirror",
        "raidz2",
        "log",
        "spare",
        "/dev/lab0",
        "/dev/lab1",
        "/dev/lab2",
        "-f",
        "-j",
        "-o",
        "-v",
        "-p",
        "-r",
        "-V",
        "--",
        "-Hp",
    ]
) | st.text(max_size=6)


def test_any_words_are_answered(lab: Box) -> None:
    with change(lab.path) as state:
        assert by_name(state, "lab0")

    @settings(max_examples=120, deadline=None)
    @given(st.sampled_from(["zpool", "zfs"]), st.lists(words, max_size=7))
    def check(tool: str, argv: list[str]) -> None:
        said = lab.run(tool, *argv)
        assert said.exit_code in (0, 1, 2, 255)
        assert said.exit_code == 0 or said.stderr or "export" in argv

    check()
    assert not re.search("Traceback", lab.run("zpool", "status").stderr)
