"""Timers of the lab's systemd (systemd-run --on-active): they run when somebody looks at the network after their time.

In this process and not in one of their own, so that the lab leaves nothing running behind.
"""

from __future__ import annotations

import contextlib
import io
from importlib import import_module

from calypso.lab.state import change, clock, read

PROGRAMS = {
    "netplan": "netplan",
    "ip": "ip",
    "systemctl": "systemctl",
    "systemd-run": "systemd_run",
    "calypso-network-rollback": "network_rollback",
}


def run(argv: list[str]) -> tuple[int, str]:
    """Runs a stand-in here: its exit code, and what it said."""
    said = io.StringIO()
    name = argv[0].rsplit("/", 1)[-1]
    if name not in PROGRAMS:
        return 127, f"{name} is not on this machine."
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = import_module(f"calypso.lab.tools.{PROGRAMS[name]}").main(argv[1:])
    return code, said.getvalue()


def run_due() -> None:
    """Runs the timers whose time has come, each once."""
    state = read()
    if not any(timer["due"] <= clock(state) for timer in state.get("timers", [])):
        return
    with change() as state:
        due = [timer for timer in state["timers"] if timer["due"] <= clock(state)]
        state["timers"] = [timer for timer in state["timers"] if timer not in due]
    for timer in due:
        run(timer["argv"])
