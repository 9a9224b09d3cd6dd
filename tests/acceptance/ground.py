"""What stands for a person at the machine: hands at its bays, and tools run behind Calypso's back."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.box import Box
from tests.support.appliance import ROOT, Appliance, environment, start


@dataclass(frozen=True)
class Said:
    """How a tool ended."""

    code: int
    stdout: str
    stderr: str


class Ground(ABC):
    """A machine with an appliance on it. Disks are named by their ids."""

    def __init__(self) -> None:
        self.pulled: set[str] = set()
        self.broken: set[str] = set()

    @abstractmethod
    def box(self) -> Box:
        """The appliance, logged in."""

    def pull(self, disk: str) -> None:
        """Takes a disk out of its bay."""
        self.hand("pull", disk)
        self.pulled.add(disk)

    def plug(self, disk: str) -> None:
        """Puts a pulled disk back."""
        self.hand("plug", disk)
        self.pulled.discard(disk)

    def break_(self, disk: str) -> None:
        """From now on all I/O of the disk fails."""
        self.hand("break", disk)
        self.broken.add(disk)

    def repair(self, disk: str) -> None:
        """The disk works again."""
        self.hand("repair", disk)
        self.broken.discard(disk)

    def tidy(self) -> None:
        """All disks are back in their bays and work, and those that no pool uses are blank."""
        for disk in sorted(self.pulled):
            self.plug(disk)
        for disk in sorted(self.broken):
            self.repair(disk)
        self.blank()

    @abstractmethod
    def hand(self, action: str, disk: str) -> None:
        """A hand at the bays: pull, plug, break or repair."""

    @abstractmethod
    def blank(self) -> None:
        """Removes all traces of former use from the disks that no pool uses."""

    @abstractmethod
    def run(self, argv: Sequence[str], stdin: str = "") -> Said:
        """Runs a tool as root, behind Calypso's back."""

    @abstractmethod
    def write(self, dataset: str, size: int) -> None:
        """Makes a file of so many incompressible bytes in a mounted file system."""

    @abstractmethod
    def busy(self, dataset: str) -> AbstractContextManager[None]:
        """Meanwhile a process works in a mounted file system."""

    @abstractmethod
    def slow_scans(self) -> AbstractContextManager[None]:
        """Meanwhile scrubs and resilvers take long enough to be watched, however little there is to read."""

    def ok(self, *argv: str) -> str:
        """Runs a tool that must succeed: what it prints."""
        said = self.run(argv)
        assert said.code == 0, (argv, said)
        return said.stdout


class Lab(Ground):
    """The simulated box: an appliance in a folder of its own, `manage.py lab` for hands."""

    def __init__(self, appliance: Appliance) -> None:
        super().__init__()
        self.appliance = appliance

    def box(self) -> Box:
        return Box(self.appliance.base_url, self.appliance.username, self.appliance.admin_password)

    def hand(self, action: str, disk: str) -> None:
        self._manage("lab", action, disk)

    def blank(self) -> None:
        """Nothing to do: what a destroyed pool leaves on the lab's disks does not keep anybody from using them."""

    def run(self, argv: Sequence[str], stdin: str = "") -> Said:
        program = ROOT / "calypso" / "lab" / "bin" / argv[0]
        done = subprocess.run(
            [sys.executable, str(program), *argv[1:]],
            input=stdin,
            env=os.environ | {"CALYPSO_LAB_STATE": str(self.appliance.home / "lab" / "state.db")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def write(self, dataset: str, size: int) -> None:
        self._manage("lab", "write", dataset, str(size))

    @contextmanager
    def busy(self, dataset: str) -> Iterator[None]:
        self._manage("lab", "hold", dataset, "sleep", "--pid", "4711")
        try:
            yield
        finally:
            self._manage("lab", "release", dataset)

    def slow_scans(self) -> AbstractContextManager[None]:
        """A scrub takes seconds in the lab as it is."""
        return nullcontext()

    def _manage(self, *words: str) -> None:
        argv = [sys.executable, str(ROOT / "manage.py"), *words]
        given = environment(self.appliance.home, self.appliance.port)
        done = subprocess.run(argv, env=given, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (words, done.stderr[-1000:])


@contextmanager
def lab() -> Iterator[Lab]:
    """A lab of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="calypso-tests-") as folder:
        running = start(Path(folder) / "home")
        try:
            yield Lab(running)
            running.stop()
        finally:
            running.destroy()
