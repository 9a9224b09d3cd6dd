"""The table of codes promises no more than what tests have met."""

from __future__ import annotations

from pathlib import Path

from tests.support.bad_input import CODES


def test_every_code_of_the_table_is_met_by_a_test() -> None:
    """So that the table, which is in no test file itself, does not promise what nobody has seen."""
    text = "".join(path.read_text() for path in Path(__file__).parent.parent.glob("*/test_*.py"))
    for code in CODES:
        assert text.count(f'"{code}"') > 0, code
