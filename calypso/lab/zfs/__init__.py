"""The stand-in for zfs(8). Each command's module is loaded when it is called, so that a call starts quickly."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module

from calypso.lab.history import log
from calypso.lab.options import run
from calypso.lab.state import VARIABLE, state_version
from calypso.lab.version import version
from calypso.lab.zfs import usage

COMMANDS = {
    "list": "listing.list_", "get": "getting.get", "set": "setting.set_", "inherit": "setting.inherit",
    "create": "creating.create", "destroy": "destroying.destroy", "snapshot": "snapshotting.snapshot",
    "snap": "snapshotting.snapshot", "rollback": "snapshotting.rollback", "bookmark": "snapshotting.bookmark",
    "clone": "cloning.clone", "promote": "cloning.promote", "rename": "renaming.rename", "hold": "holding.hold",
    "holds": "holding.holds", "release": "holding.release", "diff": "diffing.diff", "mount": "mounting.mount",
    "unmount": "mounting.unmount", "umount": "mounting.unmount", "load-key": "keys.load_key",
    "unload-key": "keys.unload_key", "change-key": "keys.change_key", "userspace": "quotas.userspace",
    "groupspace": "quotas.groupspace", "projectspace": "quotas.projectspace", "send": "sending.send",
    "receive": "sending.receive", "recv": "sending.receive", "wait": "sending.wait",
}  # fmt: skip
MISSING = (
    "allow", "unallow", "share", "unshare", "upgrade", "project", "program", "redact", "jail", "unjail", "zone",
    "unzone", "rewrite",
)  # fmt: skip
LOOKS = ("version", "list", "get", "holds", "diff", "send", "wait")  # and first use of the lab makes its state


def main(argv: list[str]) -> int:
    """Run one command line (without the program's name); the exit code."""
    commands: dict[str, Callable[[list[str]], int]] = {"version": version("zfs")}
    if argv and argv[0] in COMMANDS:
        module, _, function = COMMANDS[argv[0]].partition(".")
        commands[argv[0]] = getattr(import_module(f"calypso.lab.zfs.{module}"), function)
    if argv and argv[0] in MISSING:
        sys.stderr.write(f"The lab has no 'zfs {argv[0]}'.\n")
        return 1
    before = state_version() if VARIABLE in os.environ else 0
    code = run(commands, argv, usage.ALL)
    if code == 0 and state_version() != before and argv[0] not in LOOKS:
        log("zfs", argv)
    return code
