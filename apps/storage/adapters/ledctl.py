"""ledctl(8): the light at a disk's bay where no enclosure has it in sysfs. Pure: runs nothing."""

from __future__ import annotations

import re

from calypso.kernel.errors import ToolError


class LightFailed(ToolError):
    code = "locate_failed"


def locate_argv(path: str, on: bool) -> list[str]:
    """Switches the light of one disk and leaves all others as they are (-x)."""
    return ["ledctl", "-x", f"{'locate' if on else 'locate_off'}={path}"]


def controllers_argv() -> list[str]:
    """Lists the controllers whose lights ledctl can switch, for parse_controllers()."""
    return ["ledctl", "-L"]


def parse_controllers(printed: str) -> tuple[str, ...]:
    """Their sysfs paths: a line is ``/sys/devices/pci0000:00/0000:00:17.0 (AHCI)``."""
    return tuple(re.findall(r"^(/sys/\S+) \(", printed, re.MULTILINE))


def error_from(stdout: str, stderr: str) -> LightFailed:
    words = stderr + stdout
    return LightFailed(
        "ledctl could not switch the light.", detail=words, hint="Not every controller or bay has one; see ledctl(8)."
    )
