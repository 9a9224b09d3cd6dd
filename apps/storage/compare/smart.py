"""What a disk tells of itself now against what is known of it: the differences as events. Pure."""

from __future__ import annotations

from typing import Any

from apps.storage.adapters.smartctl.report import Report
from apps.storage.domain.smart import DiskHealthChanged, SelfTest, SelfTestEnded
from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskHealth, DiskSmart

COUNTS = ("reallocated", "pending", "uncorrectable", "media_errors")
TOLD = ("passed", "temperature", "temperature_limit", "power_on_hours", *COUNTS, "wear")


def health_change(disk: Disk, known: DiskHealth | None, now: Report) -> DiskHealthChanged | None:
    """The event for a verdict or a count that differs, or None. What the disk does not tell now stays as it was."""
    before = {name: getattr(known, name, None) for name in ("passed", *COUNTS)}
    told = {name: value for name in before if (value := getattr(now, name)) is not None}
    fields = tuple(name for name, value in told.items() if not _same(name, before[name], value))
    if not fields:
        return None
    return DiskHealthChanged(disk=disk.id, serial=disk.serial, **{**before, **told}, fields=fields)


def _same(name: str, before: Any, value: Any) -> bool:
    """A disk that nothing is known of is taken to be well."""
    well: Any = True if name == "passed" else 0
    return bool(value == (well if before is None else before))


def ended_test(disk: Disk, before: DiskSmart | None, now: Report) -> SelfTestEnded | None:
    """The event for a self-test that has ended since the last look: the log has a new first entry.

    What a log held when the disk was first looked at is history.
    """
    if before is None or not now.tests.log:
        return None
    latest = SelfTest(**vars(now.tests.log[0]))
    known = before.self_tests[0] if before.self_tests else None
    ran_to_its_end = bool(before.self_test) and not now.tests.running
    if known == latest.model_dump() and not (ran_to_its_end and latest.passed is not None):
        return None
    return SelfTestEnded(disk=disk.id, serial=disk.serial, test=latest)
