"""Parsers of /proc/self/mountinfo and /proc/swaps, and what they say about the running system. Pure: text in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from calypso.kernel.errors import ToolGarbage

SYSTEM_MOUNTPOINTS = frozenset({"/", "/usr", "/var", "/etc", "/efi", "/boot"})
_ESCAPE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """One mount. number: ``major:minor`` of the file system; root: the part of it that is mounted."""

    number: str
    root: str
    mountpoint: str
    fstype: str
    source: str

    @property
    def system(self) -> bool:
        """True for what the running system can't do without."""
        return self.mountpoint in SYSTEM_MOUNTPOINTS or self.mountpoint.startswith("/boot/")


@dataclass(frozen=True)
class Swap:
    """One swap area in use. kind: ``partition`` (any block device) or ``file``."""

    path: str
    kind: str


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """The mounts in /proc/self/mountinfo (proc_pid_mountinfo(5)). Raises ToolGarbage on any other text.

    A line is never skipped: a mount not understood would make a disk in use look free.
    """
    return tuple(_mount(line) for line in text.split("\n") if line)


def _mount(line: str) -> Mount:
    head, separator, tail = line.partition(" - ")
    fields, details = head.split(" "), tail.split(" ")
    if not separator or len(fields) < 6 or len(details) < 2 or not re.fullmatch(r"[0-9]+:[0-9]+", fields[2]):
        raise ToolGarbage("The kernel's list of mounts has an unexpected line.", detail=line)
    root, mountpoint, source = (_unescape(text) for text in (fields[3], fields[4], details[1]))
    return Mount(fields[2], root, mountpoint, details[0], source)


def parse_swaps(text: str) -> tuple[Swap, ...]:
    """The areas in /proc/swaps (proc_swaps(5): one header line). Raises ToolGarbage on any other text."""
    return tuple(_swap(line) for line in text.split("\n")[1:] if line)


def _swap(line: str) -> Swap:
    fields = re.split(r"[ \t]+", line)
    if len(fields) < 5 or fields[1] not in ("partition", "file"):
        raise ToolGarbage("The kernel's list of swap areas has an unexpected line.", detail=line)
    return Swap(_unescape(fields[0]), fields[1])


def mount_of(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """The mount that holds an absolute path: the longest mountpoint above it, the latest of equals."""
    above = [m for m in mounts if path == m.mountpoint or path.startswith(m.mountpoint.rstrip("/") + "/")]
    return max(enumerate(above), key=lambda pair: (len(pair[1].mountpoint), pair[0]))[1] if above else None


def _unescape(text: str) -> str:
    """Blank, tab, newline and backslash come as three octal digits (seq_escape in the kernel)."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)
