"""blkdiscard(8) of util-linux 2.38: tells a disk that its blocks hold no data, or has it write zeros."""

from __future__ import annotations

import getopt
import sys
import time

from calypso.lab import disks
from calypso.lab.bays import Disk
from calypso.lab.sizes import parse_size
from calypso.lab.state import State, read
from calypso.lab.tools.target import seconds, signatures, wrong, zeroed

LONG = ("force", "length=", "offset=", "step=", "secure", "verbose", "zeroout", "quiet")
SPEED = 20  # times as fast as writing
MOST_LINES = 40  # -p 1GiB on 4 TB would make 4000: several steps are told together, as the real one does by the second


def main(argv: list[str]) -> int:
    try:
        pairs, paths = getopt.gnu_getopt(argv, "fhl:o:p:qsvVz", LONG)
    except getopt.GetoptError as error:
        sys.stderr.write(f"blkdiscard: {error.msg}\nTry 'blkdiscard --help' for more information.\n")
        return 1
    given = dict(pairs)
    if len(paths) != 1:
        why = "unexpected number of arguments" if paths else "no device specified"
        sys.stderr.write(f"blkdiscard: {why}\n")
        return 1
    state, path = read(), paths[0]
    force = "-f" in given or "--force" in given
    if reason := wrong(state, path, alone=not force):
        sys.stderr.write(f"blkdiscard: cannot open {path}: {reason}\n")
        return 1
    disk = disks.by_path(state, path)
    assert disk is not None
    return _discard(state, disk, path, given, force=force)


def _size(given: dict[str, str], *names: str) -> int:
    return next((parse_size(given[name].replace("iB", "")) or 0 for name in names if name in given), 0)


def _discard(state: State, disk: Disk, path: str, given: dict[str, str], *, force: bool) -> int:
    zero = "-z" in given or "--zeroout" in given
    if disk["rotational"] and not zero:
        sys.stderr.write(f"blkdiscard: {path}: BLKDISCARD ioctl failed: Operation not supported\n")
        return 1
    start = _size(given, "-o", "--offset")
    end = min(disk["size"], start + (_size(given, "-l", "--length") or disk["size"]))
    if start >= disk["size"]:
        sys.stderr.write(f"blkdiscard: {path}: offset is greater than device size\n")
        return 1
    found = signatures(state, disk)
    if found and not force:
        sys.stderr.write(f"blkdiscard: {path} contains existing file system ({found[0]['type']}).\n")
    step = _size(given, "-p", "--step") or end - start
    step = max(step, (end - start) // MOST_LINES // step * step)
    for at in range(start, end, step):
        upto = min(end, at + step)
        time.sleep(seconds(state, disk, upto - at) / (1 if zero else SPEED))
        zeroed(path, at, upto)
        if "-v" in given or "--verbose" in given:
            done = "Zero-filled" if zero else "Discarded"
            sys.stdout.write(f"{path}: {done} {upto - at} bytes from the offset {at}\n")
            sys.stdout.flush()
    return 0
