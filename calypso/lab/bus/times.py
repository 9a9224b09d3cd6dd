"""The lab's timedated: zone, and whether the clock is kept by NTP."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from calypso.kernel.plans import Request
from calypso.lab.bus import units
from calypso.lab.bus.errors import BUS, PROPERTIES, Answer, Failed, authorise, properties, unknown
from calypso.lab.state import State, clock

UNIT = "chrony.service"
NAME, PATH = "org.freedesktop.timedate1", "/org/freedesktop/timedate1"


def answer(state: State, request: Request) -> Answer:
    if request.interface == PROPERTIES:
        return properties(request, _all(state)), []
    if request.member == "ListTimezones":
        return [sorted(available_timezones())], []
    authorise(state)
    if request.member == "SetTimezone":
        zone = str(request.body[0])
        if zone not in available_timezones():
            raise Failed(f"{BUS}.InvalidArgs", f"Invalid or not installed time zone '{zone}'")
        _kept(state)["zone"] = zone
    elif request.member == "SetNTP":
        _switch(state, on=bool(request.body[0]))
    else:
        unknown(request)
    return [], []


def emitted(state: State) -> dict[str, Any]:
    """The properties whose changes are told."""
    kept = state.get("time", {})
    return {"Timezone": kept.get("zone", "Etc/UTC"), "NTP": kept.get("ntp", True), "LocalRTC": False}


def _all(state: State) -> dict[str, Any]:
    now = int(clock(state) * 1_000_000)
    known = emitted(state)
    synchronised = known["NTP"] and bool(state.get("time", {}).get("synchronised", True))
    return {**known, "CanNTP": True, "NTPSynchronized": synchronised, "TimeUSec": now, "RTCTimeUSec": now}


def _switch(state: State, *, on: bool) -> None:
    """As timedated does: the unit of the time service is enabled and started, or stopped and disabled."""
    _kept(state)["ntp"] = on
    if (unit := units.find(state, UNIT)) is not None:
        units.put(state, unit, file_state="enabled" if on else "disabled")
        (units.start if on else units.stop)(state, unit)


def _kept(state: State) -> dict[str, Any]:
    kept: dict[str, Any] = state.setdefault("time", {})
    return kept
