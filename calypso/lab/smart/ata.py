"""smartctl's JSON about ATA disks (ataprint.cpp of 7.3)."""

from __future__ import annotations

from typing import Any

from calypso.lab.bays import Disk
from calypso.lab.smart.state import Smart

TYPES = {"short": (1, "Short offline"), "long": (2, "Extended offline"), "conveyance": (3, "Conveyance offline")}
PREFAIL = {"value": 51, "string": "PO--CK ", "prefailure": True, "updated_online": True, "performance": False}
OLD_AGE = {"value": 50, "string": "-O--CK ", "prefailure": False, "updated_online": True, "performance": False}
FLAGS = {"error_rate": False, "event_count": True, "auto_keep": True}


def info(disk: Disk, smart: Smart) -> dict[str, Any]:
    model = disk["model"].partition(" ")[2] or disk["model"]
    oui, unit = int(disk["wwn"][3:9], 16), int(disk["wwn"][9:], 16)
    found: dict[str, Any] = {"model_name": model, "serial_number": disk["serial"]}
    found["wwn"] = {"naa": 5, "oui": oui, "id": unit}
    found |= {"firmware_version": disk.get("firmware", "SN03")}
    found |= {"user_capacity": {"blocks": disk["size"] // 512, "bytes": disk["size"]}, "logical_block_size": 512}
    found |= {"physical_block_size": 4096, "rotation_rate": 7200 if smart.kind == "hdd" else 0}
    found["form_factor"] = {
        "ata_value": 2 if smart.kind == "hdd" else 3,
        "name": "3.5 inches" if smart.kind == "hdd" else "2.5 inches",
    }
    found["trim"] = {"supported": smart.kind != "hdd"}
    found |= {"in_smartctl_database": False}
    found["ata_version"] = {"string": "ACS-3 T13/2161-D revision 5", "major_value": 2032, "minor_value": 109}
    found["sata_version"] = {"string": "SATA 3.1", "value": 127}
    speed = {"sata_value": 3, "string": "6.0 Gb/s", "units_per_second": 60, "bits_per_unit": 100_000_000}
    found["interface_speed"] = {"max": {**speed, "sata_value": 14}, "current": speed}
    return found | {"smart_support": {"available": True, "enabled": True}}


def health(smart: Smart) -> dict[str, Any]:
    return {"smart_status": {"passed": smart.passed}}


def capabilities(disk: Disk, smart: Smart) -> dict[str, Any]:
    """`-c`: the test that runs is told here."""
    status: dict[str, Any] = {"value": 0, "string": "completed without error", "passed": True}
    last = smart.tests[0] if smart.tests else None
    if smart.running:
        tenths = min(9, 10 - int(10 * smart.running.share))
        status = {
            "value": 240 + tenths,
            "string": f"in progress, {tenths}0% remaining",
            "remaining_percent": tenths * 10,
        }
    elif last and last.result == "aborted":
        status = {"value": 16, "string": "was aborted by the host"}
    elif last and last.result == "failed":
        status = {"value": 121, "string": "completed with read failure", "remaining_percent": 90, "passed": False}
    polling = {"short": 1, "extended": max(2, disk["size"] // 9_600_000_000), "conveyance": 2}
    names = (
        "exec_offline_immediate",
        "attribute_autosave",
        "error_logging",
        "gp_logging",
        "self_tests",
        "conveyance_self_test",
    )
    able: dict[str, Any] = {"values": [91, 3]} | {f"{name}_supported": True for name in names}
    offline = {
        "status": {"value": 130, "string": "was completed without error", "passed": True},
        "completion_seconds": 575,
    }
    data = {"offline_data_collection": offline, "self_test": {"status": status, "polling_minutes": polling}}
    return {"ata_smart_data": {**data, "capabilities": able}}


def attributes(disk: Disk, smart: Smart) -> dict[str, Any]:
    rows = [
        _row(5, "Reallocated_Sector_Ct", max(1, 100 - smart.reallocated // 8), 10, smart.reallocated, PREFAIL),
        _row(9, "Power_On_Hours", max(1, 100 - smart.hours // 876), 0, smart.hours, OLD_AGE),
        _row(12, "Power_Cycle_Count", 100, 20, smart.cycles, OLD_AGE),
        _row(187, "Reported_Uncorrect", max(1, 100 - smart.media_errors), 0, smart.media_errors, OLD_AGE),
        _row(194, "Temperature_Celsius", 100 - smart.temperature, 0, smart.temperature, OLD_AGE),
        _row(197, "Current_Pending_Sector", 100, 0, smart.pending, OLD_AGE),
        _row(198, "Offline_Uncorrectable", 100, 0, smart.pending, OLD_AGE),
        _row(199, "UDMA_CRC_Error_Count", 200, 0, 0, OLD_AGE),
    ]
    if smart.kind == "ssd":
        rows.insert(3, _row(177, "Wear_Leveling_Count", max(1, 100 - smart.used), 0, smart.used * 12, OLD_AGE))
    found: dict[str, Any] = {"ata_smart_attributes": {"revision": 16, "table": rows}}
    found |= {"power_on_time": {"hours": smart.hours}, "power_cycle_count": smart.cycles}
    return found | {"temperature": {"current": smart.temperature}}


def _row(number: int, name: str, value: int, least: int, raw: int, flags: dict[str, Any]) -> dict[str, Any]:
    failed = "now" if least and value <= least else ""
    row: dict[str, Any] = {"id": number, "name": name, "value": value, "worst": value, "thresh": least}
    return row | {"when_failed": failed, "flags": flags | FLAGS, "raw": {"value": raw, "string": str(raw)}}


def prefail(smart: Smart) -> bool:
    """Whether an attribute that tells of failing disks is at its threshold."""
    return max(1, 100 - smart.reallocated // 8) <= 10


def tests(disk: Disk, smart: Smart) -> dict[str, Any]:
    rows = []
    for test in smart.tests:
        value, words = TYPES[test.kind]
        status: dict[str, Any] = {"value": 0, "string": "Completed without error", "passed": True}
        if test.result == "running":
            tenths = min(9, 10 - int(10 * test.share))
            words_now = "Self-test routine in progress"
            status = {"value": 240 + tenths, "string": words_now, "remaining_percent": tenths * 10, "passed": True}
        elif test.result == "aborted":
            left = 10 - int(10 * test.share)
            status = {"value": 16 + min(9, left), "string": "Aborted by host", "remaining_percent": min(9, left) * 10}
        elif test.result == "failed":
            status = {"value": 121, "string": "Completed: read failure", "remaining_percent": 90, "passed": False}
        row: dict[str, Any] = {
            "type": {"value": value, "string": words},
            "status": status,
            "lifetime_hours": test.hours,
        }
        rows.append(row | ({"lba": 4_711_000} if test.result == "failed" else {}))
    failed = sum(test.result == "failed" for test in smart.tests)
    log: dict[str, Any] = {"revision": 1}
    if rows:
        log |= {"table": rows, "count": len(rows), "error_count_total": failed, "error_count_outdated": 0}
    else:
        log |= {"count": 0}
    return {"ata_smart_self_test_log": {"standard": log}}


def error_log(smart: Smart) -> dict[str, Any]:
    return {"ata_smart_error_log": {"summary": {"revision": 1, "count": smart.media_errors}}}
