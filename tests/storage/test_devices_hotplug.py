"""Hot plugging with the real pyudev: disks of a recorded box come and go in umockdev's testbed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.devices import TOOLS, until

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
WHOLE_BOX = ROOT / "tests/recordings/umockdev/whole-box.umockdev"
SYSTEM_PYTHON = "/usr/bin/python3"  # has Debian's bindings of umockdev
SOON = 30.0  # seconds, on a busy machine

WATCHING = f"""
import json, sys, threading
from calypso.kernel import shell
shell.environment = lambda: {{"PATH": "{TOOLS}"}}
from apps.storage.devices import real_disks, watch
def tell(reason):
    print(json.dumps({{"reason": reason, "disks": {{disk.name: disk.id for disk in real_disks()}}}}), flush=True)
watch(threading.Event(), tell)
"""


def has_testbed() -> bool:
    if shutil.which("umockdev-wrapper") is None or not Path(SYSTEM_PYTHON).exists():
        return False
    asked = "import gi; gi.require_version('UMockdev', '1.0'); from gi.repository import UMockdev"
    return subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True, check=False).returncode == 0


class Watched:
    """The watch over a recorded box, and hands at its bays."""

    def __init__(self) -> None:
        testbed = ["umockdev-wrapper", SYSTEM_PYTHON, str(ROOT / "tests/support/testbed.py"), str(WHOLE_BOX)]
        self.process = subprocess.Popen(
            [*testbed, sys.executable, "-c", WATCHING],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.calls: list[dict[str, Any]] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):  # the others are of its log
                self.calls.append(json.loads(line))

    def hand(self, action: str, disk: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{action} {disk}\n")
        self.process.stdin.flush()

    @property
    def disks(self) -> dict[str, str]:
        """Ids by kernel name, as of the latest call."""
        return dict(self.calls[-1]["disks"]) if self.calls else {}

    def end(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        assert self.process.wait(SOON) == 0
        self.reader.join(SOON)
        self.process.stdout.close()


@pytest.fixture
def watched() -> Iterator[Watched]:
    if not has_testbed():
        pytest.skip("umockdev's testbed is not installed: apt-get install umockdev python3-gi gir1.2-umockdev-1.0")
    running = Watched()
    try:
        yield running
    finally:
        running.end()


def test_recorded_disks_are_seen_to_come_and_go(watched: Watched) -> None:
    until(lambda: watched.calls, SOON)
    whole = watched.disks
    assert set(whole) == {*(f"sd{letter}" for letter in "abcdefgh"), "vdb", "nvme0n1"}
    for name in ("sdb", "nvme0n1", "vdb"):
        watched.hand("remove", name)
        until(lambda gone=name: gone not in watched.disks, SOON)
        assert f"remove {name}" in watched.calls[-1]["reason"]
        assert watched.disks == {other: id for other, id in whole.items() if other != name}
        watched.hand("add", name)
        until(lambda back=name: back in watched.disks, SOON)
        assert f"add {name}" in watched.calls[-1]["reason"]
        assert watched.disks == whole
