"""chronyc(1) and chronyd(8): argv, what they print with -c, and their refusals, most of which are on stdout."""

from __future__ import annotations

from dataclasses import dataclass

from calypso.kernel import box, shell
from calypso.kernel.errors import Conflict, ToolError, ToolGarbage

# The file, to the unit that reads it: of Debian, and of most others
UNITS = {"/etc/chrony/chrony.conf": "chrony.service", "/etc/chrony.conf": "chronyd.service"}
CHECK = ("chronyd", "-p", "-f", "{file}")
NEVER = 4294967295  # seconds since the last answer, of a source that gave none
LOCAL = "7F7F0101"  # the reference of a clock that follows nothing but itself
UNSET = "00000000"
MODES = {"^": "server", "=": "peer", "#": "clock"}
STATES = {
    "*": "selected",
    "+": "combined",
    "-": "not combined",
    "x": "wrong",
    "~": "unsteady",
    "?": "unusable",
}


class TimeServiceStopped(Conflict):
    """chronyd or ntpd does not answer."""

    code = "time_service_stopped"


@dataclass(frozen=True)
class Tracking:
    """How the clock follows its reference. Times in seconds; ``offset``: how far it is fast (positive) of NTP time."""

    reference: str
    stratum: int
    offset: float
    last_offset: float
    rms_offset: float
    frequency: float
    skew: float
    root_delay: float
    root_dispersion: float
    leap: str
    local: bool

    @property
    def synchronised(self) -> bool:
        return self.leap != "Not synchronised" and not self.local


@dataclass(frozen=True)
class Source:
    """One that is asked. ``reach``: its last eight answers as bits; ``last``: seconds since the last one, or None."""

    address: str
    mode: str
    state: str
    stratum: int
    poll: int
    reach: int
    last: int | None
    offset: float
    error: float


def tracking_argv() -> tuple[str, ...]:
    return ("chronyc", "-c", "-n", "tracking")


def sources_argv() -> tuple[str, ...]:
    """Names as they stand in the file (-N), not looked up."""
    return ("chronyc", "-c", "-N", "sources")


def parse_tracking(stdout: str) -> Tracking:
    """Raises ToolGarbage."""
    try:
        [row] = _rows(stdout)
        number = [float(each) for each in row[4:13]]
        offset, last, rms, frequency, _residual, skew, delay, dispersion, _interval = number
        local = row[0] == LOCAL
        reference = "" if row[0] in (LOCAL, UNSET) else row[1]
        return Tracking(
            reference, int(row[2]), offset, last, rms, frequency, skew, delay, dispersion, leap=row[13], local=local
        )
    except (ValueError, IndexError) as error:
        raise _garbage(stdout) from error


def parse_sources(stdout: str) -> tuple[Source, ...]:
    """Raises ToolGarbage."""
    try:
        return tuple(_source(row) for row in _rows(stdout))
    except (ValueError, IndexError, KeyError) as error:
        raise _garbage(stdout) from error


def _source(row: list[str]) -> Source:
    mode, state, address, stratum, poll, reach, last, offset, _measured, error = row
    return Source(
        address=address,
        mode=MODES[mode],
        state=STATES[state],
        stratum=int(stratum),
        poll=int(poll),
        reach=int(reach, 8),
        last=None if int(last) == NEVER else int(last),
        offset=float(offset),
        error=float(error),
    )


@box.names_errors_of("chronyc")
def named_error(result: shell.Result) -> ToolError | Conflict:
    """chronyc's refusals: a number and words on stdout, or words on stderr."""
    words = (result.stdout.strip() or result.stderr.strip())[:4000]
    if words.startswith("506") or "Could not open connection" in words:
        return TimeServiceStopped(
            "chronyd does not answer.", detail=words, hint="Start chrony.service, and look at its log."
        )
    if words.startswith("501"):
        return ToolError("chronyd does not let Calypso do this.", code="not_authorized", detail=words)
    return ToolError("chronyc refused.", code="chronyc_failed", detail=words)


def _rows(stdout: str) -> list[list[str]]:
    return [line.split(",") for line in stdout.split("\n") if line]


def _garbage(stdout: str) -> ToolGarbage:
    return ToolGarbage("chronyc printed something that Calypso does not know.", detail=stdout[:1000])
