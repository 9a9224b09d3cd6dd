"""What smartctl says when it can't, as named errors: the one place where its words are matched."""

from __future__ import annotations

import re

from calypso.kernel.errors import Conflict, ToolError, ToolGarbage

COMMAND_LINE, OPEN_FAILED, COMMAND_FAILED = 1, 2, 4  # bits of the exit status, smartctl(8); the others tell of the disk


class NoSuchDevice(ToolError):
    code = "no_such_device"


class SmartDenied(ToolError):
    code = "smart_denied"


class SmartUnsupported(ToolError):
    code = "smart_unsupported"


class DiskAsleep(ToolError):
    code = "disk_asleep"


class SelfTestRunning(Conflict):
    code = "self_test_running"


class SmartFailed(ToolError):
    code = "smart_failed"


_NAMED: tuple[
    tuple[str, type[NoSuchDevice | SmartDenied | SmartUnsupported | DiskAsleep | SelfTestRunning], str, str], ...
]
_NAMED = (
    (
        r"No such (device|file)",
        NoSuchDevice,
        "The disk is not there.",
        "Look whether it was pulled, then scan the box.",
    ),
    (
        r"Permission denied",
        SmartDenied,
        "smartctl may not open the disk.",
        "Run Calypso's worker and observer as root.",
    ),
    (
        r"in (STANDBY|SLEEP|IDLE)\w* mode|is in (STANDBY|SLEEP)",
        DiskAsleep,
        "The disk sleeps and was not woken.",
        "Use it, then look again.",
    ),
    (
        r"without aborting current test|self-test.*(already )?in progress",
        SelfTestRunning,
        "A self-test of this disk is running.",
        "Wait for its end, or abort it first.",
    ),
    (
        r"Unable to detect device type|Unknown USB bridge|lacks SMART capability|Self-tests? not supported"
        r"|not support.*[Ss]elf.?[Tt]est|SMART (support|Commands?) .*([Uu]navailable|not supported)",
        SmartUnsupported,
        "The disk has no SMART that smartctl could read.",
        "Virtual disks and some USB bridges have none.",
    ),
)


def error_from(messages: str, status: int) -> ToolError | Conflict:
    """The named error for smartctl's messages (one a line) and its exit status."""
    for pattern, cls, message, hint in _NAMED:
        if re.search(pattern, messages):
            return cls(message, detail=messages, hint=hint)
    if status & COMMAND_LINE:
        return ToolGarbage("smartctl did not take Calypso's command line.", detail=messages)
    return SmartFailed(
        "smartctl failed.", detail=messages, hint="The disk may not support this, or may be about to fail."
    )
