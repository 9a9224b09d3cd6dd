"""The machine beneath in a support bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from apps.system.domain.integrations import INTEGRATIONS
from apps.system.models.integrations import IntegrationSample
from apps.system.models.network import Interface, Route
from apps.system.models.power import Boot
from apps.system.models.services import Service
from apps.system.models.time import NtpSource, TimeState
from calypso.kernel.bundles import part

BOOTS = 20
PROC = ("loadavg", "meminfo", "mounts", "uptime", "version")
FILES = ("machine.json", "os-release.txt", *(f"{name}.txt" for name in PROC))


@part("machine", "system, kernel, memory, mounts, boots, network, clock", *FILES)
def tell(file: str, hours: int) -> Any:
    if file == "machine.json":
        return _machine()
    path = Path("/etc/os-release") if file == "os-release.txt" else Path("/proc") / file.removesuffix(".txt")
    return path.read_text(errors="backslashreplace")


def _machine() -> dict[str, Any]:
    tables = {
        "boots": Boot.objects.order_by("-position").values()[:BOOTS],
        "integrations": IntegrationSample.objects.filter(pk__in=[one.name for one in INTEGRATIONS]).values(),
        "interfaces": Interface.objects.order_by("pk").values(),
        "routes": Route.objects.order_by("pk").values(),
        "services": Service.objects.order_by("rank", "unit").exclude(part="").values(),
        "time": TimeState.objects.values(),
        "ntp_sources": NtpSource.objects.values(),
    }
    uname = os.uname()
    about = {"system": uname.sysname, "kernel": uname.release, "build": uname.version, "machine": uname.machine}
    return {
        **about,
        "host": uname.nodename,
        "processors": os.cpu_count(),
        **{name: list(rows) for name, rows in tables.items()},
    }
