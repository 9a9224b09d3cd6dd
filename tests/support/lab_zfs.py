"""A lab with one small pool, for tests of the zfs stand-in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calypso.lab import writing
from calypso.lab.state import change
from tests.support.lab_box import Box, recorded_box

D = "/dev/disk/by-id/wwn-0x5000c500000000"
MIB = 1024**2


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    """tank on a mirror of two disks of 1 GiB; the clock stands still."""
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    found = recorded_box(tmp_path / "state.db")
    found.ok("zpool", "create", "tank", "mirror", D + "01", D + "02")
    return found


def act(box: Box, what: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """Do something that users do (calypso.lab.writing)."""
    with change(box.path) as state:
        return what(state, *arguments, **more)


def write(box: Box, name: str, size: int, **more: Any) -> str:
    return str(act(box, writing.write, name, size, **more))


def value(box: Box, name: str, property_: str) -> str:
    return box.ok("zfs", "get", "-Hp", "-o", "value", property_, name).strip()


def refused(box: Box, *argv: str, stdin: bytes = b"") -> tuple[int, str]:
    """Exit code and stderr of a command that is refused and changes nothing."""
    before = box.ok("zfs", "list", "-Hp", "-t", "all", "-o", "name,guid,used,mounted")
    said = box.run(*argv, stdin=stdin)
    assert said.exit_code and said.stderr, said
    assert box.ok("zfs", "list", "-Hp", "-t", "all", "-o", "name,guid,used,mounted") == before
    return said.exit_code, said.stderr
