"""Calls of timedated and hostnamed (org.freedesktop.timedate1(5), org.freedesktop.hostname1(5)), and their refusals."""

from __future__ import annotations

from calypso.kernel import bus
from calypso.kernel.errors import CalypsoError, Conflict, Invalid
from calypso.kernel.plans import Request

TIME, TIME_PATH = "org.freedesktop.timedate1", "/org/freedesktop/timedate1"
HOST, HOST_PATH = "org.freedesktop.hostname1", "/org/freedesktop/hostname1"
BY_HAND = False  # “interactive”: nobody is there whom polkit could ask


def set_timezone(name: str) -> Request:
    return _time("SetTimezone", "sb", name, BY_HAND)


def set_ntp(on: bool) -> Request:
    """Enables and starts the unit that keeps the clock, or stops and disables it."""
    return _time("SetNTP", "bb", on, BY_HAND)


def set_hostname(name: str) -> Request:
    """The name that is kept; the one in use follows it."""
    return Request(
        destination=HOST,
        path=HOST_PATH,
        interface=HOST,
        member="SetStaticHostname",
        signature="sb",
        body=(name, BY_HAND),
    )


def time_properties() -> Request:
    return bus.get_all(TIME, TIME_PATH, TIME)


def host_properties() -> Request:
    return bus.get_all(HOST, HOST_PATH, HOST)


def _time(member: str, signature: str, *body: object) -> Request:
    return Request(
        destination=TIME, path=TIME_PATH, interface=TIME, member=member, signature=signature, body=tuple(body)
    )


@bus.names_errors_of(TIME)
def time_error(request: Request, refused: bus.Refused) -> CalypsoError | None:
    if request.member == "SetTimezone" and refused.name.endswith(".InvalidArgs"):
        return Invalid(
            f"There is no time zone “{request.body[0]}” on the box.",
            field="timezone",
            code="no_such_timezone",
            hint="Take a name such as Europe/Berlin; the package tzdata has them.",
        )
    if refused.name.endswith(".NoNTPSupport"):
        return no_time_service()
    if "Previous request is not finished" in refused.message:
        return Conflict(
            "NTP is being switched at this very moment.", code="time_busy", hint="Ask again in a few seconds."
        )
    return None


def no_time_service() -> Conflict:
    return Conflict(
        "Neither chrony nor ntpd is installed: nothing can keep the clock right.",
        code="no_time_service",
        hint="Install chrony.",
    )
