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
        before, started = _cpu(), time.monotonic()
        events = observe()
        took = {"events": events, "cpu": _cpu() - before, "seconds": time.monotonic() - started, "memory": _peak()}
        print(json.dumps(took), flush=True)


def _cpu() -> float:
    """Seconds of this process and of the tools that it ran."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak() -> float:
    """MB, the most so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
