"""Looks for the signs of the tools that Calypso works with: programs, units, processes. Starts none of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import structlog
from django.utils import timezone

from apps.system.domain.integrations import INTEGRATIONS, Integration, Signs
from apps.system.models.integrations import IntegrationSample
from calypso.kernel import shell

EVERY_SECONDS = 10.0
PROC = Path("/proc")
UNIT_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
COMM_LENGTH = 15  # characters that the kernel keeps of a process's name, proc(5)

log = structlog.get_logger("calypso.system")


def look() -> None:
    """Keeps what there is of each."""
    running = processes()
    for one in INTEGRATIONS:
        found = asdict(signs_of(one, running)) | {"looked_at": timezone.now()}
        del found["services"]  # the read model of services has them
        IntegrationSample.objects.update_or_create(name=one.name, defaults=found)


def signs_of(one: Integration, running: frozenset[str]) -> Signs:
    return Signs(
        programs=tuple(name for name in (*one.tools, *one.daemons) if shell.find(name)),
        units=tuple(name for name in one.units if any((Path(folder) / name).exists() for folder in UNIT_FOLDERS)),
        processes=tuple(name for name in one.daemons if name[:COMM_LENGTH] in running),
        core=bool(one.core) and Path(one.core).exists(),
    )


def processes() -> frozenset[str]:
    """The names of all processes."""
    found = set()
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                found.add((entry / "comm").read_text().rstrip("\n"))
            except OSError:
                continue  # it has ended
    return frozenset(found)
