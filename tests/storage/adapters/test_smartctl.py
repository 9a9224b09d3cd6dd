"""smartctl: argument lists, all recordings, disks of each protocol, and whatever else it might print."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.storage.adapters.smartctl import argv, errors
from apps.storage.adapters.smartctl.report import Report, parse_report
from apps.storage.adapters.smartctl.values import LoggedTest
from calypso.kernel.errors import CalypsoError
from tests.support.recordings import load, numbers

PATH = "/dev/disk/by-id/wwn-0x5000c50000000001"


def test_the_path_stands_behind_the_options() -> None:
    assert argv.report_argv(PATH) == ["smartctl", "-j", "-a", "-n", "standby", "--", PATH]
    assert argv.temperature_argv(PATH) == ["smartctl", "-j", "-A", "-n", "standby", "--", PATH]
    assert argv.test_argv(PATH, "long") == ["smartctl", "-j", "-t", "long", "--", PATH]
    assert argv.abort_argv(PATH) == ["smartctl", "-j", "-X", "--", PATH]


# --- what was recorded ---


def test_an_emulated_scsi_disk_has_no_smart_though_its_data_is_whole() -> None:
    recording = load("smartctl", "001")
    assert recording.exit_code == 4, "a mask, and no failure"
    report = parse_report(recording.stdout)
    assert not report.supported and report.passed is None
    assert report.temperature is None, "0 °C of a disk that has no sensor"
    assert report.temperature_limit is None
    assert (report.tests.running, report.tests.log) == ("", ())


def test_an_nvme_disk() -> None:
    report = parse_report(load("smartctl", "003").stdout)
    assert (report.supported, report.protocol, report.passed) == (True, "NVMe", True)
    assert (report.temperature, report.power_on_hours, report.media_errors, report.wear) == (50, 0, 0, 0)
    assert report.reallocated is None, "a count that NVMe does not know"


@pytest.mark.parametrize(
    ("number", "code"), [("004", "smart_unsupported"), ("006", "no_such_device"), ("007", "smart_denied")]
)
def test_recorded_refusals(number: str, code: str) -> None:
    with pytest.raises(CalypsoError) as refused:
        parse_report(load("smartctl", number).stdout)
    assert refused.value.code == code
    assert refused.value.detail, "smartctl's own words"


@pytest.mark.parametrize("number", numbers("smartctl"))
def test_every_recording_gives_a_report_or_a_named_error(number: str) -> None:
    try:
        parse_report(load("smartctl", number).stdout)
    except CalypsoError as error:
        assert error.code != CalypsoError.code and error.message


# --- disks that were not at hand: the keys are those of smartctl's sources ---


def document(protocol: str, **more: Any) -> str:
    return json.dumps({"smartctl": {"exit_status": 0}, "device": {"protocol": protocol}, **more})


def attribute(number: int, raw: int, value: int = 100, name: str = "x") -> dict[str, Any]:
    return {"id": number, "name": name, "value": value, "raw": {"value": raw, "string": str(raw)}}


ATA = {
    "smart_support": {"available": True, "enabled": True},
    "smart_status": {"passed": True},
    "temperature": {"current": 34, "op_limit_max": 60},
    "power_on_time": {"hours": 12345},
    "ata_smart_attributes": {
        "table": [attribute(5, 8), attribute(197, 2), attribute(198, 1), attribute(177, 7, 93, "Wear_Leveling_Count")]
    },
    "ata_smart_data": {"self_test": {"status": {"value": 249, "string": "in progress", "remaining_percent": 90}}},
    "ata_smart_self_test_log": {
        "standard": {
            "table": [
                {
                    "type": {"value": 2, "string": "Extended offline"},
                    "status": {"value": 121, "string": "Completed: read failure", "passed": False},
                    "lifetime_hours": 12000,
                },
                {
                    "type": {"value": 1, "string": "Short offline"},
                    "status": {"value": 0, "string": "Completed without error", "passed": True},
                    "lifetime_hours": 11000,
                },
                {
                    "type": {"value": 1, "string": "Short offline"},
                    "status": {"value": 24, "string": "Aborted by host", "passed": True},
                    "lifetime_hours": 10000,
                },
            ]
        }
    },
}


def test_an_ata_disk() -> None:
    report = parse_report(document("ATA", **ATA))
    assert (report.reallocated, report.pending, report.uncorrectable, report.wear) == (8, 2, 1, 7)
    assert (report.temperature, report.temperature_limit, report.power_on_hours) == (34, 60, 12345)
    assert (report.tests.running, report.tests.percent) == ("test", 10)
    assert report.tests.log == (
        LoggedTest("long", "Completed: read failure", False, 12000),
        LoggedTest("short", "Completed without error", True, 11000),
        LoggedTest("short", "Aborted by host", None, 10000),
    )


def test_a_sas_disk() -> None:
    report = parse_report(
        document(
            "SCSI",
            smart_support={"available": True, "enabled": True},
            smart_status={"passed": False, "scsi": {"asc": 93}},
            temperature={"current": 41, "drive_trip": 65},
            scsi_grown_defect_list=17,
            scsi_error_counter_log={
                "read": {"total_uncorrected_errors": 3},
                "write": {"total_uncorrected_errors": 1},
            },
            scsi_self_test_0={
                "code": {"value": 1, "string": "Background short"},
                "result": {"value": 15, "string": "Self test in progress ..."},
            },
            scsi_self_test_1={
                "code": {"value": 2, "string": "Background long"},
                "result": {"value": 7, "string": "Failed in segment --> 3"},
                "power_on_time": {"hours": 70},
            },
        )
    )
    assert (report.passed, report.reallocated, report.uncorrectable, report.pending) == (False, 17, 4, None)
    assert (report.temperature, report.temperature_limit) == (41, 65)
    assert report.tests.running == "short"
    assert report.tests.log == (LoggedTest("long", "Failed in segment --> 3", False, 70),)


def test_an_nvme_disk_that_tests_itself_and_wears_out() -> None:
    report = parse_report(
        document(
            "NVMe",
            nvme_smart_health_information_log={"media_errors": 2**100, "percentage_used": 104},
            nvme_self_test_log={
                "current_self_test_operation": {"value": 2, "string": "Extended self-test in progress"},
                "current_self_test_completion_percent": 40,
                "table": [
                    {
                        "self_test_code": {"value": 1, "string": "Short"},
                        "self_test_result": {"value": 0, "string": "Completed without error"},
                        "power_on_hours": 9,
                    }
                ],
            },
        )
    )
    assert report.wear == 104, "beyond what its maker gave it"
    assert report.media_errors is None, "more than 64 bits is no number that orjson reads as whole"
    assert (report.tests.running, report.tests.percent) == ("long", 40)
    assert report.tests.log == (LoggedTest("short", "Completed without error", True, 9),)


@pytest.mark.parametrize(("bits", "passed"), [(0, None), (4, None), (8, False), (64 + 8, False), (64 + 128, None)])
def test_the_exit_status_is_a_mask(bits: int, passed: bool | None) -> None:
    printed = json.dumps({"smartctl": {"exit_status": bits}, "device": {"protocol": "ATA"}})
    assert parse_report(printed).passed is passed


def test_a_verdict_of_well_does_not_stand_against_the_bit_that_says_failing() -> None:
    printed = json.dumps(
        {"smartctl": {"exit_status": 8}, "device": {"protocol": "ATA"}, "smart_status": {"passed": True}}
    )
    assert parse_report(printed).passed is False


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Device is in STANDBY mode, exit(2)", "disk_asleep"),
        ("Device is in SLEEP mode, exit(2)", "disk_asleep"),
        (
            "Can't start self-test without aborting current test (90% remaining),\nadd '-t force' option to override",
            "self_test_running",
        ),
        ("/dev/sdb: Unknown USB bridge [0x0bc2:0x2312 (0x100)]", "smart_unsupported"),
        ("something new", "smart_failed"),
        ("", "smart_failed"),
    ],
)
def test_refusals_by_their_words(words: str, code: str) -> None:
    assert errors.error_from(words, 2).code == code


# --- anything ---

SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = [*sorted(ATA), "scsi_self_test_0", "scsi_error_counter_log", "nvme_self_test_log", "device"]


def judged(printed: str) -> Report | CalypsoError:
    try:
        return parse_report(printed)
    except CalypsoError as error:
        assert type(error) is not CalypsoError
        return error


@given(st.text())
@example("")
@example("{}")
@example("[]")
@example('{"smartctl": 1}')
@example("[" * 5000)
@example("\ud800")
def test_any_text_gives_a_report_or_a_named_error(printed: str) -> None:
    judged(printed)


@given(
    protocol=st.sampled_from(["ATA", "SCSI", "NVMe", "", "new"]) | SHAPES,
    status=st.integers(0, 255) | SHAPES,
    more=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), SHAPES, max_size=4),
)
def test_any_json_gives_a_report_or_a_named_error(protocol: Any, status: Any, more: dict[str, Any]) -> None:
    judged(json.dumps({"smartctl": {"exit_status": status}, "device": {"protocol": protocol}, **more}))
