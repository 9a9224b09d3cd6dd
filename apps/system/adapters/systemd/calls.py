"""systemd's calls (org.freedesktop.systemd1(5))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calypso.kernel.plans import Ending, Request

NAME, PATH = "org.freedesktop.systemd1", "/org/freedesktop/systemd1"
MANAGER, UNIT = f"{NAME}.Manager", f"{NAME}.Unit"
UNITS = f"{PATH}/unit"  # below it each unit has its object

# A job's end: JobRemoved(id, job, unit, result). “skipped”: a condition of the unit does not hold, which is no failure.
JOB_ENDED = Ending(path=PATH, interface=MANAGER, member="JobRemoved", reply=1, result=3, good=("done", "skipped"))


def manager(member: str, signature: str = "", *body: Any, ending: Ending | None = None) -> Request:
    return Request(
        destination=NAME, path=PATH, interface=MANAGER, member=member, signature=signature, body=body, ending=ending
    )


def job(member: str, unit: str) -> Request:
    """StartUnit, StopUnit, RestartUnit, ReloadUnit: in place of jobs that contradict it."""
    return manager(member, "ss", unit, "replace", ending=JOB_ENDED)


def enable(unit: str) -> Request:
    """For good, not only until the next start of the machine; without replacing links of others."""
    return manager("EnableUnitFiles", "asbb", [unit], False, False)


def disable(unit: str) -> Request:
    return manager("DisableUnitFiles", "asb", [unit], False)


def mask(unit: str) -> Request:
    return manager("MaskUnitFiles", "asbb", [unit], False, False)


def unmask(unit: str) -> Request:
    return manager("UnmaskUnitFiles", "asb", [unit], False)


def reload_files() -> Request:
    return manager("Reload")


def subscribe() -> Request:
    """Without it systemd sends no signals."""
    return manager("Subscribe")


def list_units() -> Request:
    return manager("ListUnits")


def list_files() -> Request:
    return manager("ListUnitFiles")


def properties(path: str) -> Request:
    """Everything of an object, of all its interfaces, as `systemctl show` asks for it."""
    interface = "org.freedesktop.DBus.Properties"
    return Request(destination=NAME, path=path, interface=interface, member="GetAll", signature="s", body=("",))


def all_properties(units: Sequence[str]) -> list[Request]:
    return [properties(path_of(unit)) for unit in units]


def path_of(unit: str) -> str:
    """The object of a unit: all but ASCII letters and digits is escaped, and a digit that comes first."""
    safe = (
        c if c.isascii() and c.isalnum() and (at or not c.isdigit()) else "".join(f"_{b:02x}" for b in c.encode())
        for at, c in enumerate(unit)
    )
    return f"{UNITS}/{''.join(safe)}"


def unit_of(path: str) -> str:
    """The unit of an object."""
    escaped = path.rpartition("/")[2]
    parts = escaped.split("_")
    return parts[0] + "".join(chr(int(part[:2], 16)) + part[2:] for part in parts[1:])
