"""ntpq(1) of ntpd and NTPsec: its table of peers. ntpd has no check of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.system.adapters.chrony import Source, TimeServiceStopped
from calypso.kernel import box, shell
from calypso.kernel.errors import Conflict, ToolError, ToolGarbage

# The file, to the unit that reads it
UNITS = {"/etc/ntpsec/ntp.conf": "ntpsec.service", "/etc/ntp.conf": "ntp.service"}
STATES = {
    "*": "selected",
    "o": "selected",
    "+": "combined",
    "#": "not combined",
    "-": "not combined",
    "x": "wrong",
    ".": "unusable",
    " ": "unusable",
}
KINDS = {"p": "pool", "l": "clock", "s": "peer"}  # of the column t; all else are servers
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+)([mhd]?)\Z")


def peers_argv() -> tuple[str, ...]:
    """Addresses as numbers, wide: a long one stands on a line of its own."""
    return ("ntpq", "-p", "-n", "-w")


def parse_peers(stdout: str) -> tuple[Source, ...]:
    """The peers below the rule of “=”; a line `pool` is no peer of its own. Raises ToolGarbage."""
    _head, rule, body = stdout.partition("\n=")
    if not rule:
        if "No association" in stdout or not stdout.strip():
            return ()
        raise ToolGarbage("ntpq printed something that Calypso does not know.", detail=stdout[:1000])
    return tuple(_peers(body.split("\n")[1:]))


def _peers(lines: list[str]) -> Iterator[Source]:
    waiting = ""
    for part in lines:
        line, waiting = f"{waiting} {part}" if waiting else part, ""
        words = line[1:].split()
        if len(words) == 1:
            waiting = line
        elif len(words) >= 10:
            try:
                yield from _peer(line[0], words)
            except (ValueError, KeyError) as error:
                raise ToolGarbage("ntpq printed something that Calypso does not know.", detail=line) from error


def _peer(tally: str, words: list[str]) -> Iterator[Source]:
    remote, reference, stratum, kind, when, poll, reach, _delay, offset, jitter = words[:10]
    if reference == ".POOL.":
        return
    yield Source(
        address=remote,
        mode=KINDS.get(kind, "server"),
        state=STATES[tally],
        stratum=int(stratum),
        poll=(_seconds(poll) or 1).bit_length() - 1,
        reach=int(reach, 8),
        last=_seconds(when),
        offset=float(offset) / 1000,
        error=float(jitter) / 1000,
    )


def _seconds(text: str) -> int | None:
    found = _TIME.match(text)
    return int(found[1]) * _UNITS.get(found[2], 1) if found else None


@box.names_errors_of("ntpq")
def named_error(result: shell.Result) -> ToolError | Conflict:
    words = (result.stderr.strip() or result.stdout.strip())[:4000]
    if "Connection refused" in words or "timed out" in words:
        return TimeServiceStopped("ntpd does not answer.", detail=words, hint="Start it, and look at its log.")
    return ToolError("ntpq refused.", code="ntpq_failed", detail=words)
