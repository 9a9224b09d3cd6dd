"""dd(1) of coreutils 9.1, from /dev/zero to a lab disk and nothing else: progress on stderr, in simulated time."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

from calypso.lab import disks
from calypso.lab.bays import Disk
from calypso.lab.state import State, read
from calypso.lab.tools.target import seconds, wrong, zeroed

TICK = 0.5  # seconds between two lines of progress (the real one: 1 s)
UNITS = (("K", 1024), ("M", 1024**2), ("G", 1024**3), ("kB", 1000), ("MB", 1000**2), ("GB", 1000**3))
SOURCE = "/dev/zero"


class _Stopped(Exception):  # not an error: a signal
    """SIGTERM or SIGINT arrived."""


def main(argv: list[str]) -> int:
    given = dict(word.partition("=")[::2] for word in argv)
    unknown = [word for word in argv if "=" not in word]
    if unknown:
        sys.stderr.write(f"dd: unrecognized operand '{unknown[0]}'\nTry 'dd --help' for more information.\n")
        return 1
    path = given.get("of", "")
    if given.get("if") != SOURCE or not path:
        sys.stderr.write(f"dd: this stand-in of the lab only writes {SOURCE} to a disk of the lab\n")
        return 1
    state = read()
    if reason := wrong(state, path, alone=False):
        sys.stderr.write(f"dd: failed to open '{path}': {reason}\n")
        return 1
    disk = disks.by_path(state, path)
    assert disk is not None
    block = size_of(given.get("bs", "512"))
    if not block:
        sys.stderr.write(f"dd: invalid number: '{given.get('bs')}'\n")
        return 1
    start = size_of(given.get("seek", "0")) * (1 if "seek_bytes" in given.get("oflag", "") else block)
    wished = size_of(given.get("count", "0")) * (1 if "count_bytes" in given.get("iflag", "") else block)
    room = max(0, disk["size"] - start)
    length = min(wished or room, room)
    full = not wished or wished > room
    return _Writing(state, disk, path, start, length, block, progress=given.get("status") == "progress").run(full=full)


def size_of(text: str) -> int:
    """``4M``, ``1MB``, ``4194304``; 0 if it is no number."""
    for unit, factor in UNITS:
        if text.removesuffix("iB").endswith(unit) and text.removesuffix("iB")[: -len(unit)].isdigit():
            return int(text.removesuffix("iB")[: -len(unit)]) * factor
    return int(text) if text.isdigit() else 0


class _Writing:
    """Zeros on their way to a disk."""

    def __init__(
        self, state: State, disk: Disk, path: str, start: int, length: int, block: int, *, progress: bool
    ) -> None:
        self.disk, self.path, self.start, self.length, self.block = disk, path, start, length, block
        self.progress, self.whole, self.began = progress, seconds(state, disk, length), time.monotonic()

    def run(self, *, full: bool) -> int:
        """To the end, or to a signal; the exit code. full: the disk ends before the wish does."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        done = 0
        try:
            zeroed(self.path, self.start, self.start + min(self.block, self.length))
            while done < self.length:
                time.sleep(min(TICK, max(0.0, self.whole - self.elapsed)))
                done = self.reached()
                zeroed(self.path, self.start, self.start + done)
                if self.progress:
                    sys.stderr.write(f"\r{self.words(done)}")
                    sys.stderr.flush()
        except _Stopped as stopped:
            zeroed(self.path, self.start, self.start + max(done, self.reached()))
            _die(int(str(stopped)))
        if self.progress:
            sys.stderr.write("\n")
        if full:
            sys.stderr.write(f"dd: error writing '{self.path}': No space left on device\n")
        whole, part = divmod(done, self.block)
        records = f"{whole}+{int(part > 0)}"
        sys.stderr.write(f"{records} records in\n{records} records out\n{self.words(done)}\n")
        return int(full)

    def stop(self, number: int, frame: FrameType | None) -> None:
        raise _Stopped(str(number))

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def reached(self) -> int:
        share = self.elapsed / self.whole if self.whole else 1.0
        return self.length if share >= 1 else int(self.length * share) // self.block * self.block

    def words(self, done: int) -> str:
        took = max(0.001, self.elapsed)
        sizes = f"{_decimal(done)}, {_binary(done)}"
        return f"{done} bytes ({sizes}) copied, {took:.6g} s, {_decimal(int(done / took))}/s"


def _die(number: int) -> None:
    """By the signal itself, as the real one, which says nothing then."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _decimal(number: int) -> str:
    for unit, factor in (("TB", 1000**4), ("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}" if number < 10 * factor else f"{number // factor} {unit}"
    return f"{number} B"


def _binary(number: int) -> str:
    for unit, factor in (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}" if number < 10 * factor else f"{number // factor} {unit}"
    return f"{number} B"
