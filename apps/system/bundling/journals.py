"""Logs in a support bundle: Calypso's own, and the journal of the units that it works with."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from apps.system.adapters import journalctl
from apps.system.adapters.journalctl import LogQuery
from apps.system.domain.units import PARTS
from apps.system.models.services import Service
from calypso.kernel import shell
from calypso.kernel.bundles import FILE_BYTES, part

OWN = ("web", "worker", "observer", "supervisor")
PARTS_OF = {f"{part.lower()}.log": part for part, _ in PARTS}
ENTRIES = 500  # of a unit, the latest
DEADLINE = 30.0  # seconds


@part("logs", "Calypso's own", *(f"{name}.jsonl" for name in OWN))
def own(file: str, hours: int) -> str:
    return tail(settings.HOME.logs / file)


@part("journal", "the journal of the units that Calypso manages", *PARTS_OF)
def journal(file: str, hours: int) -> str:
    """The newest entries of each unit, in the order in which they were written."""
    since = time.time() - hours * 3600
    units = Service.objects.filter(part=PARTS_OF[file]).order_by("unit").values_list("unit", flat=True)
    queries = [LogQuery(unit=unit, since=since, limit=ENTRIES) for unit in units]
    lines = [(entry.at, _line(query.unit, entry)) for query in queries for entry in _entries(query)]
    return "".join(line for _, line in sorted(lines)) or f"Nothing in {hours} hours.\n"


def _entries(query: LogQuery) -> list[journalctl.Entry]:
    result = shell.run(journalctl.page_argv(query), deadline=DEADLINE)
    if not result.ok:
        raise journalctl.error_from(result.stderr)
    return journalctl.page_of(query, result.stdout, truncated=result.truncated)[0]


def _line(unit: str, entry: journalctl.Entry) -> str:
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
    pid = f"[{entry.pid}]" if entry.pid else ""
    return f"{at} {unit} {entry.identifier}{pid} {entry.priority}: {entry.message}\n"


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
