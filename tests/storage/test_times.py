"""When schedules are due and how their snapshots are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.domain.schedules import When
from apps.storage.domain.times import (
    MOST_COUNTED,
    check_naming,
    check_when,
    due_after,
    due_between,
    fixed_prefix,
    free_name,
    in_words,
    last_before,
    name_at,
    next_runs,
)
from calypso.kernel.errors import Invalid

BERLIN = "Europe/Berlin"


def hours(found: list[datetime]) -> list[str]:
    return [f"{due:%d %H:%M}" for due in found]


def test_in_words() -> None:
    assert (
        in_words(When(cron="15 3 * * MON-FRI", timezone=BERLIN)) == "At 03:15 on Monday through Friday (Europe/Berlin)"
    )


def test_next_runs_are_in_utc() -> None:
    when = When(cron="0 3 * * *", timezone=BERLIN)
    found = next_runs(when, datetime(2026, 7, 1, tzinfo=UTC))
    assert hours(found) == ["01 01:00", "02 01:00", "03 01:00", "04 01:00", "05 01:00"]


def test_a_time_that_spring_leaves_out_still_comes() -> None:
    """2026-03-29 in Berlin: 02:00 becomes 03:00."""
    found = next_runs(When(cron="30 2 * * *", timezone=BERLIN), datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert hours(found) == ["29 01:00", "30 00:30"]


def test_a_time_that_autumn_has_twice_comes_once_and_hours_go_on() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert hours(next_runs(When(cron="30 2 * * *", timezone=BERLIN), start, 2)) == ["25 00:30", "26 01:30"]
    hourly = next_runs(When(cron="0 * * * *", timezone=BERLIN), datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 4)
    assert hours(hourly) == ["24 23:00", "25 00:00", "25 01:00", "25 02:00"]


@pytest.mark.parametrize(
    "cron",
    ["", "x", "* * * *", "* * * * * *", "61 * * * *", "@daily", "0 0 30 2 *", "* * * * 9", "٣ * * * *", "*/0 * * * *"],
)
def test_bad_expressions_are_named(cron: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_when(When.model_construct(cron=cron, timezone="UTC", make_up_hours=0))
    assert (caught.value.code, caught.value.field) == ("bad_cron", "when.cron")


@pytest.mark.parametrize("timezone", ["Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "UTC\x00"])
def test_bad_time_zones_are_named(timezone: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_when(When.model_construct(cron="0 * * * *", timezone=timezone, make_up_hours=0))
    assert (caught.value.code, caught.value.field) == ("bad_timezone", "when.timezone")


@given(st.text(max_size=30))
def test_any_expression_is_taken_or_named(cron: str) -> None:
    try:
        check_when(When.model_construct(cron=cron, timezone=BERLIN, make_up_hours=0))
    except Invalid as error:
        assert error.code == "bad_cron"


@given(
    st.sampled_from(["*/15 * * * *", "0 * * * *", "30 2 * * *", "0 4 * * SUN", "0 0 1 * *"]),
    st.sampled_from(["UTC", BERLIN, "Australia/Lord_Howe"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_what_is_due_between_is_what_comes_after(cron: str, timezone: str, after: datetime, span: timedelta) -> None:
    when = When(cron=cron, timezone=timezone)
    first, last, count = due_between(when, after, after + span)
    expected = []
    for due in due_after(when, after):
        if due > after + span:
            break
        expected.append(due)
    assert (first, last, count) == ((expected[0], expected[-1], len(expected)) if expected else (None, None, 0))
    assert expected == sorted(set(expected))


def test_years_of_absence_are_not_counted_to_the_end() -> None:
    when = When(cron="* * * * *")
    first, last, count = due_between(when, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC))
    assert (first, count) == (datetime(2025, 1, 1, 0, 1, tzinfo=UTC), MOST_COUNTED)
    assert last == datetime(2026, 1, 1, tzinfo=UTC)
    assert last_before(when, datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_clock_set_back_gives_none() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert due_between(When(cron="* * * * *"), now, now - timedelta(hours=1)) == (None, None, 0)


def test_names_are_by_the_clock_of_the_time_zone() -> None:
    when = When(cron="0 * * * *", timezone=BERLIN)
    assert name_at("h-%Y-%m-%d_%H-%M", when, datetime(2026, 7, 1, 22, tzinfo=UTC)) == "h-2026-07-02_00-00"
    assert fixed_prefix("h-%Y-%m-%d_%H-%M") == "h-"


@pytest.mark.parametrize(
    ("naming", "cron"),
    [
        ("%Y-%m-%d", "0 0 * * *"),  # nothing fixed
        ("daily-%Y-%m-%d", "0 * * * *"),  # the same name each hour
        ("fixed", "0 0 * * *"),
        ("a-%Z", "0 0 * * *"),
        ("a-%", "0 0 * * *"),
        ("a-%Y%%", "0 0 * * *"),
        ("a@%Y-%m-%d", "0 0 * * *"),
        ("a/%Y-%m-%d", "0 0 * * *"),
        (" %Y-%m-%d", "0 0 * * *"),
        ("ä-%Y-%m-%d", "0 0 * * *"),
    ],
)
def test_bad_patterns_are_named(naming: str, cron: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_naming(naming, When(cron=cron, timezone=BERLIN), "job.naming")
    assert caught.value.field == "job.naming"
    assert caught.value.code in ("bad_naming", "bad_snapshot_name")


@pytest.mark.parametrize(
    ("naming", "cron"), [("h-%Y-%m-%d_%H-%M", "*/5 * * * *"), ("d-%Y-%j", "0 0 * * *"), ("w-%G-%V", "0 4 * * SUN")]
)
def test_good_patterns(naming: str, cron: str) -> None:
    check_naming(naming, When(cron=cron, timezone=BERLIN), "job.naming")


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("a", set()) == "a"
    assert free_name("a", {"a"}) == "a-2"
    assert free_name("a", {"a", "a-2", "b"}) == "a-3"
