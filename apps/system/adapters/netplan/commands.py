"""netplan(8): argv, and its refusals as named errors. Pure."""

from __future__ import annotations

import re

from calypso.kernel.errors import CalypsoError, Conflict, ToolError


class NetplanRefused(Conflict):
    code = "configuration_refused"


class NotRoot(ToolError):
    code = "not_permitted"


_NOISE = re.compile(r"^\s*(\*\* |\(\w+:\d+\): GLib|Traceback|  File |    \w|netplan\.libnetplan\.)")


def generate_argv() -> list[str]:
    """Checks all files, and writes what networkd or NetworkManager read from them; puts nothing in force."""
    return ["netplan", "generate"]


def error_from(exit_code: int, stdout: str, stderr: str) -> CalypsoError:
    """The named error of a failed netplan."""
    words = "\n".join(line for line in (stderr or stdout).splitlines() if line.strip() and not _NOISE.match(line))
    if "Permission denied" in stderr:
        return NotRoot("netplan may not read its files.", detail=words, hint="The worker must run as root.")
    at = re.match(r"(/\S+?):(\d+):\d+: (?:Error in network definition: )?(.*)", words)
    if at:
        return NetplanRefused(
            f"netplan refuses {at[1]}, line {at[2]}: {at[3].rstrip(':')}.",
            detail=words,
            hint="Correct that file, or what was asked for.",
        )
    return ToolError(f"netplan failed with exit code {exit_code}.", detail=words or stderr)
