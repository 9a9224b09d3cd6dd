"""When a pool will be full: known histories and their known ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.domain.forecast import FARTHEST, forecast

DAY = 86400.0
T = 10**12


def test_even_growth_ends_where_the_line_meets_the_size() -> None:
    told = forecast([(day * DAY, day * 10 * 10**9) for day in range(31)], T)
    assert told.verdict == "growing" and told.full_at is not None
    assert told.full_at / DAY == pytest.approx(100, abs=2)
    assert told.per_day == pytest.approx(10 * 10**9, rel=0.02)
    assert (told.samples, told.seconds) == (31, 30 * DAY)


def test_what_was_not_written_was_as_before() -> None:
    """Flat for 29 days, then a jump: two samples close together must not look like a slope of a day."""
    told = forecast([(0, 0), (29 * DAY, 0), (29 * DAY + 60, 10**11), (30 * DAY, 10**11)], T)
    assert told.full_at is None or told.full_at > 60 * DAY


@pytest.mark.parametrize("slope", [0, -(10**6)])
def test_flat_and_shrinking_pools_are_never_full(slope: int) -> None:
    told = forecast([(day * DAY, 10**11 + day * slope) for day in range(10)], T)
    assert (told.verdict, told.full_at) == ("not in sight", None)


def test_too_little_history() -> None:
    for samples in ([], [(0.0, 5)], [(0.0, 5), (60.0, 6)]):
        assert forecast(samples, T).verdict == "too little known"


def test_a_pool_that_is_full_already_is_full_now() -> None:
    told = forecast([(day * DAY, T - (10 - day) * 10**9) for day in range(11)], T)
    assert told.full_at is not None and told.full_at == pytest.approx(10 * DAY, abs=DAY)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.integers(0, 2**60)), max_size=30), st.integers(0, 2**62))
def test_any_history_gets_a_verdict(samples: list[tuple[float, int]], size: int) -> None:
    told = forecast(sorted(samples), size)
    assert (told.full_at is not None) == (told.verdict == "growing")
    if told.full_at is not None:
        assert told.full_at <= sorted(samples)[-1][0] + FARTHEST
