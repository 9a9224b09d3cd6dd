"""The read model of the clock."""

from __future__ import annotations

from typing import Any

from apps.system.domain.time import (
    ClockSynchronised,
    ClockUnsynchronised,
    NtpDisabled,
    NtpEnabled,
    NtpServersChanged,
    TimeSeen,
    TimezoneChanged,
)
from apps.system.models.time import TimeState
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("time", 1, lambda: [TimeState])

NOT_SEEN: Row = {
    "name": "time",
    "timezone": "",
    "ntp": False,
    "can_ntp": False,
    "local_rtc": False,
    "service": "",
    "running": False,
    "path": "",
    "servers": [],
    "code": "",
    "message": "",
    "synchronised": None,
    "reference": "",
    "stratum": None,
    "why": "",
    "since": None,
    "wanted": {},
}


def _change(tables: Tables, e: Recorded[Any], **changes: Any) -> None:
    before = tables.get(TimeState, "time") or {**NOT_SEEN, "version": 0}
    version = before["version"] + 1
    tables.put(TimeState, {**before, **changes, "version": version, "position": e.position})


def _set(tables: Tables, e: Recorded[Any], **values: Any) -> None:
    """What is set is in force, and seen too, until the next look."""
    before = tables.get(TimeState, "time") or NOT_SEEN
    _change(tables, e, **values, wanted={**before["wanted"], **values})


@projection.on(TimeSeen)
def seen(tables: Tables, e: Recorded[TimeSeen]) -> None:
    _change(tables, e, **e.event.model_dump(mode="json"))


@projection.on(TimezoneChanged)
def timezone_changed(tables: Tables, e: Recorded[TimezoneChanged]) -> None:
    _set(tables, e, timezone=e.event.timezone)


@projection.on(NtpEnabled, NtpDisabled)
def ntp_switched(tables: Tables, e: Recorded[Any]) -> None:
    _set(tables, e, ntp=isinstance(e.event, NtpEnabled))


@projection.on(NtpServersChanged)
def servers_changed(tables: Tables, e: Recorded[NtpServersChanged]) -> None:
    _set(tables, e, servers=e.event.model_dump(mode="json")["servers"])


@projection.on(ClockSynchronised)
def synchronised(tables: Tables, e: Recorded[ClockSynchronised]) -> None:
    fact = e.event
    told = {"reference": fact.reference, "stratum": fact.stratum, "why": ""}
    before = tables.get(TimeState, "time")
    since = before["since"] if before and before["synchronised"] else e.recorded_at
    _change(tables, e, synchronised=True, since=since, **told)


@projection.on(ClockUnsynchronised)
def unsynchronised(tables: Tables, e: Recorded[ClockUnsynchronised]) -> None:
    told = {"reference": "", "stratum": None, "why": e.event.why}
    before = tables.get(TimeState, "time")
    since = before["since"] if before and before["synchronised"] is False else e.recorded_at
    _change(tables, e, synchronised=False, since=since, **told)
