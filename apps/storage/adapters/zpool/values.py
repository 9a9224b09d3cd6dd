"""Single values as zpool(8) prints them: counts, sizes, dates. Anything else is ToolGarbage."""

from __future__ import annotations

import calendar
import re
from typing import NoReturn

from calypso.kernel.errors import ToolGarbage

_MONTHS = {
    month: number
    for number, month in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
# ctime(3) ("Mon Nov 23 05:37:22 2026"), and date(1)'s form with a zone, which the JSON uses.
DATE = r"[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2} (?:[A-Z]{1,5} )?[0-9]{4}"
_DATE = re.compile(r"\w+ (\w+) +(\d+) (\d+):(\d+):(\d+) (?:[A-Z]+ )?(\d+)", re.ASCII)
DURATION = r"(?:[0-9]{1,9} days )?[0-9]{2,9}:[0-9]{2}:[0-9]{2}"
_NUMBER = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,6}))?([KMGTPEZ]?)B?\Z")
_UNITS: dict[str, int] = {u: 1024**i for i, u in enumerate(("", "K", "M", "G", "T", "P", "E", "Z"))}


def garbage(what: str, text: str) -> NoReturn:
    """Raise ToolGarbage: `what` could not be read out of `text`."""
    raise ToolGarbage(f"zpool printed something that Calypso can't read: {what}", detail=text)


def number(text: str) -> int:
    """A count or a size. Shortened ones (``1.30K``, base 1024) give the nearest whole number they can stand for."""
    found = _NUMBER.match(text)
    if not found:
        garbage(f"{text[:40]!r} is not a number", text)
    if not found[2] and not found[3]:
        return int(found[1])
    whole: int = _UNITS[found[3]]
    return round(float(f"{found[1]}.{found[2] or 0}") * whole)


def maybe_number(text: str) -> int | None:
    """Like number(); ``-`` is None, and a trailing ``%`` is dropped."""
    return None if text == "-" else number(text.removesuffix("%"))


def timestamp(text: str) -> int:
    """Unix seconds of a date as printed with LC_ALL=C and TZ=UTC."""
    found = _DATE.fullmatch(text)
    if not found or found[1] not in _MONTHS:
        garbage(f"{text[:40]!r} is not a date", text)
    day, hour, minute, second, year = (int(found[i][:5]) for i in range(2, 7))
    if not (1 <= year <= 9999 and 1 <= day <= 31):
        garbage(f"{text[:40]!r} is not a date", text)
    return calendar.timegm((year, _MONTHS[found[1]], day, hour, minute, second))


def duration(text: str) -> int:
    """Seconds of ``00:01:21`` or ``2 days 00:01:21``."""
    days, _, clock = text.rpartition(" days ")
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return int(days or 0) * 86400 + hours * 3600 + minutes * 60 + seconds
