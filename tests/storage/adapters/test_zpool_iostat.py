"""`zpool iostat`: the rows of several pools, groups without a heading, and what is no such text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.adapters import zpool
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load

TANK = "tank\t528384\t1006104576\t0\t13\t51885\t164447\t3590987\t5884970\t1\t2\n"


def test_the_command() -> None:
    assert zpool.iostat_argv(["tank", "a b"], 5) == ["zpool", "iostat", "-Hpvly", "--", "tank", "a b", "5", "1"]


def test_the_recorded_line_with_latencies() -> None:
    [row] = zpool.parse_iostat(load("zpool", "037").stdout, ["tank"])
    assert (row.name, row.place, row.reads, row.writes) == ("tank", 0, 0, 13)
    assert (row.read_bytes, row.write_bytes) == (51885, 164447)
    assert (row.read_wait, row.write_wait) == (3590987, 5884970)


def test_places_count_within_each_pool_and_empty_lines_are_headings() -> None:
    disk = "wwn-1\t0\t0\t1\t2\t3\t4\t-\t5\t-\t-\n"
    rows = zpool.parse_iostat(TANK + disk + "\n" + disk + TANK.replace("tank", "vault") + disk, ["tank", "vault"])
    assert [(row.pool, row.place) for row in rows] == [
        ("tank", 0), ("tank", 1), ("tank", 2), ("vault", 0), ("vault", 1)
    ]  # fmt: skip
    assert (rows[1].read_wait, rows[1].write_wait) == (None, 5)


def test_a_text_without_latencies_is_not_taken_for_one() -> None:
    with pytest.raises(ToolGarbage):
        zpool.parse_iostat(load("zpool", "036").stdout, ["tank", "vault"])


@given(st.text() | st.text("0123456789\t\n -tank"))
def test_any_text_gives_rows_or_a_named_error(text: str) -> None:
    try:
        zpool.parse_iostat(text, ["tank"])
    except ToolGarbage:
        pass
