"""Calypso with a machine for its box: the machine's bus, files, tools and network; the storage is the lab's.

It runs in the machine's network, so that it is reached over the machine's addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.box import Box
from tests.machine.machine import ADDRESS, CODE, PATH, Machine
from tests.machine.relay import relay
from tests.support.appliance import Appliance, start

PROGRAMS = ("chronyc", "ethtool", "ip", "journalctl", "netplan", "networkctl", "resolvectl", "systemctl", "timedatectl")
START, END = 180.0, 120.0  # seconds, on a busy machine
OURS = "calypso-network-rollback"

STAND_IN = """#!/bin/sh
read -r leader <'{folder}/leader'
exec nsenter --target "$leader" --all env -i PATH='{path}' LC_ALL="$LC_ALL" TZ="$TZ" HOME=/root '{program}' "$@"
"""


@dataclass(frozen=True)
class Managed:
    """An appliance, and the machine that is its box."""

    machine: Machine
    appliance: Appliance

    @contextmanager
    def box(self, address: str = ADDRESS) -> Iterator[Box]:
        """Its REST interface, called from the other end of the machine's cable, at an address of the machine."""
        with relay(self.machine, address, self.appliance.port) as url:
            box = Box(url, self.appliance.username, self.appliance.admin_password)
            try:
                yield box
            finally:
                box.http.close()


@contextmanager
def managed(machine: Machine, folder: Path) -> Iterator[Managed]:
    """An appliance in a folder of its own, gone afterwards. One that had this folder before is gone on with."""
    tools = _stand_ins(machine)
    network = ["nsenter", f"--net=/proc/{machine.leader}/ns/net"]
    given = {
        "CALYPSO_HOST": "0.0.0.0",
        "CALYPSO_SYSTEM_BUS": machine.bus,
        "CALYPSO_BOX_ROOT": str(machine.root),
        "CALYPSO_TOOL_PATH": str(tools),
    }
    appliance = start(folder / "home", around=network, within=START, **given)
    try:
        yield Managed(machine, appliance)
        appliance.process.terminate()
        appliance.process.wait(END)
    finally:
        appliance.destroy()


def _stand_ins(machine: Machine) -> Path:
    """A folder with programs that run the machine's own of the same name in it."""
    folder = machine.folder / "tools"
    folder.mkdir(exist_ok=True)
    found = [machine.run("which", name).stdout.strip() for name in PROGRAMS]
    for program in [*filter(None, found), str(CODE / "deploy" / "bin" / OURS)]:
        file = folder / Path(program).name
        file.write_text(STAND_IN.format(folder=machine.folder, path=PATH, program=program))
        file.chmod(0o755)
    return folder
