"""What stands for a person at the machine: hands at its bays, and tools run behind Calypso's back."""

from __future__ import annotations

import io
import os
import runpy
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from django.core.management import call_command
from django.test import override_settings

from calypso.lab.state import change
from tests.acceptance.box import Box
from tests.support.appliance import ROOT, Appliance, start

SPEEDS = ("scrub_seconds", "resilver_seconds", "work_seconds", "wipe_seconds")  # options of the lab
LONG = 600.0  # seconds


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

    def mend(self) -> None:
        """All disks are back in their bays and work."""
        for disk in sorted(self.pulled):
            self.plug(disk)
        for disk in sorted(self.broken):
            self.repair(disk)

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
    def many_snapshots(self, dataset: str, count: int) -> None:
        """Makes snapshots named many1, many2 and so on, behind Calypso's back."""

    @abstractmethod
    def corrupt(self, disk: str) -> None:
        """Damages data on a pool's disk, without a word, for the next scrub to find."""

    @abstractmethod
    def slow_work(self) -> AbstractContextManager[None]:
        """Scrubs, resilvers and removals that begin meanwhile do not end before it does."""

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
        self.state = appliance.home / "lab" / "state.db"

    def box(self) -> Box:
        return Box(self.appliance.base_url, self.appliance.username, self.appliance.admin_password)

    def hand(self, action: str, disk: str) -> None:
        self._lab(action, disk)

    def blank(self) -> None:
        """Nothing to do: what a destroyed pool leaves on the lab's disks does not keep anybody from using them."""

    def run(self, argv: Sequence[str], stdin: str = "") -> Said:
        """The stand-in, in this process, which saves a start of Python."""
        program = ROOT / "calypso" / "lab" / "bin" / argv[0]
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, CALYPSO_LAB_STATE=str(self.state)),
            patch.multiple(
                sys, argv=list(argv), path=list(sys.path), stdin=io.TextIOWrapper(io.BytesIO(stdin.encode()))
            ),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                runpy.run_path(str(program), run_name="__main__")
                code: object = 0
            except SystemExit as end:
                code = end.code or 0
        assert isinstance(code, int), code
        return Said(code, out.getvalue(), err.getvalue())

    def write(self, dataset: str, size: int) -> None:
        self._lab("write", dataset, str(size))

    @contextmanager
    def busy(self, dataset: str) -> Iterator[None]:
        self._lab("hold", dataset, "sleep", "--pid", "4711")
        try:
            yield
        finally:
            self._lab("release", dataset)

    def many_snapshots(self, dataset: str, count: int) -> None:
        for number in range(1, count + 1):
            self.ok("zfs", "snapshot", f"{dataset}@many{number}")

    def corrupt(self, disk: str) -> None:
        self._lab("corrupt", disk)

    @contextmanager
    def slow_work(self) -> Iterator[None]:
        with change(self.state) as state:
            state["options"] |= dict.fromkeys(SPEEDS, LONG)
        try:
            yield
        finally:
            with change(self.state) as state:
                state["options"] = {k: v for k, v in state["options"].items() if k not in SPEEDS}

    def _lab(self, *words: str) -> None:
        """`manage.py lab`, in this process."""
        with override_settings(CALYPSO_LAB_STATE=str(self.state)):
            call_command("lab", *words, stdout=io.StringIO())


@contextmanager
def lab() -> Iterator[Lab]:
    """A lab of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="calypso-tests-") as folder:
        running = start(Path(folder) / "home")
        try:
            yield Lab(running)
            running.process.terminate()
            running.process.wait(60)
        finally:
            running.destroy()
