"""cmp(1) of diffutils, `cmp -n BYTES /dev/zero DISK` and nothing else: whether the disk reads back as zeros."""

from __future__ import annotations

import getopt
import sys
import time

from calypso.lab import disks
from calypso.lab.state import read
from calypso.lab.tools.target import seconds, wrong

SOURCE = "/dev/zero"
SPEED = 2  # times as fast as writing
TROUBLE = 2


def main(argv: list[str]) -> int:
    try:
        pairs, operands = getopt.gnu_getopt(argv, "bi:ln:s", ("bytes=", "silent", "quiet", "verbose"))
    except getopt.GetoptError as error:
        sys.stderr.write(f"cmp: {error.msg}\ncmp: Try 'cmp --help' for more information.\n")
        return TROUBLE
    if len(operands) != 2 or operands[0] != SOURCE:
        sys.stderr.write(f"cmp: this stand-in of the lab only compares {SOURCE} with a disk of the lab\n")
        return TROUBLE
    path, given = operands[1], dict(pairs)
    state = read()
    if reason := wrong(state, path, alone=False):
        sys.stderr.write(f"cmp: {path}: {reason}\n")
        return TROUBLE
    disk = disks.by_path(state, path)
    assert disk is not None
    wished = given.get("-n", given.get("--bytes", ""))
    length = min(disk["size"], int(wished)) if wished.isdigit() else disk["size"]
    blank = int(disk.get("blank", 0))
    time.sleep(seconds(state, disk, min(length, blank)) / SPEED)
    if blank < length:
        sys.stdout.write(f"{SOURCE} {path} differ: byte {blank + 1}, line 1\n")
        return 1
    return 0
