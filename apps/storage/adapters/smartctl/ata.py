"""What ATA disks tell (ACS-4): attributes by number, as the makers agree on them."""

from __future__ import annotations

import re
from typing import Any

from apps.storage.adapters.smartctl.reading import number, pick, text, whole
from apps.storage.adapters.smartctl.values import KEPT, LoggedTest, SelfTests

REALLOCATED, PENDING, UNCORRECTABLE = 5, 197, 198
IN_PROGRESS = 15  # upper half of the byte "self-test execution status"
_ABORTED = range(0x10, 0x30)  # by the host, or by a reset: neither passed nor failed
_LIFE = re.compile(r"Wear_Leveling_Count|Media_Wearout_Indicator|SSD_Life_Left|Percent_Lifetime_Remain|Remaining_Life")


def counts(document: dict[str, Any]) -> dict[str, int | None]:
    rows = whole(document, "ata_smart_attributes", "table")
    raw = {number(row, "id"): number(row, "raw", "value") for row in rows}
    return {
        "reallocated": raw.get(REALLOCATED),
        "pending": raw.get(PENDING),
        "uncorrectable": raw.get(UNCORRECTABLE),
        "wear": _wear(document, rows),
    }


def _wear(document: dict[str, Any], rows: list[Any]) -> int | None:
    """smartctl 7.4 has it worked out; else the normalized value counts down from 100."""
    if (used := number(document, "endurance_used", "current_percent")) is not None:
        return used
    left = (number(row, "value") for row in rows if _LIFE.match(text(row, "name")))
    return next((max(0, 100 - value) for value in left if value is not None), None)


def tests(document: dict[str, Any]) -> SelfTests:
    status = number(document, "ata_smart_data", "self_test", "status", "value") or 0
    runs = status >> 4 == IN_PROGRESS
    left = number(document, "ata_smart_data", "self_test", "status", "remaining_percent")
    log = whole(document, "ata_smart_self_test_log", "standard", "table")
    log = log or whole(document, "ata_smart_self_test_log", "extended", "table")
    ended = [_test(row) for row in log if (number(row, "status", "value") or 0) >> 4 != IN_PROGRESS]
    return SelfTests(
        running="test" if runs else "",
        percent=max(0, 100 - left) if runs and left is not None else None,
        log=tuple(ended[:KEPT]),
    )


def _test(row: Any) -> LoggedTest:
    words = text(row, "type", "string")
    kind = "short" if words.startswith("Short") else "long" if words.startswith("Extended") else words
    passed = pick(row, "status", "passed")
    aborted = (number(row, "status", "value") or 0) in _ABORTED
    return LoggedTest(
        kind=kind,
        status=text(row, "status", "string"),
        passed=passed if isinstance(passed, bool) and not aborted else None,
        hours=number(row, "lifetime_hours"),
    )
