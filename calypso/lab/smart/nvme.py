"""smartctl's JSON about NVMe disks (nvmeprint.cpp of 7.3; self-tests as 7.4 has them, the first that knows them)."""

from __future__ import annotations

from typing import Any

from calypso.lab.bays import Disk
from calypso.lab.smart.state import Smart

CODES = {"short": (1, "Short"), "long": (2, "Extended"), "conveyance": (1, "Short")}
RESULTS = {
    "passed": (0, "Completed without error"),
    "aborted": (1, "Aborted: Self-test command"),
    "failed": (7, "Completed: failed segments"),
}
RELIABILITY = 4  # bit of critical_warning: "NVM subsystem reliability has been degraded"
SPARE = 10  # percent


def info(disk: Disk, smart: Smart) -> dict[str, Any]:
    blocks = {"blocks": disk["size"] // 512, "bytes": disk["size"]}
    emulated = disk["model"].startswith("QEMU")
    model = disk["model"] if emulated else disk["model"].partition(" ")[2] or disk["model"]
    found: dict[str, Any] = {"model_name": model, "serial_number": disk["serial"]}
    found |= {"firmware_version": disk.get("firmware", "7.2.22" if emulated else "E2010435")}
    vendor = {"id": 6966, "subsystem_id": 6900} if emulated else {"id": 32902, "subsystem_id": 32902}
    found |= {"nvme_pci_vendor": vendor, "nvme_ieee_oui_identifier": 5395456 if emulated else 6083300}
    found |= {"nvme_controller_id": 0, "nvme_version": {"string": "1.4", "value": 66560}}
    found["nvme_number_of_namespaces"] = 256 if emulated else 1
    space = {"size": blocks, "capacity": blocks, "utilization": blocks, "formatted_lba_size": 512}
    found["nvme_namespaces"] = [{"id": 1, **space}]
    found |= {"user_capacity": blocks, "logical_block_size": 512}
    return found | {"smart_support": {"available": True, "enabled": True}}


def health(smart: Smart) -> dict[str, Any]:
    return {"smart_status": {"passed": smart.passed, "nvme": {"value": 0 if smart.passed else RELIABILITY}}}


def attributes(disk: Disk, smart: Smart) -> dict[str, Any]:
    emulated = disk["model"].startswith("QEMU")
    log = {
        "critical_warning": 0 if smart.passed else RELIABILITY,
        "temperature": 50 if emulated else smart.temperature,
        "available_spare": 0 if emulated else 100 - smart.reallocated // 10,
        "available_spare_threshold": 0 if emulated else SPARE,
        "percentage_used": 0 if emulated else smart.used,
        "data_units_read": 27 if emulated else smart.hours * 1_310,
        "data_units_written": 4 if emulated else smart.hours * 907,
        "host_reads": 464 if emulated else smart.hours * 52_113,
        "host_writes": 46 if emulated else smart.hours * 31_871,
        "controller_busy_time": 0 if emulated else smart.hours // 9,
        "power_cycles": 0 if emulated else smart.cycles,
        "power_on_hours": 0 if emulated else smart.hours,
        "unsafe_shutdowns": 0 if emulated else smart.cycles // 4,
        "media_errors": smart.media_errors,
        "num_err_log_entries": smart.media_errors,
        "warning_temp_time": 0,
        "critical_comp_time": 0,
    }
    found: dict[str, Any] = {"nvme_smart_health_information_log": log, "temperature": {"current": log["temperature"]}}
    return found | {"power_cycle_count": log["power_cycles"], "power_on_time": {"hours": log["power_on_hours"]}}


def tests(disk: Disk, smart: Smart) -> dict[str, Any]:
    if disk["model"].startswith("QEMU"):
        return {}
    operation: dict[str, Any] = {"value": 0, "string": "No self-test in progress"}
    if smart.running:
        code, name = CODES[smart.running.kind]
        operation = {"value": code, "string": f"{name} self-test in progress"}
    found: dict[str, Any] = {"nsid": -1, "current_self_test_operation": operation}
    if smart.running:
        found["current_self_test_completion_percent"] = int(100 * smart.running.share)
    rows = []
    for test in smart.ended:
        (code, name), (value, words) = CODES[test.kind], RESULTS[test.result]
        row = {"self_test_code": {"value": code, "string": name}, "self_test_result": {"value": value, "string": words}}
        rows.append(row | {"power_on_hours": test.hours})
    return {"nvme_self_test_log": found | ({"table": rows} if rows else {})}
