"""What NVMe disks tell (NVM Express base specification, log pages 02h and 06h)."""

from __future__ import annotations

from typing import Any

from apps.storage.adapters.smartctl.reading import number, text, whole
from apps.storage.adapters.smartctl.values import KEPT, LoggedTest, SelfTests

HEALTH, TESTS = "nvme_smart_health_information_log", "nvme_self_test_log"
KINDS = {1: "short", 2: "long"}
PASSED, ABORTED = (
    0,
    (1, 2, 3, 4, 8, 9),
)  # by a command, a reset, a removed or formatted namespace, or for no reason told


def counts(document: dict[str, Any]) -> dict[str, int | None]:
    return {
        "media_errors": number(document, HEALTH, "media_errors"),
        "wear": number(document, HEALTH, "percentage_used"),
    }


def tests(document: dict[str, Any]) -> SelfTests:
    running = number(document, TESTS, "current_self_test_operation", "value") or 0
    percent = number(document, TESTS, "current_self_test_completion_percent")
    return SelfTests(
        running=KINDS.get(running, "test") if running else "",
        percent=percent if running else None,
        log=tuple(_test(row) for row in whole(document, TESTS, "table")[:KEPT]),
    )


def _test(row: Any) -> LoggedTest:
    result = number(row, "self_test_result", "value")
    return LoggedTest(
        kind=KINDS.get(number(row, "self_test_code", "value") or 0, text(row, "self_test_code", "string")),
        status=text(row, "self_test_result", "string"),
        passed=None if result is None or result in ABORTED else result == PASSED,
        hours=number(row, "power_on_hours"),
    )
