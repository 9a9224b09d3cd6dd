"""Argument lists of smartctl(8)."""

from __future__ import annotations

from typing import Literal

TestKind = Literal["short", "long"]


def report_argv(path: str) -> list[str]:
    """All that the disk tells, for parse_report(). A disk that sleeps is not woken (-n standby)."""
    return ["smartctl", "-j", "-a", "-n", "standby", "--", path]


def temperature_argv(path: str) -> list[str]:
    """The attributes alone, among them the temperature: less work for the disk than all."""
    return ["smartctl", "-j", "-A", "-n", "standby", "--", path]


def test_argv(path: str, kind: TestKind) -> list[str]:
    """Starts a self-test; the disk runs it by itself."""
    return ["smartctl", "-j", "-t", kind, "--", path]


def abort_argv(path: str) -> list[str]:
    """Ends the self-test that runs."""
    return ["smartctl", "-j", "-X", "--", path]
