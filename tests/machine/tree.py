"""The Debian that the machine for tests boots: made once by debootstrap, and kept outside the repository."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.image import cache, mirror

BUILD = Path(__file__).with_name("build")
RELEASE = "bookworm"
PACKAGES = ("systemd", "systemd-sysv", "dbus", "udev", "chrony", "netplan.io", "iproute2", "ethtool")
NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}


def unavailable() -> str:
    """Why no machine can be had here; empty where one can."""
    if os.geteuid() != 0:
        return "it takes root: run `make test` as root"
    missing = sorted({package for program, package in NEEDED.items() if shutil.which(program) is None})
    return f"install {' '.join(missing)}" if missing else ""


def tree() -> Path:
    """The tree of this release, these packages and this build script, built where there is none.

    Raises AssertionError with the end of the log when it can't be built.
    """
    key = hashlib.sha256(" ".join((RELEASE, *PACKAGES)).encode() + BUILD.read_bytes()).hexdigest()[:12]
    final = cache() / f"machine-{RELEASE}-{key}"
    with _one_at_a_time():
        if not final.exists():
            _build(final)
    return final


def _build(final: Path) -> None:
    debs = cache() / f"machine-{RELEASE}-packages"
    debs.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="building-") as name:
        folder, log = Path(name), cache() / "machine-build.log"
        (folder / "scratch").mkdir()
        alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        wanted = [RELEASE, mirror(), ",".join(PACKAGES), str(debs)]
        argv = ["setpriv", "--pdeathsig", "KILL", *alone, str(BUILD), str(folder / "scratch"), *wanted]
        with log.open("wb") as stream:
            done = subprocess.run(
                [*argv, str(folder / "tree")], stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=False
            )
        assert done.returncode == 0, f"no machine could be built:\n{log.read_text(errors='replace')[-2000:]}"
        (folder / "tree").rename(final)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of all test runs of this machine; the others find what the first has built."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "machine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
