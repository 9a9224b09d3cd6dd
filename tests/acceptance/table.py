"""The table at the end of an acceptance run: row, scenario, result, seconds. A row without a scenario says so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.acceptance.rows import ROWS


@dataclass
class Line:
    rows: tuple[str, ...]
    scenario: str
    result: str = ""
    seconds: float = 0.0


class Table:
    """A pytest plugin; it counts what ran, in whatever process, and prints nothing when no scenario did."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """The rows go with each report, which is all that comes back from another process."""
        rows = tuple(mark.args[0] for mark in item.iter_markers("row"))
        unknown = set(rows) - set(ROWS)
        assert not unknown, f"{item.nodeid}: no such row: {unknown}"
        if rows:
            item.user_properties.append(("rows", rows))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        rows = tuple(dict(report.user_properties).get("rows", ()))
        if not rows:
            return
        name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        line = self.lines.setdefault(report.nodeid, Line(rows, name))
        line.seconds += report.duration
        if report.when == "call" or report.outcome != "passed":
            line.result = "red" if "red" in (line.result, _word(report)) else _word(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        ran = [line for line in self.lines.values() if line.result]
        if not ran:
            return
        terminalreporter.section("acceptance")
        for row, words in ROWS.items():
            mine = [line for line in ran if row in line.rows]
            terminalreporter.write_line(f"{row:<27} {words}")
            for line in mine:
                terminalreporter.write_line(f"    {line.result:<8} {line.seconds:6.1f} s  {line.scenario}")
            if not mine:
                terminalreporter.write_line("    no scenario")


def _word(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return "expected" if report.skipped else "red"
    return {"passed": "green", "failed": "red", "skipped": "skipped"}[report.outcome]
