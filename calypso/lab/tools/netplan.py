"""netplan(8) 0.106 over the lab's files: generate checks them, apply puts them in force."""

from __future__ import annotations

import sys

from calypso.lab.network import definitions, in_force
from calypso.lab.options import Refused
from calypso.lab.state import change


def main(argv: list[str]) -> int:
    if argv[:1] not in (["generate"], ["apply"]):
        sys.stderr.write("usage: /usr/sbin/netplan  [-h] [--debug]  ...\n")
        return 2
    try:
        found = definitions()
    except Refused as refused:
        sys.stderr.write(refused.stderr)
        return refused.code
    if argv[0] == "apply":
        with change() as state:
            state["network"] = in_force(found)
        sys.stderr.write("Cannot call openvswitch: ovsdb-server.service is not running.\n")
    return 0
