"""What the executor asks of systemd: whether a step took effect, and what a refusal means."""

from __future__ import annotations

import time
from typing import Any

from apps.system.adapters.systemd import calls, errors
from apps.system.domain.services import why_failed
from apps.system.observe.units import unit_now
from calypso.kernel import box, bus
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Request

SETTLE_SECONDS = 1.0  # a program that can't be executed shows itself at once
POLL_SECONDS = 0.1


@bus.names_errors_of(calls.NAME)
def named(request: Request, refused: bus.Refused) -> CalypsoError | None:
    """The named error; of a job that failed, the unit itself tells why."""
    why = ""
    if refused.name == f"{calls.MANAGER}.JobRemoved.failed":
        try:
            state, _ = unit_now(errors.unit_of_call(request))
            why = why_failed(state.result, state.exit_status)
        except CalypsoError:
            pass  # the failure itself is told without it
    return errors.error_from(request, refused.name, refused.message, why)


@box.call("system.see_it_run")
def see_it_run(unit: str) -> None:
    """systemd calls a simple service started before its program runs: one that ends at once is seen here.

    Raises UnitFailed.
    """
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        state, _ = unit_now(unit)
        if state.active == "failed":
            why = why_failed(state.result, state.exit_status)
            raise errors.UnitFailed(f"“{unit}” was started and failed: {why}.", hint="Look at its log.")
        if time.monotonic() > until:
            return
        time.sleep(POLL_SECONDS)


@box.probe("system.unit_active")
def unit_active(args: dict[str, Any], since: float) -> bool:
    return unit_now(args["unit"])[0].active in ("active", "reloading")


@box.probe("system.unit_stopped")
def unit_stopped(args: dict[str, Any], since: float) -> bool:
    return unit_now(args["unit"])[0].active in ("inactive", "failed")


@box.probe("system.unit_started_since")
def unit_started_since(args: dict[str, Any], since: float) -> bool:
    """Whether it became active after the step began. systemd counts in microseconds of the same clock."""
    state, shown = unit_now(args["unit"])
    return state.active == "active" and int(shown.get("ActiveEnterTimestamp", 0)) / 1_000_000 >= since


@box.probe("system.unit_reloaded")
def unit_reloaded(args: dict[str, Any], since: float) -> bool:
    """systemd does not tell when a unit reloaded last. Doing it twice is harmless, so it is done again."""
    return False


@box.probe("system.unit_file")
def unit_file(args: dict[str, Any], since: float) -> bool:
    return bool(_file_state(args["unit"]) == args["state"])


@box.probe("system.unit_file_other")
def unit_file_other(args: dict[str, Any], since: float) -> bool:
    return bool(_file_state(args["unit"]) != args["state"])


@box.probe("system.files_read")
def files_read(args: dict[str, Any], since: float) -> bool:
    return not unit_now(args["unit"])[1].get("NeedDaemonReload", False)


def _file_state(unit: str) -> str:
    return unit_now(unit)[0].file_state
