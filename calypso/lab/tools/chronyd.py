"""chronyd(8) of chrony 4.3, `chronyd -p -f FILE` and nothing else: prints the file, or says which line is wrong."""

from __future__ import annotations

import sys
import time
from pathlib import Path

_DIRECTIVES = (
    "acquisitionport allow authselectmode bindacqaddress bindacqdevice bindaddress bindcmdaddress bindcmddevice"
    " binddevice broadcast clientloglimit clockprecision cmdallow cmddeny cmdport cmdratelimit combinelimit commandkey"
    " confdir corrtimeratio deny driftfile dscp dumpdir dumponexit fallbackdrift generatecommandkey hwclockfile"
    " hwtimestamp include initstepslew keyfile leapsecmode leapsectz linux_freq_scale linux_hz local lock_all log"
    " logbanner logchange logdir mailonchange makestep manual maxchange maxclockerror maxdistance maxdrift maxjitter"
    " maxntsconnections maxsamples maxslewrate maxupdateskew minsamples minsources nocerttimecheck noclientlog"
    " nosystemcert ntpsigndsocket ntsaeads ntscachedir ntsdumpdir ntsntpserver ntsport ntsprocesses ntsrefresh"
    " ntsrotate ntsservercert ntsserverkey ntstrustedcerts peer pidfile pool port ptpport ratelimit refclock"
    " refresh reselectdist rtcautotrim rtcdevice rtcfile rtconutc rtcsync sched_priority server smoothtime"
    " sourcedir stratumweight tempcomp user"
)
_FLAGS = "auto_offline burst copy iburst noselect nts offline prefer require trust xleave"
_VALUES = (
    "asymmetry certset extfield filter key maxdelay maxdelaydevratio maxdelayquant maxdelayratio maxpoll maxsamples"
    " maxsources maxunreach mindelay minpoll minsamples minstratum ntsport offset polltarget port presend version"
)
DIRECTIVES, FLAGS, VALUES = (frozenset(text.split()) for text in (_DIRECTIVES, _FLAGS, _VALUES))


def main(argv: list[str]) -> int:
    if argv[:2] != ["-p", "-f"] or len(argv) != 3:
        sys.stderr.write("chronyd: this stand-in of the lab only checks a file (-p -f FILE)\n")
        return 1
    path = Path(argv[2])
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        return _fatal(f"Could not open {path} : {error.strerror}")
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0][0] in "!;#%":
            continue
        sys.stdout.write(f"{' '.join(words)}\n")
        name = words[0].lower()
        if name not in DIRECTIVES:
            return _fatal(f"Invalid directive at line {number} in file {path}")
        if name in ("server", "pool", "peer") and not _is_source(words[1:]):
            return _fatal(f"Could not parse {name} directive at line {number} in file {path}")
    return 0


def _is_source(words: list[str]) -> bool:
    """An address and its options."""
    options = iter(words[1:])
    for word in options:
        if word.lower() in VALUES and next(options, None) is not None:
            continue
        if word.lower() not in FLAGS:
            return False
    return bool(words)


def _fatal(words: str) -> int:
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} Fatal error : {words}\n")
    return 1
