"""The ARC's statistics, as recorded and as the lab makes them up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.adapters import arcstats
from apps.storage.adapters.arcstats import Reads
from calypso.kernel.errors import ToolGarbage
from calypso.lab.arc import arcstats_text
from tests.support.lab_box import recorded_box
from tests.support.recordings import load


def test_the_recorded_ones() -> None:
    arc = arcstats.parse(load("proc", "001").stdout)
    assert (arc.size, arc.target, arc.least, arc.most) == (141344576, 1416270592, 128226048, 3029491712)
    assert arc.total == Reads(172915, 0, 141) and arc.total.hit_percent == 99.92
    assert arc.prefetch_data.hit_percent is None, "nothing was prefetched"
    assert (arc.mru_hits, arc.mfu_hits) == (26096, 146819)
    assert arc.l2 is not None, "a cache device was there"
    assert (arc.l2.size, arc.l2.allocated, arc.l2.misses) == (3835904, 305152, 15) and arc.l2.hit_percent == 0


def test_what_was_read_since_a_look_before() -> None:
    assert Reads(10, 1, 5).since(Reads(4, 1, 2)) == Reads(6, 0, 3)
    assert Reads(1, 0, 0).since(Reads(4, 1, 2)) is None, "the module was loaded anew"


@pytest.mark.parametrize("text", ["", "ONLINE\n", "a\nb\nsize 4 -1\nc 4 9\n", "a\nb\nsize 4 x\n"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ToolGarbage):
        arcstats.parse(text)


@given(st.text())
def test_any_text_gives_a_value_or_a_named_error(text: str) -> None:
    try:
        arcstats.parse("\n\n" + text)
    except ToolGarbage:
        pass


def test_the_labs_figures_move_and_never_go_back(tmp_path: Path) -> None:
    box = recorded_box(tmp_path / "lab")
    first = arcstats.parse(arcstats_text(box.path))
    assert 0 < first.size <= first.target <= first.most
    box.advance(60)
    later = arcstats.parse(arcstats_text(box.path))
    between = later.total.since(first.total)
    assert between is not None and between.hits > 1000 and 80 < (between.hit_percent or 0) < 100
    assert later.l2 is None
