"""Logs in a support bundle: Calypso's own, and the journal of the units that it works with."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from apps.system.domain.integrations import INTEGRATIONS
from calypso.kernel import shell
from calypso.kernel.bundles import FILE_BYTES, part
from calypso.kernel.errors import ToolError

OWN = ("web", "worker", "observer", "supervisor")
UNITS = (
    "calypso.service",
    "chrony.service",
    "postgresql.service",
    "smartmontools.service",
    "zfs-import-cache.service",
    "zfs-mount.service",
    "zfs-zed.service",
    *(unit for one in INTEGRATIONS for unit in one.units),
)
LINES = 5000  # of a unit, the latest
DEADLINE = 60.0  # seconds


@part("logs", "Calypso's own", *(f"{name}.jsonl" for name in OWN))
def own(file: str, hours: int) -> str:
    return tail(settings.HOME.logs / file)


@part("journal", "units that Calypso works with", *(f"{unit}.log" for unit in UNITS))
def journal(file: str, hours: int) -> str:
    result = shell.run(journal_argv(file.removesuffix(".log"), hours), deadline=DEADLINE)
    if not result.ok:
        raise ToolError("journalctl failed.", detail=result.stderr)
    return result.stdout


def journal_argv(unit: str, hours: int) -> list[str]:
    """``--quiet``: nothing about what an unprivileged reader misses."""
    period = ["--since", f"-{hours}h", "--lines", str(LINES)]
    return ["journalctl", "--quiet", "--no-pager", "--utc", "--output", "short-iso", *period, f"--unit={unit}"]


def tail(path: Path) -> str:
    """The end of a file, from the beginning of a line: half a line may hold half a secret, which nothing recognises."""
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - FILE_BYTES))
        if size > FILE_BYTES:
            stream.readline()
        return stream.read().decode(errors="backslashreplace")
