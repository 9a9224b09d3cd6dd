"""The lab's machine is booted anew: in order, or after a crash."""

from __future__ import annotations

from uuid import uuid4

from calypso.lab.state import State, state_path

BOOT_ID = "boot_id"  # beside the state, where settings.CALYPSO_BOOT_ID looks


def boot(state: State) -> str:
    """The machine comes up with an id of its own; Calypso goes on, as if it had been started with it."""
    made = str(uuid4())
    draft = state_path().with_name(f"{BOOT_ID}.new")
    draft.write_text(f"{made}\n")
    draft.replace(state_path().with_name(BOOT_ID))
    state["power"] = {}
    return made
