"""The real machine for acceptance scenarios: a guest with OpenZFS, Calypso in it, QEMU's monitor for hands."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.acceptance.box import Box
from tests.acceptance.ground import Ground, Said
from tests.real.guest import ADDRESS, DISKS, PORT, Guest, start
from tests.real.image import cache
from tests.support.appliance import PASSWORD

SLOWER = 6.0  # than the lab, by and large: its processors are emulated
READY = 600.0  # seconds until Calypso answers: a new database, every module loaded for the first time
HOME = "/var/lib/calypso"
NAMES = "/dev/disk/by-id"
MIB = 1024**2

BLANK = f"""
used=$(zpool status -LP 2>/dev/null | grep -o '/dev/[a-z0-9]*') || true
for disk in {" ".join(f"{NAMES}/{disk.id}" for disk in DISKS)}; do
    device=$(readlink -f $disk)
    echo "$used" | grep -q "^$device" && continue
    if [ -e $disk-part1 ] || blkid -p $device >/dev/null; then
        blkdiscard -f $device && blockdev --rereadpt $device
    fi
done
udevadm settle
"""


class Real(Ground):
    """A guest that runs, with Calypso in it."""

    def __init__(self, guest: Guest) -> None:
        super().__init__()
        self.guest = guest

    def box(self) -> Box:
        return Box(f"http://127.0.0.1:{self.guest.port}", "admin", PASSWORD, patience=SLOWER)

    def hand(self, action: str, disk: str) -> None:
        if action in ("pull", "plug"):
            {"pull": self.guest.pull, "plug": self.guest.plug}[action](disk)
            return
        word = "offline" if action == "break" else "running"
        self._shell(f"echo {word} >/sys/block/$(basename $(readlink -f {NAMES}/{disk}))/device/state")

    def blank(self) -> None:
        self._shell(BLANK)

    def run(self, argv: Sequence[str], stdin: str = "") -> Said:
        said = self.guest.run(argv, stdin=stdin)
        assert said["code"] is not None, (argv, said)
        return Said(said["code"], said["stdout"], said["stderr"])

    def write(self, dataset: str, size: int) -> None:
        folder = self._folder(dataset)
        self._shell(f"file=$(mktemp '{folder}/XXXXXX') && head -c {size} /dev/urandom >$file && sync -f $file")

    @contextmanager
    def busy(self, dataset: str) -> Iterator[None]:
        argv = ["systemd-run", "--unit=busy", f"--working-directory={self._folder(dataset)}", "sleep", "600"]
        self.ok(*argv)
        try:
            yield
        finally:
            self.ok("systemctl", "stop", "busy")

    def _folder(self, dataset: str) -> str:
        return self.ok("zfs", "get", "-H", "-o", "value", "mountpoint", dataset).strip()

    def many_snapshots(self, dataset: str, count: int) -> None:
        """By a channel program (zfs-program(8)), a thousand a call: one by one takes minutes."""
        for first in range(1, count + 1, 1000):
            last = min(count, first + 999)
            program = f"for n = {first}, {last} do zfs.sync.snapshot('{dataset}@many' .. n) end"
            said = self.run(["zfs", "program", dataset.split("/", maxsplit=1)[0], "-"], stdin=program)
            assert said.code == 0, said

    def corrupt(self, disk: str) -> None:
        """Overwrites the middle of the disk's image, past both of the labels at its ends, as QEMU's host."""
        with self.guest.image_of(disk).open("r+b") as image:
            size = image.seek(0, 2)
            image.seek(8 * MIB)
            image.write(os.urandom(size - 24 * MIB))

    @contextmanager
    def slow_work(self) -> Iterator[None]:
        """By parameters of zfs(4) that hold its work, for tests."""
        self._hold(1)
        try:
            yield
        finally:
            self._hold(0)

    def _hold(self, held: int) -> None:
        for parameter in ("zfs_scan_suspend_progress", "zfs_removal_suspend_progress"):
            self._shell(f"echo {held} >/sys/module/zfs/parameters/{parameter}")

    def _shell(self, script: str) -> None:
        self.ok("sh", "-ec", script)


@contextmanager
def guest() -> Iterator[Real]:
    """A machine with Calypso ready, gone afterwards; its journal stays beside the images."""
    running = start()
    try:
        _start_calypso(running)
        yield Real(running)
    finally:
        journal = running.run(["journalctl", "--no-pager", "-o", "short-monotonic"])
        (cache() / "last-run.log").write_text(journal["stdout"])
        running.destroy()


def _start_calypso(guest: Guest) -> None:
    given = {"CALYPSO_HOME": HOME, "CALYPSO_HOST": ADDRESS, "CALYPSO_PORT": PORT, "CALYPSO_ADMIN_PASSWORD": PASSWORD}
    settings = [f"--setenv={name}={value}" for name, value in given.items()]
    program = ["/opt/venv/bin/python", "/opt/calypso/manage.py", "up"]
    said = guest.run(["systemd-run", "--unit=calypso", *settings, *program])
    assert said["code"] == 0, said
    until = time.monotonic() + READY
    while not _answers(guest.port):
        assert time.monotonic() < until, guest.run(["journalctl", "-u", "calypso", "-n", "50", "--no-pager"])["stdout"]
        time.sleep(1)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=30) as answer:
            return int(answer.status) == 200
    except (urllib.error.HTTPError, OSError):
        return False
