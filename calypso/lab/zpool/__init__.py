"""The stand-in for zpool(8): reads its command line, changes the state, prints what the tool would print."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module

from calypso.lab.history import LOGGED, log
from calypso.lab.options import run
from calypso.lab.settle import settled
from calypso.lab.state import VARIABLE
from calypso.lab.zpool import usage

HERE = "calypso.lab.zpool"
COMMANDS = {  # loaded when called, so that each call starts fast
    "version": "versions:version",
    "list": "showing:list_",
    "status": "showing:status",
    "create": "create:create",
    "destroy": "transfer:destroy",
    "add": "create:add",
    "attach": "members:attach",
    "detach": "members:detach",
    "replace": "members:replace",
    "remove": "removal:remove",
    "checkpoint": "removal:checkpoint",
    "online": "devices:online",
    "offline": "devices:offline",
    "clear": "devices:clear",
    "reopen": "devices:reopen",
    "labelclear": "devices:labelclear",
    "scrub": "scrubbing:scrub",
    "resilver": "scrubbing:resilver",
    "trim": "surface:trim",
    "initialize": "surface:initialize",
    "export": "transfer:export",
    "import": "importing:import_",
    "upgrade": "upgrade:upgrade",
    "get": "properties:get",
    "set": "properties:set_",
    "iostat": "iostat:iostat",
    "events": "record:events",
    "history": "record:history",
    "wait": "waiting:wait",
    "sync": "waiting:sync",
}


def main(argv: list[str]) -> int:
    """Run one command line (without the program's name); the exit code."""
    if VARIABLE in os.environ and argv and argv[0] in COMMANDS:
        settled()
    code = run({name: _late(place) for name, place in COMMANDS.items()}, argv, usage.ZPOOL)
    if code == 0 and argv[0] in LOGGED:
        log("zpool", argv)
    return code


def _late(place: str) -> Callable[[list[str]], int]:
    def command(argv: list[str]) -> int:
        module, name = place.split(":")
        return int(getattr(import_module(f"{HERE}.{module}"), name)(argv) or 0)

    return command
