"""The clock's zone, NTP and its servers: a wish and what is known → a plan. Pure but for the file that is to change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.system.adapters import chrony, ntp_servers, timedate
from apps.system.domain.time import (
    NTP,
    TIME,
    TIME_STREAM,
    NtpDisabled,
    NtpEnabled,
    NtpServer,
    NtpServersChanged,
    TimeService,
    TimezoneChanged,
    check_zone,
    checked_servers,
)
from apps.system.plans.restarting import restart
from calypso.kernel import files
from calypso.kernel.errors import Conflict, Unavailable
from calypso.kernel.plans import Ask, Outcome, Plan, Probe, Step, Write

DEADLINE = 60.0  # seconds: switching NTP takes 2.4 s where this was recorded
ENOUGH = 3  # servers: of two that differ nobody can tell which one is wrong


@dataclass(frozen=True)
class Clock:
    """As it was seen. ``unit``: the service's; ``code``, ``message``: why zone and switch are not known.

    ``drifted``: what is not as it was set here; to set it to what is there now only takes that as the configuration.
    """

    timezone: str
    ntp: bool
    can_ntp: bool
    service: TimeService
    running: bool
    path: str
    unit: str
    code: str = ""
    message: str = ""
    drifted: frozenset[str] = frozenset()


def set_timezone(clock: Clock, wish: str, known: Collection[str]) -> Plan:
    """Raises Invalid, Conflict or Unavailable."""
    check_zone(wish, known)
    _check_known(clock)
    if wish == clock.timezone and "timezone" not in clock.drifted:
        raise Conflict(f"The time zone is {wish} already.", code="nothing_to_do", field="timezone")
    step = Ask(
        title=f"Set the time zone to {wish}",
        deadline=DEADLINE,
        done=Probe(name="system.timezone_is", args={"timezone": wish}),
        undo=timedate.set_timezone(clock.timezone) if clock.timezone else None,
        **dict(timedate.set_timezone(wish)),
    )
    return Plan(
        title=step.title,
        resources=(TIME,),
        steps=(step,) if wish != clock.timezone else (),
        outcome=(Outcome.of(TIME_STREAM, TimezoneChanged(timezone=wish)),),
    )


def set_ntp(clock: Clock, enabled: bool | None, servers: Sequence[NtpServer] | None) -> Plan:
    """Other servers, NTP switched on or off, or both. Raises Invalid, Conflict, Unavailable; what the file refuses."""
    wanted = None if servers is None else checked_servers(servers)
    write = _write(clock, wanted) if wanted is not None else None
    switch = _switch(clock, enabled) if enabled is not None and enabled != clock.ntp else None
    names_them = wanted is not None and (write is not None or "servers" in clock.drifted)
    switches = enabled is not None and (switch is not None or "ntp" in clock.drifted)
    if not names_them and not switches:
        raise Conflict("NTP is set so already.", code="nothing_to_do")
    on = clock.ntp if enabled is None else enabled
    steps: list[Step] = [step for step in (write, switch) if step is not None]
    if write is not None and clock.running and on:
        steps.append(restart(clock.unit))
    return Plan(
        title="; ".join(step.title for step in (write, switch) if step is not None) or "Take NTP as it is set now",
        resources=(NTP, TIME),
        steps=tuple(steps),
        outcome=_outcome(clock, wanted if names_them else None, on if switches else None),
        warnings=tuple(_warnings(wanted, on)),
    )


def _write(clock: Clock, servers: tuple[NtpServer, ...]) -> Write | None:
    if not clock.service:
        raise timedate.no_time_service()
    if clock.running:
        _check_known(clock)  # it could not be restarted
    return files.write_step(
        f"Name the NTP servers in {clock.path}",
        clock.path,
        ntp_servers.EDIT,
        {"servers": [server.model_dump(mode="json") for server in servers]},
        check=chrony.CHECK if clock.service == "chrony" else (),
    )


def _switch(clock: Clock, on: bool) -> Ask:
    _check_known(clock)
    if on and not clock.can_ntp:
        raise timedate.no_time_service()
    return Ask(
        title="Switch NTP on" if on else "Switch NTP off",
        deadline=DEADLINE,
        done=Probe(name="system.ntp_is", args={"on": on}),
        undo=timedate.set_ntp(not on),
        **dict(timedate.set_ntp(on)),
    )


def _outcome(clock: Clock, servers: tuple[NtpServer, ...] | None, on: bool | None) -> tuple[Outcome, ...]:
    found: list[Outcome] = []
    if servers is not None:
        fact = NtpServersChanged(service=clock.service, path=clock.path, servers=servers)
        found.append(Outcome.of(TIME_STREAM, fact))
    if on is not None:
        found.append(Outcome.of(TIME_STREAM, NtpEnabled() if on else NtpDisabled()))
    return tuple(found)


def _warnings(servers: tuple[NtpServer, ...] | None, on: bool) -> list[str]:
    said = []
    if not on:
        said.append("NTP is off: nothing keeps the clock right.")
    if servers is not None and not any(server.kind == "pool" for server in servers) and len(servers) < ENOUGH:
        words = "Without a server nothing keeps the clock right." if not servers else ""
        said.append(words or "With fewer than three servers nobody can tell which one is wrong when they differ.")
    return said


def _check_known(clock: Clock) -> None:
    if clock.code:
        raise Unavailable("The box does not tell how its clock is kept.", code=clock.code, detail=clock.message)
