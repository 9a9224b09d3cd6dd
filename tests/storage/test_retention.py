"""Retention: what stays and what goes, whatever the snapshots' times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.domain.retention import BUCKETS, keeps_by_count, sort_out
from apps.storage.domain.schedules import Retention

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COUNTS = ("last", *BUCKETS)

times = st.datetimes(datetime(2023, 1, 1), datetime(2026, 11, 24), timezones=st.just(UTC))
snapshots = st.lists(times, max_size=60, unique=True).map(lambda all_: [(f"s{i}", at) for i, at in enumerate(all_)])
retentions = st.builds(
    Retention,
    **{kind: st.integers(0, 8) for kind in COUNTS},
    min_age_hours=st.integers(0, 24 * 400),
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"]).map(
    ZoneInfo
)


def kept(found: list[tuple[str, datetime]], retention: Retention, zone: ZoneInfo = BERLIN) -> set[str]:
    return {each.name for each in sort_out(found, retention, zone, NOW) if not each.expires}


@given(snapshots, retentions, zones)
def test_each_is_sorted_once_and_the_newest_never_expires(
    found: list[tuple[str, datetime]], retention: Retention, zone: ZoneInfo
) -> None:
    sorted_out = sort_out(found, retention, zone, NOW)
    assert sorted(each.name for each in sorted_out) == sorted(name for name, _ in found)
    assert [each.created_at for each in sorted_out] == sorted((at for _, at in found), reverse=True)
    if sorted_out:
        assert not sorted_out[0].expires


@given(snapshots, retentions, zones, st.sampled_from(COUNTS), st.integers(1, 5))
def test_keeping_more_never_loses_one(
    found: list[tuple[str, datetime]], retention: Retention, zone: ZoneInfo, kind: str, more: int
) -> None:
    if keeps_by_count(retention):  # from “keep everything” to any count is less, not more
        larger = retention.model_copy(update={kind: getattr(retention, kind) + more})
        assert kept(found, retention, zone) <= kept(found, larger, zone)


@given(snapshots, retentions, zones)
def test_what_expired_once_is_not_missed_by_the_next_run(
    found: list[tuple[str, datetime]], retention: Retention, zone: ZoneInfo
) -> None:
    """Expiring twice in a row is expiring once."""
    staying = kept(found, retention, zone)
    rest = [each for each in found if each[0] in staying]
    assert kept(rest, retention, zone) == staying


@given(snapshots, st.sampled_from(list(BUCKETS)), st.integers(1, 8), zones)
def test_a_bucket_count_keeps_no_more_than_it_says(
    found: list[tuple[str, datetime]], kind: str, count: int, zone: ZoneInfo
) -> None:
    assert len(kept(found, Retention(**{kind: count}), zone)) <= count
    of_kinds = {BUCKETS[kind](at.astimezone(zone)) for _, at in found}
    assert len(kept(found, Retention(**{kind: count}), zone)) == min(count, len(of_kinds))


@given(snapshots, zones)
def test_no_counts_keep_everything(found: list[tuple[str, datetime]], zone: ZoneInfo) -> None:
    assert kept(found, Retention(), zone) == {name for name, _ in found}


@given(snapshots, retentions, zones)
def test_the_young_stay(found: list[tuple[str, datetime]], retention: Retention, zone: ZoneInfo) -> None:
    young = {name for name, at in found if at > NOW - timedelta(hours=retention.min_age_hours)}
    assert young <= kept(found, retention, zone) or not retention.min_age_hours


def test_reasons_are_told() -> None:
    found = [(f"h{hour}", NOW - timedelta(hours=hour)) for hour in range(30)]
    sorted_out = sort_out(found, Retention(last=2, hourly=3, daily=2, yearly=1), ZoneInfo("UTC"), NOW)
    because = {each.name: each.because for each in sorted_out if not each.expires}
    assert because == {
        "h0": ("last", "hourly", "daily", "yearly"),
        "h1": ("last", "hourly"),
        "h2": ("hourly",),
        "h13": ("daily",),  # 23:00 of the day before
    }


def test_days_are_those_of_the_time_zone() -> None:
    """23:30 UTC is the next day in Berlin."""
    found = [("late", datetime(2026, 6, 1, 22, 30, tzinfo=UTC)), ("early", datetime(2026, 6, 1, 21, 30, tzinfo=UTC))]
    assert kept(found, Retention(daily=2), ZoneInfo("UTC")) == {"late"}
    assert kept(found, Retention(daily=2), BERLIN) == {"late", "early"}


def test_the_hour_that_comes_twice_in_autumn_is_two_hours() -> None:
    """2026-10-25 in Berlin: 02:30 summer time is 00:30 UTC, 02:30 winter time is 01:30 UTC."""
    found = [(f"at {h}", datetime(2026, 10, 25, h, 30, tzinfo=UTC)) for h in (0, 1)]
    assert kept(found, Retention(hourly=2)) == {"at 0", "at 1"}
    assert kept(found, Retention(daily=2)) == {"at 1"}


@pytest.mark.parametrize("kind", BUCKETS)
def test_of_each_bucket_the_newest_stays(kind: str) -> None:
    found = [("first", datetime(2026, 6, 1, 10, 5, tzinfo=UTC)), ("last", datetime(2026, 6, 1, 10, 55, tzinfo=UTC))]
    assert kept(found, Retention(**{kind: 5})) == {"last"}
