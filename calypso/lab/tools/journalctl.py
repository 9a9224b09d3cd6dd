"""journalctl(1) of systemd 252, as far as Calypso asks it: a unit's lines as JSON, by page or as they come."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from typing import Any

from calypso.lab import journal
from calypso.lab.journal import Line
from calypso.lab.state import reading, state_version

PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
POLL_SECONDS = 0.05
_CURSOR = re.compile(r"s=[0-9a-f]{32};i=([0-9a-f]+);")


def main(argv: list[str]) -> int:
    given = _parser().parse_args(argv)
    cursor = given.cursor or given.after_cursor
    if cursor and not _CURSOR.match(cursor):
        sys.stderr.write("Failed to seek to cursor: Invalid argument\n")
        return 1
    if given.follow:
        return _follow(given)
    with reading() as state:
        found = [line for line in journal.lines(state, given.unit) if _wanted(given, line)]
    _print(_page(given, found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("journalctl")
    for name in ("output", "output-fields", "unit", "since", "until", "priority", "grep", "case-sensitive"):
        parser.add_argument(f"--{name}", default="")
    for name in ("cursor", "after-cursor"):
        parser.add_argument(f"--{name}", default="")
    for name in ("no-pager", "quiet", "reverse", "follow"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--lines", type=int, default=-1)
    return parser


def _page(given: Any, found: list[Line]) -> list[Line]:
    """From the cursor's entry on, in the direction that is asked for. What was rotated away begins at the nearest."""
    if given.reverse:
        found = found[::-1]
    if cursor := given.cursor or given.after_cursor:
        at = _number(cursor)
        found = [line for line in found if (line["seq"] <= at if given.reverse else line["seq"] >= at)]
        if given.after_cursor:
            found = found[1:]
    elif not given.reverse and given.lines >= 0:
        found = found[len(found) - given.lines :] if given.lines else []
    return found[: given.lines] if given.lines >= 0 else found


def _follow(given: Any) -> int:
    with reading() as state:
        at = _number(given.after_cursor) if given.after_cursor else journal.newest(state)
    version = -1
    while True:
        if version == (now := state_version()):
            time.sleep(POLL_SECONDS)
            continue
        version = now
        with reading() as state:
            found = journal.lines(state, given.unit, behind=at)
        at = max([at, *(line["seq"] for line in found)])
        _print([line for line in found if _wanted(given, line)])


def _wanted(given: Any, line: Line) -> bool:
    if given.since and line["at"] < float(given.since.removeprefix("@")):
        return False
    if given.until and line["at"] > float(given.until.removeprefix("@")):
        return False
    if given.priority and line["priority"] > PRIORITIES.index(given.priority):
        return False
    return not given.grep or _plain(given.grep).lower() in line["message"].lower()


def _plain(pattern: str) -> str:
    r"""The text of a pattern that is all between \Q and \E, which is all that the lab knows of PCRE."""
    return "".join(quoted or escaped for quoted, escaped in re.findall(r"\\Q(.*?)\\E|\\(\\E)", pattern, re.DOTALL))


def _number(cursor: str) -> int:
    found = _CURSOR.match(cursor)
    assert found is not None
    return int(found[1], 16)


def _print(found: list[Line]) -> None:
    for line in found:
        sys.stdout.write(json.dumps(journal.exported(line), ensure_ascii=False) + "\n")
    sys.stdout.flush()
