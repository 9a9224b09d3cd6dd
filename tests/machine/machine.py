"""A real systemd in a container: Debian with D-Bus, journald, timedated, networkd, chrony and netplan.

Two cables lead out of it: eth0 and eth1 inside are far0 and far1 at their other ends, in a network that nobody else
has. What is written in the machine is forgotten with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.machine import keeper
from tests.machine.tree import tree
from tests.support.appliance import ROOT, children, wait_for

BOOT = 60.0  # seconds, on a busy machine; it takes two
END = 30.0
ADDRESS, FAR = "10.77.0.2", "10.77.0.1"  # of the machine as installed, and of the other end of its cable
CODE = ROOT / "calypso"  # of which Calypso runs a program in the machine
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Machine:
    """One that runs. ``folder`` is its own, outside of it, and gone with it."""

    folder: Path
    keeper: subprocess.Popen[bytes]

    @property
    def surroundings(self) -> int:
        """pid of the process around the machine, in the network at the other ends of its cables."""
        return next(iter(_children(_children([self.keeper.pid]))), 0)

    @property
    def leader(self) -> int:
        """pid of the machine's systemd as it is known outside; another one after a reboot; 0 while there is none."""
        return next((pid for pid in _children(_children([self.surroundings])) if _is_first(pid)), 0)

    @property
    def root(self) -> Path:
        """The machine's files, as a path that holds in the machine, too. An absolute link leads to the host's files."""
        return self.folder / "box"

    @property
    def bus(self) -> str:
        """The address of its system bus."""
        return f"unix:path={self.root}/run/dbus/system_bus_socket"

    @property
    def console(self) -> str:
        """The last that it said."""
        file = self.folder / "console"
        return file.read_text(errors="replace")[-4000:] if file.exists() else ""

    def run(self, *argv: str, stdin: str = "", seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
        """A command in the machine, as root."""
        return _run(["nsenter", "--target", str(self.leader), "--all", *_CLEAN, *argv], stdin, seconds)

    def ok(self, *argv: str, stdin: str = "", seconds: float = 60.0) -> str:
        """A command in the machine that must succeed: what it prints."""
        return _printed(argv, self.run(*argv, stdin=stdin, seconds=seconds))

    def far(self, *argv: str, seconds: float = 60.0) -> str:
        """A command at the other ends of the cables that must succeed: what it prints."""
        argv_there = ["nsenter", "--target", str(self.surroundings), "--net", *argv]
        return _printed(argv, _run(argv_there, "", seconds))

    def reaches(self, address: str) -> bool:
        """Whether the machine is at an address on one of its cables, seen from the other end."""
        argv = ["nsenter", "--target", str(self.surroundings), "--net", sys.executable, "-c", _KNOCK, address]
        return _run(argv, "", 30).returncode == 0

    def reboot(self) -> None:
        """Waits until it is up again."""
        before = self.leader
        self.run("systemctl", "reboot")
        wait_for(lambda: self.leader not in (0, before), BOOT, "the machine boots again")
        self.until_up()

    def until_up(self) -> None:
        wait_for(self._answers, BOOT, "the machine boots")
        self.ok("mkdir", "-p", str(self.folder))
        self.ok("ln", "-sfn", "/", str(self.root))
        state = self.run("systemctl", "is-system-running", "--wait", seconds=BOOT).stdout.strip()
        assert state == "running", (state, self.run("systemctl", "list-units", "--failed", "--plain").stdout)
        for name, address in (("far0", f"{FAR}/24"), ("far1", "10.77.1.1/24")):
            self.far("ip", "address", "replace", address, "dev", name)
            self.far("ip", "link", "set", name, "up")
        wait_for(lambda: self.reaches(ADDRESS), BOOT, "the machine's network is up")

    def _answers(self) -> bool:
        assert not (self.folder / "ended").exists(), f"the machine is gone: {self.console}"
        leader = self.leader
        if not leader or not Path(f"/proc/{leader}/root/run/dbus/system_bus_socket").is_socket():
            return False
        (self.folder / "leader").write_text(str(leader))
        self.root.unlink(missing_ok=True)
        self.root.symlink_to(f"/proc/{leader}/root")
        return True

    def destroy(self) -> None:
        """Whatever state it is in, nothing is left."""
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()
        self.keeper.wait(END)


_KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), 2).close()
except ConnectionRefusedError:
    pass  # somebody is there to refuse
"""
_CLEAN = ("env", "-i", f"PATH={PATH}", "LC_ALL=C.UTF-8", "HOME=/root", "TERM=dumb")


def _children(parents: Iterable[int]) -> list[int]:
    return [pid for parent in parents if parent for pid, _ in children(parent)]


def _is_first(pid: int) -> bool:
    """Whether this is process 1 of a machine."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
    return len(numbers) > 2 and numbers[-1] == "1"


def _run(argv: Sequence[str], stdin: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=seconds, check=False, cwd="/")


def _printed(argv: Sequence[str], done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, (argv, done.returncode, done.stdout, done.stderr)
    return done.stdout


def boot() -> Machine:
    """Boots one and waits until it is up."""
    system, folder = tree(), Path(tempfile.mkdtemp(prefix="calypso-machine-"))
    program = [sys.executable, keeper.__file__, str(system), str(folder), str(CODE)]
    with (folder / "keeper").open("wb") as log:
        held = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
    machine = Machine(folder, held)
    try:
        machine.until_up()
    except BaseException as error:
        error.add_note(f"The machine's console:\n{machine.console}")
        machine.destroy()
        raise
    return machine


@contextmanager
def running() -> Iterator[Machine]:
    machine = boot()
    try:
        yield machine
    finally:
        machine.destroy()
