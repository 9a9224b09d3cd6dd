"""What the supervisor tells of the appliance's own processes."""

from __future__ import annotations

from apps.system.domain.accounts import ProcessRestarted, process_stream
from calypso.kernel import store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append


def record_restart(process: str, exit_code: int | None, signal: int | None) -> None:
    """Records that a process died and was started again; ``signal`` is the number of the one that ended it, if any."""
    fact = ProcessRestarted(process=process, exit_code=exit_code, signal=signal)
    with store.writing():
        append([Change(process_stream(process), fact)], Metadata(actor="system", auth="process"))
