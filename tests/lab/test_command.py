"""`manage.py lab`: disks by any of their names."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management.base import CommandError

from calypso.lab.devices import simulated_disks
from calypso.management.commands import lab


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "state.db"
    monkeypatch.setattr(lab, "settings", SimpleNamespace(CALYPSO_LAB_STATE=path))
    return path


def say(*words: str) -> str:
    out = io.StringIO()
    command = lab.Command(stdout=out)
    options = vars(command.create_parser("manage.py", "lab").parse_args(list(words)))
    command.handle(**options)
    return out.getvalue()


def test_a_disk_is_pulled_and_plugged(path: Path) -> None:
    assert say("pull", "lab3") == "  4  lab3   LAB0004  wwn-0x5000c50000000004    4001 GB  pulled  -\n"
    assert len(simulated_disks(path)) == 15
    say("plug", "wwn-0x5000c50000000004")
    assert len(simulated_disks(path)) == 16


def test_a_disk_is_broken_and_repaired(path: Path) -> None:
    assert "broken" in say("break", "LAB0002")
    assert [disk["name"] for disk in simulated_disks(path) if disk["broken"]] == ["lab1"]
    assert "broken" not in say("repair", "lab1")


def test_the_list(path: Path) -> None:
    lines = say("list").splitlines()
    assert len(lines) == 16
    assert lines[15].endswith("ok      ext4")


def test_an_unknown_disk_is_told_the_known_ones(path: Path) -> None:
    with pytest.raises(CommandError, match="lab0, lab1"):
        say("pull", "sda")
