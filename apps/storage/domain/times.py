"""When a schedule is due: cron expressions in a time zone, and the names that its snapshots get. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from apps.storage.domain.schedules import When
from apps.storage.domain.snapshots import check_part
from calypso.kernel.errors import Invalid

MOST_COUNTED = 10_000  # times that were missed in a row, counted one by one
_DIRECTIVES = "YmdHMSyjGVu"
_PREFIX = re.compile(r"[^%]*")


def zone(name: str, field: str = "when.timezone") -> ZoneInfo:
    """Raises Invalid for a name that the time zone database does not have."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # a name that leads out of the database is a ValueError
        raise Invalid(
            f"There is no time zone “{name}”.",
            field=field,
            code="bad_timezone",
            hint="Take an IANA name, for example “Europe/Berlin”, or “UTC”.",
        ) from error


def check_when(when: When, field: str = "when") -> None:
    """Raises Invalid for a cron expression or a time zone that there is none of, or a time that never comes."""
    if next(due_after(when, datetime(2026, 1, 1, tzinfo=UTC), field), None) is None:
        raise Invalid(f"“{when.cron}” never comes.", field=f"{field}.cron", code="bad_cron")


def due_after(when: When, moment: datetime, field: str = "when") -> Iterator[datetime]:
    """The times after ``moment`` at which a schedule is due, in UTC. Raises Invalid.

    Around a change of clocks it is as in Debian's cron: a time that is left out comes at once, one that comes twice
    is taken once, and what runs every hour or oftener runs by the real hours.
    """
    local = moment.astimezone(zone(when.timezone, f"{field}.timezone"))
    times = _parsed(when.cron, local, f"{field}.cron")
    try:
        for due in times:
            yield due.astimezone(UTC)
    except (StopIteration, OverflowError, ValueError, RuntimeError):
        return


def in_words(when: When) -> str:
    """The expression as a person would say it. Raises Invalid."""
    return f"{_parsed(when.cron, datetime(2026, 1, 1, tzinfo=UTC), 'when.cron').explain()} ({when.timezone})"


def next_runs(when: When, moment: datetime, count: int = 5) -> list[datetime]:
    return list(islice(due_after(when, moment), count))


def due_between(when: When, after: datetime, until: datetime) -> tuple[datetime | None, datetime | None, int]:
    """(first, last, how many) of the times after ``after`` up to ``until``; more than MOST_COUNTED are not counted on.

    A clock that was set back gives none.
    """
    first: datetime | None = None
    last, count = None, 0
    for due in due_after(when, after):
        if due > until or count >= MOST_COUNTED:
            break
        first, last, count = first or due, due, count + 1
    if count >= MOST_COUNTED:
        last = last_before(when, until)
    return first, last, count


def last_before(when: When, moment: datetime) -> datetime:
    """The last time up to ``moment``."""
    local = moment.astimezone(zone(when.timezone)) + timedelta(seconds=1)
    return next(CronSim(when.cron, local, reverse=True)).astimezone(UTC)


def _parsed(cron: str, local: datetime, field: str) -> CronSim:
    if len(cron.split()) != 5 or not cron.isascii():
        raise _bad_cron(cron, field, "it takes five fields: minute, hour, day of the month, month, day of the week")
    try:
        return CronSim(cron, local)
    except (CronSimError, ValueError) as error:
        raise _bad_cron(cron, field, str(error)) from error


def _bad_cron(cron: str, field: str, why: str) -> Invalid:
    hint = "For example “0 * * * *” (every hour), “15 3 * * *” (daily at 03:15), “0 4 * * SUN” (on Sundays at 04:00)."
    return Invalid(f"“{cron}” is no cron expression: {why}.", field=field, code="bad_cron", hint=hint)


# --- names ------------------------------------------------------------------------------------------------------------


def fixed_prefix(naming: str) -> str:
    """What stands before the first directive of a naming pattern."""
    found = _PREFIX.match(naming)
    return found[0] if found else ""


def check_naming(naming: str, when: When, field: str, *, of: str = "") -> None:
    """Raises Invalid unless the pattern gives a good name of its own at each of the next times."""
    pieces = re.findall(r"%(.?)", naming.replace("%%", "%!"))
    if bad := next((piece for piece in pieces if piece not in _DIRECTIVES or not piece), None):
        raise _bad_naming(f"“%{bad}” can't stand in a naming pattern", field)
    if not fixed_prefix(naming).strip():
        raise _bad_naming("The pattern must begin with fixed words, by which its snapshots are recognised", field)
    times = [due.astimezone(zone(when.timezone)) for due in next_runs(when, datetime(2026, 1, 1, tzinfo=UTC), 100)]
    names = [(due.strftime(naming), due.utcoffset()) for due in times]  # an hour may come twice in autumn
    check_part(names[0][0] if names else fixed_prefix(naming), field, of=of)
    if len(set(names)) < len(names):
        raise _bad_naming("Several runs would make snapshots of one name", field)


def name_at(naming: str, when: When, due: datetime) -> str:
    """The snapshot's name of a run, by the clock of the schedule's time zone."""
    return due.astimezone(zone(when.timezone)).strftime(naming)


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with -2, -3 … behind it: an hour that comes twice in autumn, a run by hand in the same minute."""
    if name not in taken:
        return name
    return next(other for number in range(2, len(taken) + 3) if (other := f"{name}-{number}") not in taken)


def _bad_naming(problem: str, field: str) -> Invalid:
    return Invalid(
        f"{problem}.",
        field=field,
        code="bad_naming",
        hint="For example “hourly-%Y-%m-%d_%H-%M”. %Y %m %d %H %M %S and %y %j %G %V %u may be used.",
    )
