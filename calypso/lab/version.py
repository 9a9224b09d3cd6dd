"""`zfs version` and `zpool version`: the lab poses as the recorded OpenZFS 2.3.2."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

USERLAND = "zfs-2.3.2-2~bpo12+2"
KERNEL = "zfs-kmod-2.3.2-2~bpo12+2"


def version(tool: str) -> Callable[[list[str]], int]:
    """The subcommand for zfs or zpool."""

    def command(argv: list[str]) -> int:
        if "-j" not in argv:
            sys.stdout.write(f"{USERLAND}\n{KERNEL}\n")
            return 0
        first = {"command": f"{tool} version", "vers_major": 0, "vers_minor": 1}
        value = {"output_version": first, "zfs_version": {"userland": USERLAND, "kernel": KERNEL}}
        sys.stdout.write(json.dumps(value, separators=(",", ":")) + "\n")
        return 0

    return command
