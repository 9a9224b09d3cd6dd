"""What SCSI and SAS disks tell (SPC-5, SBC-4): log pages instead of attributes."""

from __future__ import annotations

from typing import Any

from apps.storage.adapters.smartctl.reading import number, pick, text
from apps.storage.adapters.smartctl.values import KEPT, LoggedTest, SelfTests

IN_PROGRESS, COMPLETED, ABORTED = 15, 0, (1, 2)  # self-test results, SPC-5


def counts(document: dict[str, Any]) -> dict[str, int | None]:
    failed = [
        number(document, "scsi_error_counter_log", way, "total_uncorrected_errors")
        for way in ("read", "write", "verify")
    ]
    told = [count for count in failed if count is not None]
    return {
        "reallocated": number(document, "scsi_grown_defect_list"),
        "uncorrectable": sum(told) if told else None,
        "wear": number(document, "scsi_percentage_used_endurance_indicator"),
    }


def tests(document: dict[str, Any]) -> SelfTests:
    rows = [row for at in range(KEPT) if isinstance(row := pick(document, f"scsi_self_test_{at}"), dict)]
    running = next((row for row in rows if number(row, "result", "value") == IN_PROGRESS), None)
    return SelfTests(
        running=_kind(running) or "test" if running else "",
        log=tuple(_test(row) for row in rows if row is not running),
    )


def _test(row: dict[str, Any]) -> LoggedTest:
    result = number(row, "result", "value")
    return LoggedTest(
        kind=_kind(row),
        status=text(row, "result", "string"),
        passed=None if result is None or result in ABORTED else result == COMPLETED,
        hours=number(row, "power_on_time", "hours"),
    )


def _kind(row: dict[str, Any] | None) -> str:
    words = text(row, "code", "string")
    return "short" if "short" in words.lower() else "long" if "long" in words.lower() else words
