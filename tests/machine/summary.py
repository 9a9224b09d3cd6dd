"""Says at the end of a run, where nobody can miss it, that tests on a real systemd were not run, and why."""

from __future__ import annotations

import pytest

from tests.machine.tree import unavailable


class Summary:
    """A pytest plugin. It prints nothing where these tests ran, or were not asked for."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports = terminalreporter.stats.get("skipped", [])
        missed = [report for report in reports if "system" in report.keywords and NOT_RUN in str(report.longrepr)]
        if missed:
            terminalreporter.section("NOT RUN: tests on a real systemd", sep="!", red=True, bold=True)
            terminalreporter.write_line(f"{len(missed)} tests did not run: {unavailable()}.", red=True, bold=True)


NOT_RUN = "no real systemd here"
