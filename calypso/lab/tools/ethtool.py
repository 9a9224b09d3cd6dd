"""ethtool(8) 6.1 over the lab's network cards: the plain query as text, and -i."""

from __future__ import annotations

import sys

from calypso.lab.network import CARDS, SPEEDS, network
from calypso.lab.state import change

MISSING = "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n"


def main(argv: list[str]) -> int:
    if "--json" in argv:
        sys.stderr.write("ethtool: bad command line argument(s)\nFor more information run ethtool -h\n")
        return 1
    name = argv[-1] if argv else ""
    with change() as state:
        link = network(state)["links"].get(name)
    if link is None:
        sys.stdout.write("No data available\n")
        sys.stderr.write(MISSING)
        return 75
    if "-i" in argv:
        bus = f"0000:00:{3 + list(CARDS).index(name):02x}.0" if name in CARDS else ""
        sys.stdout.write(f"driver: {'mlx5_core' if name in CARDS else link['kind']}\nversion: 1.0.0\nbus-info: {bus}\n")
        return 0
    speed = SPEEDS.get(name) if link["up"] else None
    words = (f"{speed}Mb/s", "Full") if speed else ("Unknown!", "Unknown! (255)")
    sys.stdout.write(f"Settings for {name}:\n\tSpeed: {words[0]}\n\tDuplex: {words[1]}\n")
    sys.stdout.write(f"\tAuto-negotiation: off\n\tLink detected: {'yes' if link['up'] else 'no'}\n")
    return 0
