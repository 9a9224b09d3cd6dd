"""`python -m bench.scanning TIMES`: scans of the simulated box in a process of its own, and what each took, as JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calypso.settings")
    django.setup()
    from apps.storage.observe.scan import observe

    for _ in range(int(sys.argv[1])):
        own, tools, started = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN), time.monotonic()
        took: dict[str, float] = {"events": observe(), "seconds": time.monotonic() - started, "memory": _peak()}
        took["tools"] = _cpu(resource.RUSAGE_CHILDREN) - tools
        took["cpu"] = _cpu(resource.RUSAGE_SELF) - own + took["tools"]
        print(json.dumps(took), flush=True)


def _cpu(who: int) -> float:
    """Seconds of this process, or of the tools that it ran."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    """MB, the most so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
