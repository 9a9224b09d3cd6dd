"""wipefs(8) of util-linux 2.38: lists the signatures on a disk, or erases them."""

from __future__ import annotations

import getopt
import json
import sys
from typing import Any

from calypso.lab import disks
from calypso.lab.state import State, change, read
from calypso.lab.tools.target import erased, signatures, wrong

BLANK = '{\n   "signatures": [\n\n   ]\n}\n'
LONG = ("all", "backup", "force", "noheadings", "json", "no-act", "offset=", "output=", "parsable", "quiet", "types=")


def main(argv: list[str]) -> int:
    try:
        pairs, paths = getopt.gnu_getopt(argv, "abfhiJnO:o:pqt:V", LONG)
    except getopt.GetoptError as error:
        sys.stderr.write(f"wipefs: {error.msg}\nTry 'wipefs --help' for more information.\n")
        return 1
    given = {name for name, _ in pairs}
    if not paths:
        sys.stderr.write("wipefs: no device specified\nTry 'wipefs --help' for more information.\n")
        return 1
    if given & {"-a", "--all"}:
        return max(_erase(path, given) for path in paths)
    state = read()
    bad = [(path, reason) for path in paths if (reason := wrong(state, path, alone=False))]
    if bad:
        return _failed(*bad[0])
    rows = [row for path in paths for row in _rows(state, path)]
    sys.stdout.write(_json(rows) if given & {"-J", "--json"} else _table(rows))
    return 0


def _failed(path: str, reason: str) -> int:
    sys.stderr.write(f"wipefs: error: {path}: probing initialization failed: {reason}\n")
    return 1


def _rows(state: State, path: str) -> list[dict[str, Any]]:
    disk = disks.by_path(state, path)
    assert disk is not None
    return [
        {"device": disk["name"], "offset": hex(one["offset"]), "type": one["type"], "uuid": None, "label": None}
        for one in signatures(state, disk)
    ]


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps({"signatures": rows}, indent=3) + "\n" if rows else BLANK


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    lines = [f"{'DEVICE':<6} {'OFFSET':<13} {'TYPE':<17} UUID LABEL"]
    return "\n".join([*lines, *(f"{r['device']:<6} {r['offset']:<13} {r['type']:<17}" for r in rows)]) + "\n"


def _erase(path: str, given: set[str]) -> int:
    force = bool(given & {"-f", "--force"})
    with change() as state:
        if reason := wrong(state, path, alone=not force):
            return _failed(path, reason)
        disk = disks.by_path(state, path)
        assert disk is not None
        found = signatures(state, disk)
        for one in [] if given & {"-q", "--quiet"} else found:
            count = len(one["bytes"].split())
            where = f"{path}: {count} bytes were erased at offset 0x{one['offset']:08x} ({one['type']})"
            sys.stdout.write(f"{where}: {one['bytes']}\n")
        if found and not given & {"-n", "--no-act"}:
            erased(state, disk)
            sys.stdout.write(f"{path}: calling ioctl to re-read partition table: Success\n")
    return 0
