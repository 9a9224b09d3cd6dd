"""smartctl's JSON about SCSI and SAS disks (scsiprint.cpp of 7.3)."""

from __future__ import annotations

from typing import Any

from calypso.lab.bays import Disk
from calypso.lab.smart.state import Smart, supported

CODES = {"short": (1, "Background short"), "long": (2, "Background long"), "conveyance": (1, "Background short")}
RESULTS = {
    "passed": (0, "Completed"),
    "aborted": (1, "Aborted (by user command)"),
    "failed": (6, "Failed in second segment"),
    "running": (15, "Self test in progress ..."),
}
TRIP = 60  # Celsius
MAKERS = {"ST": "SEAGATE", "MZ": "SAMSUNG", "WU": "HGST"}
FAILING = {"asc": 93, "ascq": 16, "string": "HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE [asc=5d, ascq=10]"}


def maker(disk: Disk) -> tuple[str, str]:
    """(vendor, product) of ``HDD ST4000NM0025`` or ``QEMU DISK1G``."""
    first, _, product = disk["model"].partition(" ")
    return MAKERS.get(product[:2], "LAB") if first in ("HDD", "SSD") else first, product or first


def info(disk: Disk, smart: Smart) -> dict[str, Any]:
    vendor, product = maker(disk)
    real = supported(disk)
    found: dict[str, Any] = {"scsi_vendor": vendor, "scsi_product": product, "scsi_model_name": f"{vendor} {product}"}
    found |= {"scsi_revision": disk.get("firmware", "N003" if real else "2.5+")}
    found |= {"scsi_version": "SPC-4" if real else "SPC-3"}
    found |= {"user_capacity": {"blocks": disk["size"] // 512, "bytes": disk["size"]}, "logical_block_size": 512}
    if real:
        found["physical_block_size"] = 4096
    else:
        provisioning = {
            "management_enabled": {"name": "LBPME", "value": -1},
            "read_zeros": {"name": "LBPRZ", "value": 0},
        }
        found["scsi_lb_provisioning"] = {"name": "thin provisioned", "value": 2, **provisioning}
    found["rotation_rate"] = 7200 if smart.kind == "hdd" else 0
    found |= {"form_factor": {"scsi_value": 2, "name": "3.5 inches"}} if smart.kind == "hdd" else {}
    found |= {"logical_unit_id": disk["wwn"], "serial_number": disk["serial"]}
    kind = {"scsi_terminology": "Peripheral Device Type [PDT]", "scsi_value": 0, "name": "disk"}
    found["device_type"] = kind
    found |= {"scsi_transport_protocol": {"name": "SAS (SPL-4)", "value": 6}} if real else {}
    return found | {"smart_support": {"available": True, "enabled": True} if real else {"available": False}}


def health(smart: Smart) -> dict[str, Any]:
    found: dict[str, Any] = {"temperature_warning": {"enabled": True}, "smart_status": {"passed": smart.passed}}
    if not smart.passed:
        found["smart_status"]["scsi"] = {"asc": FAILING["asc"], "ascq": FAILING["ascq"], "ie_string": FAILING["string"]}
    return found


def attributes(disk: Disk, smart: Smart) -> dict[str, Any]:
    if not supported(disk):
        return {"temperature": {"current": 0}, "scsi_temperature": {"drive_trip": 0}}
    found: dict[str, Any] = {"temperature": {"current": smart.temperature, "drive_trip": TRIP}}
    found["power_on_time"] = {"hours": smart.hours, "minutes": 12}
    counter: dict[str, Any] = {"year_of_manufacture": "2017", "week_of_manufacture": "17"}
    counter |= {"accumulated_start_stop_cycles": smart.cycles, "accumulated_load_unload_cycles": smart.cycles * 11}
    found["scsi_start_stop_cycle_counter"] = counter
    if smart.kind == "ssd":
        found["scsi_percentage_used_endurance_indicator"] = smart.used
    found["scsi_grown_defect_list"] = smart.reallocated
    return found | ({"scsi_pending_defects": {"count": smart.pending}} if smart.pending else {})


def error_log(smart: Smart) -> dict[str, Any]:
    def row(gigabytes: float, bad: int) -> dict[str, Any]:
        counts = (
            "errors_corrected_by_eccfast",
            "errors_corrected_by_eccdelayed",
            "errors_corrected_by_rereads_rewrites",
        )
        found: dict[str, Any] = dict.fromkeys(counts, 0)
        found |= {"total_errors_corrected": 0, "correction_algorithm_invocations": 0}
        return found | {"gigabytes_processed": f"{gigabytes:.3f}", "total_uncorrected_errors": bad}

    read, write = row(smart.hours * 1.73, smart.media_errors + smart.pending), row(smart.hours * 0.91, 0)
    return {"scsi_error_counter_log": {"read": read, "write": write}}


def tests(disk: Disk, smart: Smart) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, test in enumerate(smart.tests):
        (code, name), (value, words) = CODES[test.kind], RESULTS[test.result]
        row: dict[str, Any] = {"code": {"value": code, "string": name}, "result": {"value": value, "string": words}}
        row |= {"self_test_in_progress": True} if test.result == "running" else {}
        if test.result != "running":
            row["power_on_time"] = {"hours": test.hours, "aka": "accumulated_power_on_hours"}
        if test.result == "failed":
            row |= {"failed_segment": {"value": 2}, "lba_first_failure": {"value": 4_711_000}}
        found[f"scsi_self_test_{place}"] = row
    return found | {"scsi_extended_self_test_seconds": max(60, disk["size"] // 160_000_000)}
