"""The tools that empty a disk: wipefs(8), blkdiscard(8), dd(1), and cmp(1) that looks at the result. Pure.

Sizes and offsets in bytes. All of them come with Debian's essential or required packages.
"""

from __future__ import annotations

import re

import orjson

from apps.storage.adapters.smartctl.reading import text, whole
from calypso.kernel.errors import CalypsoError, Conflict, ToolError, ToolGarbage
from calypso.kernel.progress import Progress

BLOCK = 4 * 1024 * 1024


class DiskAway(ToolError):
    code = "no_such_device"


class DiskBusy(Conflict):
    code = "disk_in_use"


class DiskDenied(ToolError):
    code = "disk_denied"


class DiscardUnsupported(ToolError):
    code = "discard_unsupported"


class DiskUnwritable(ToolError):
    code = "disk_write_failed"


class NotBlank(ToolError):
    code = "wipe_not_verified"


class ErasingFailed(ToolError):
    code = "wipe_failed"


def signatures_argv(path: str) -> list[str]:
    """Lists what is recognisable on the disk, for parse_signatures()."""
    return ["wipefs", "-J", "--", path]


def wipe_signatures_argv(path: str) -> list[str]:
    """Removes all signatures. Without --force it opens the disk alone, and so refuses one that is in use."""
    return ["wipefs", "-a", "--", path]


def discard_argv(path: str, length: int) -> list[str]:
    """Tells the disk that no block holds data any more, a GiB at a time. It too opens the disk alone."""
    return ["blkdiscard", "-v", "-p", "1GiB", "-l", str(length), "--", path]


def zero_argv(path: str, start: int, length: int) -> list[str]:
    """Overwrites a part of the disk with zeros, past the page cache. It never makes a file (nocreat)."""
    return [
        "dd",
        "if=/dev/zero",
        f"of={path}",
        f"bs={BLOCK}",
        f"count={length}",
        "iflag=count_bytes",
        *([f"seek={start}", "oflag=direct,seek_bytes"] if start else ["oflag=direct"]),
        "conv=fsync,nocreat",
        "status=progress",
    ]


def compare_argv(path: str, length: int) -> list[str]:
    """Reads the disk and finds the first byte that is not zero."""
    return ["cmp", "-n", str(length), "--", "/dev/zero", path]


def parse_signatures(printed: str) -> tuple[str, ...]:
    """The types of what ``wipefs -J`` found. Raises ToolGarbage."""
    try:
        found = orjson.loads(printed) if printed.strip() else {}
    except orjson.JSONDecodeError as error:
        raise ToolGarbage("wipefs printed something that is no JSON.", detail=printed[:4000]) from error
    return tuple(text(each, "type") or "unknown" for each in whole(found, "signatures"))


def dd_progress(argv: tuple[str, ...], printed: str) -> Progress | None:
    """How far dd is, from the last of its lines: ``67108864 bytes (67 MB, 64 MiB) copied, 0.5 s, 134 MB/s``."""
    lines = re.findall(r"([0-9]{1,19}) bytes? (?:\([^)]*\) )?copied, ([0-9]{1,12}(?:\.[0-9]+)?) s", printed)
    asked = next((word for word in argv if word.startswith("count=")), "")
    if not lines or not asked[6:].isdecimal():
        return None
    done, seconds = int(lines[-1][0]), float(lines[-1][1])
    return Progress.of(done=done, total=int(asked[6:]), rate=done / seconds if seconds else None)


def discard_progress(argv: tuple[str, ...], printed: str) -> Progress | None:
    """How far blkdiscard is: ``/dev/sdb: Discarded 67108864 bytes from the offset 0``."""
    lines = re.findall(r"Discarded ([0-9]{1,19}) bytes from the offset ([0-9]{1,19})", printed)
    asked = argv[argv.index("-l") + 1]
    return Progress.of(done=sum(map(int, lines[-1])), total=int(asked), rate=None) if lines else None


_NAMED: tuple[tuple[str, type[ToolError | Conflict], str, str], ...] = (
    (r"No such file or directory|No such device", DiskAway, "The disk is not there.", "Look whether it was pulled."),
    (
        r"Device or resource busy",
        DiskBusy,
        "The disk is in use: the kernel gives it to nobody else.",
        "Find what holds it (mounts, arrays, pools) and free it first.",
    ),
    (
        r"Permission denied|Operation not permitted",
        DiskDenied,
        "The disk may not be written to.",
        "Run the worker as root.",
    ),
    (
        r"Operation not supported|not support",
        DiscardUnsupported,
        "The disk knows no discard.",
        "Take the method zero.",
    ),
    (
        r"differ: ",
        NotBlank,
        "The disk does not read back as zeros.",
        "Do not trust this disk; wipe it once more or shred it.",
    ),
    (
        r"Input/output error|No space left|Read-only|I/O error",
        DiskUnwritable,
        "The disk failed while it was overwritten: part of it still holds what it held.",
        "Look at its SMART data; destroy it by hand if it must not be read.",
    ),
)


def refused(words: str) -> bool:
    """Whether the tool gave up before it wrote anything."""
    return re.search(r"cannot open|failed to open|probing initialization failed|not supported", words) is not None


def error_from(argv: tuple[str, ...], stdout: str, stderr: str) -> CalypsoError:
    """The named error of one of these tools that failed."""
    words = stderr + stdout
    for pattern, cls, message, hint in _NAMED:
        if re.search(pattern, words):
            return cls(message, detail=words, hint=hint)
    return ErasingFailed(f"{argv[0]} failed.", detail=words, hint="Look at the disk.")
