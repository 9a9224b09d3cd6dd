"""chronyc(1) of chrony 4.3, with -c: tracking, sources, activity, and its refusals, as recorded."""

from __future__ import annotations

import sys

from calypso.lab import ntp
from calypso.lab.ntp import Peer
from calypso.lab.state import State, change, clock

NEVER = 4294967295
COMMANDS = ("tracking", "sources", "activity", "sourcestats", "makestep", "reload", "clients", "ntpdata")


def main(argv: list[str]) -> int:
    flags = [word for word in argv if word.startswith("-")]
    words = [word for word in argv if not word.startswith("-")]
    if "-c" not in flags:
        sys.stderr.write("chronyc: this stand-in of the lab only speaks CSV (-c)\n")
        return 1
    if not words or words[0] not in COMMANDS:
        sys.stderr.write("Unrecognized command\n")
        return 1
    with change() as state:
        unit = ntp.ensure(state)
        found = ntp.peers(state, unit) if unit else []
        if unit is None:
            sys.stdout.write("506 Cannot talk to daemon\n")
            return 1
        sys.stdout.write(_said(words[0], state, found))
    return 0


def _said(command: str, state: State, found: list[Peer]) -> str:
    best = next((peer for peer in found if peer.answers), None)
    if command == "tracking":
        return _tracking(state, best)
    if command == "sources":
        return "".join(_source(peer, peer is best) for peer in found)
    if command == "activity":
        online = len(found)
        return f"{online},0,0,0,0\n"
    return "200 OK\n" if command in ("makestep", "reload") else ""


def _tracking(state: State, best: Peer | None) -> str:
    if best is None:
        zeros = "0.000000000," * 4
        return f"00000000,,0,{zeros}0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n"
    figures = f"{best.offset / 10:.9f},{best.offset / 7:.9f},{abs(best.offset) / 3:.9f},-4.217,0.002,0.053"
    return f"C0000201,192.0.2.1,3,{clock(state) - 30:.9f},{figures},0.012345678,0.001234567,64.2,Normal\n"


def _source(peer: Peer, best: bool) -> str:
    if not peer.answers:
        return f"^,?,{peer.name},0,6,0,{NEVER},0.000000000,0.000000000,0.000000000\n"
    return f"^,{'*' if best else '+'},{peer.name},2,6,377,31,{peer.offset:.9f},{peer.offset:.9f},0.011234567\n"
