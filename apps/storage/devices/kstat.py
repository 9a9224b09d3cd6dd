"""The kernel's own statistics of ZFS under /proc/spl/kstat; in the lab those of the simulated box."""

from __future__ import annotations

from pathlib import Path

from apps.storage.adapters import arcstats


def arcstats_text(lab: bool) -> str | None:
    """The ARC's statistics, None where the module is not loaded."""
    if lab:
        from calypso.lab.arc import arcstats_text as simulated  # an appliance on real hardware never loads the lab

        return simulated()
    try:
        return Path(arcstats.PATH).read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
