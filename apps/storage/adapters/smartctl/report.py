"""The JSON of smartctl -a for ATA, SCSI and NVMe disks, as one value.

The exit status is a mask: the data may be whole although some of its bits are set (smartctl(8), EXIT STATUS). What a
disk or a version does not tell is None; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.storage.adapters.smartctl import ata, nvme, scsi
from apps.storage.adapters.smartctl.errors import COMMAND_LINE, OPEN_FAILED, error_from
from apps.storage.adapters.smartctl.reading import number, pick, text, whole
from apps.storage.adapters.smartctl.values import SelfTests
from calypso.kernel.errors import ToolGarbage

FAILING_NOW = 8  # bit of the exit status: the disk's own verdict


@dataclass(frozen=True)
class Report:
    """What a disk tells of itself. Temperatures in °C; wear in percent; None: it does not tell.

    supported: it has SMART. passed: its own verdict. reallocated: places replaced; pending: places that wait for it;
    uncorrectable: reads or writes that failed for good; media_errors: the same as NVMe counts them.
    """

    supported: bool
    protocol: str
    passed: bool | None
    temperature: int | None
    temperature_limit: int | None
    power_on_hours: int | None
    reallocated: int | None
    pending: int | None
    uncorrectable: int | None
    media_errors: int | None
    wear: int | None
    tests: SelfTests
    document: dict[str, Any] = field(repr=False)


def parse_report(printed: str) -> Report:
    """Raises NoSuchDevice, SmartDenied, SmartUnsupported, DiskAsleep, SmartFailed or ToolGarbage."""
    document = parse_document(printed)
    status = number(document, "smartctl", "exit_status") or 0
    if not text(document, "device", "protocol") or status & (COMMAND_LINE | OPEN_FAILED):
        raise error_from(messages(document), status)
    protocol = text(document, "device", "protocol")
    counts = {"ATA": ata.counts, "SCSI": scsi.counts, "NVMe": nvme.counts}.get(protocol, lambda _: {})(document)
    tests = {"ATA": ata.tests, "SCSI": scsi.tests, "NVMe": nvme.tests}.get(protocol, lambda _: SelfTests())(document)
    supported = pick(document, "smart_support", "available") is not False
    return Report(
        supported=supported,
        protocol=protocol,
        passed=_passed(document, status),
        temperature=_temperature(document, supported),
        temperature_limit=_limit(document),
        power_on_hours=number(document, "power_on_time", "hours"),
        reallocated=counts.get("reallocated"),
        pending=counts.get("pending"),
        uncorrectable=counts.get("uncorrectable"),
        media_errors=counts.get("media_errors"),
        wear=counts.get("wear"),
        tests=tests,
        document=document,
    )


def parse_document(printed: str) -> dict[str, Any]:
    """smartctl's JSON. Raises ToolGarbage."""
    try:
        document = orjson.loads(printed)
    except orjson.JSONDecodeError as error:
        raise ToolGarbage("smartctl printed something that is no JSON.", detail=printed[:4000]) from error
    if not isinstance(document, dict) or not isinstance(document.get("smartctl"), dict):
        raise ToolGarbage("smartctl's JSON has another shape than Calypso knows.", detail=printed[:4000])
    return document


def messages(document: dict[str, Any]) -> str:
    """smartctl's own words, one message a line."""
    found = [text(each, "string") for each in whole(document, "smartctl", "messages")]
    return "\n".join(words for words in found if words)


def _passed(document: dict[str, Any], status: int) -> bool | None:
    told = pick(document, "smart_status", "passed")
    if isinstance(told, bool):
        return told and not status & FAILING_NOW
    return False if status & FAILING_NOW else None


def _temperature(document: dict[str, Any], supported: bool) -> int | None:
    """Emulated disks without SMART say 0 °C."""
    now = number(document, "temperature", "current")
    return None if now == 0 and not supported else now


def _limit(document: dict[str, Any]) -> int | None:
    """The disk's own limit: NVMe's warning, ATA's highest for operation, SCSI's trip point; 0 is none."""
    places = (
        ("nvme_composite_temperature_threshold", "warning"),
        ("temperature", "op_limit_max"),
        ("temperature", "drive_trip"),
        ("scsi_temperature", "drive_trip"),
    )
    return next((limit for place in places if (limit := number(document, *place))), None)
