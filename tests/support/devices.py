"""This machine's own devices: its tools, loop devices, and waiting for what the kernel does.

The fixtures here are made known to a folder of tests by importing them in its conftest.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TOOLS = "/usr/sbin:/usr/bin:/sbin:/bin"

needs_loop = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/loop-control").exists() or shutil.which("losetup") is None,
    reason="needs root, /dev/loop-control and losetup",
)


@pytest.fixture
def real_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's blkid, without the project's settings."""
    monkeypatch.setattr("calypso.kernel.shell.environment", lambda: {"PATH": TOOLS, "LC_ALL": "C"})


def until(true: Callable[[], object], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.005)


def losetup(*arguments: str) -> str:
    done = subprocess.run(["losetup", *arguments], capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """A file of 64 MiB; a loop device left on it is detached at the end."""
    path = tmp_path / "disk one.img"
    with path.open("wb") as file:
        file.truncate(64 * 1024**2)
    yield path
    for device in device_of(path).split():
        losetup("-d", device)


def device_of(image: Path) -> str:
    return losetup("--noheadings", "-O", "NAME", "-j", str(image))
