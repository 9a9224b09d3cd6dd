"""Keeps a machine for whoever holds the other end of its standard input, and leaves nothing of it behind.

A process of its own, so that it also cleans up after a test run that was killed: then its input ends, too. When this
process itself is killed, the kernel ends the machine (setpriv, unshare), and only the empty control groups stay.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

BOOT = Path(__file__).with_name("boot")
CGROUPS = Path("/sys/fs/cgroup")
PATIENCE = 10.0  # seconds until the kernel has taken down the last process of a control group


def main(tree: str, folder: str, code: str) -> None:
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, lambda *_: sys.exit(1))
    name = Path(folder).name
    groups = [hierarchy / name for hierarchy in hierarchies()]
    try:
        for group in groups:
            group.mkdir()
        root = Path(folder) / "root"
        root.mkdir()
        hold([str(BOOT), tree, str(root), f"box-{os.getpid()}", code, *map(str, groups)], Path(folder))
    finally:
        for group in groups:
            remove(group)
        shutil.rmtree(folder, ignore_errors=True)


def hierarchies() -> list[Path]:
    """Where control groups for systemd are made: one folder, or two where the first version is still in use."""
    mixed = [CGROUPS / "systemd", CGROUPS / "unified"]
    return [folder for folder in mixed if folder.is_dir()] or [CGROUPS]


def hold(boot: list[str], folder: Path) -> None:
    """Runs it until the input ends. When it ends first, the file `ended` says so."""
    alone = ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
    argv = ["setpriv", "--pdeathsig", "KILL", *alone, *boot]
    with (folder / "console").open("wb") as log:
        machine = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    ended = os.pidfd_open(machine.pid)
    try:
        select.select([sys.stdin, ended], [], [])
        if machine.poll() is not None:
            (folder / "ended").write_text(f"{machine.returncode}")
            select.select([sys.stdin], [], [])
    finally:
        machine.kill()
        machine.wait()


def remove(group: Path) -> None:
    """A control group and those in it, once their processes are gone."""
    until = time.monotonic() + PATIENCE
    while group.is_dir() and time.monotonic() < until:
        for inner in [*sorted(group.rglob("*/"), key=lambda path: -len(path.parts)), group]:
            try:
                inner.rmdir()
            except OSError:
                time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
