"""The step that has a service read its files again."""

from __future__ import annotations

from apps.system.adapters.systemd import calls
from calypso.kernel.plans import Ask, Probe

DEADLINE = 120.0  # seconds


def restart(unit: str) -> Ask:
    """After a crash it is known by when the unit was started last."""
    done = Probe(name="system.unit_started_since", args={"unit": unit})
    return Ask(title=f"Restart {unit}", deadline=DEADLINE, done=done, **dict(calls.job("RestartUnit", unit)))
