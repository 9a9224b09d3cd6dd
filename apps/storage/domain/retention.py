"""Which of a schedule's snapshots of one dataset stay, and which expire. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.storage.domain.schedules import Retention

Bucket = Callable[[datetime], tuple[object, ...]]

# A local hour that comes twice in autumn is two hours: the offset from UTC tells them apart.
BUCKETS: dict[str, Bucket] = {
    "hourly": lambda t: (t.year, t.month, t.day, t.hour, t.utcoffset()),
    "daily": lambda t: (t.year, t.month, t.day),
    "weekly": lambda t: t.isocalendar()[:2],
    "monthly": lambda t: (t.year, t.month),
    "yearly": lambda t: (t.year,),
}


@dataclass(frozen=True)
class Kept:
    """A snapshot and why it stays: ``last``, ``hourly`` … ``yearly``, ``newest``, ``young``. No reason: it expires."""

    name: str
    created_at: datetime
    because: tuple[str, ...]

    @property
    def expires(self) -> bool:
        return not self.because


def sort_out(
    snapshots: Iterable[tuple[str, datetime]], retention: Retention, zone: ZoneInfo, now: datetime
) -> list[Kept]:
    """Each snapshot with the reasons for which it stays, the newest first. The newest always stays."""
    ordered = sorted(snapshots, key=lambda each: (each[1], each[0]), reverse=True)
    if not keeps_by_count(retention):
        return [Kept(name, at, ("everything",)) for name, at in ordered]
    reasons: dict[str, list[str]] = {name: [] for name, _ in ordered}
    for name, _ in ordered[: retention.last]:
        reasons[name].append("last")
    for kind, bucket in BUCKETS.items():
        for name in _newest_of_each(ordered, bucket, getattr(retention, kind), zone):
            reasons[name].append(kind)
    young = now - timedelta(hours=retention.min_age_hours)
    for place, (name, at) in enumerate(ordered):
        if place == 0 and not reasons[name]:
            reasons[name].append("newest")
        if retention.min_age_hours and at > young:
            reasons[name].append("young")
    return [Kept(name, at, tuple(reasons[name])) for name, at in ordered]


def keeps_by_count(retention: Retention) -> bool:
    """Whether anything ever expires."""
    return any(getattr(retention, kind) for kind in ("last", *BUCKETS))


def _newest_of_each(ordered: list[tuple[str, datetime]], bucket: Bucket, count: int, zone: ZoneInfo) -> list[str]:
    """The newest of each of the latest ``count`` buckets that have any."""
    found: dict[tuple[object, ...], str] = {}
    for name, at in ordered:
        key = bucket(at.astimezone(zone))
        if key in found:
            continue
        if len(found) >= count:
            break
        found[key] = name
    return list(found.values())
