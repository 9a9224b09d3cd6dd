"""smartctl's stand-in: equal to the recordings where there are any, read back by the adapter where not."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from calypso.lab import happenings
from calypso.lab.state import change
from tests.support.lab_box import Box, Said, recorded_box
from tests.support.recordings import FOLDER


def recording(number: str) -> dict[str, Any]:
    (path,) = (FOLDER / "smartctl").glob(f"0{number}-*.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    box = Box(tmp_path / "state.db")
    box.options(now=1795412000.0, selftest_seconds=100)
    return box


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "recorded.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    box = recorded_box(tmp_path / "recorded.db")
    box.options(now=1795412050)
    with change(box.path) as state:
        for disk in state["disks"]:
            disk["serial"] = disk["serial"].replace("LAB", "CALY")
            disk["model"] = disk["model"].replace("QEMU HARDDISK", "QEMU DISK1G")
    return box


def told(lab: Box, *words: str, code: int = 0) -> dict[str, Any]:
    said = lab.run("smartctl", "-j", *words)
    assert said.exit_code == code, said
    document = json.loads(said.stdout)
    assert document["smartctl"]["exit_status"] == code
    return dict(document)


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "06", "07", "08"])
def test_as_recorded(box: Box, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = recording(number)
    if number == "03":
        with change(box.path) as state:
            state["disks"][10]["serial"] = "NVME0001"
    if number == "07":
        monkeypatch.setenv("CALYPSO_LAB_UNPRIVILEGED", "1")
    said = box.run(*found["argv"])
    assert said == Said(found["exit_code"], said.stdout, found["stderr"])
    assert plain(said.stdout) == plain(found["stdout"])


def plain(text: str) -> str:
    text = re.sub(r'("time_t": )\d+', r"\1N", text)
    return re.sub(r'("asctime": )"[^"]+"', r'\1"DATE"', text)


def test_the_scan(box: Box) -> None:
    ours = json.loads(box.run("smartctl", "-j", "--scan").stdout)["devices"]
    theirs = json.loads(recording("05")["stdout"])["devices"]
    assert [device for device in ours if device["name"] not in ("/dev/sdi", "/dev/sdj")] == theirs


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("lab0", {"scsi_grown_defect_list", "scsi_error_counter_log", "scsi_start_stop_cycle_counter"}),
        ("lab12", {"nvme_smart_health_information_log", "nvme_self_test_log"}),
        ("lab14", {"ata_smart_attributes", "ata_smart_data", "ata_smart_self_test_log"}),
    ],
)
def test_each_kind_tells_its_own(lab: Box, name: str, keys: set[str]) -> None:
    document = told(lab, "-a", f"/dev/{name}")
    assert keys <= document.keys()
    assert document["smart_status"]["passed"] is True
    assert 25 <= document["temperature"]["current"] <= 50
    assert document["power_on_time"]["hours"] > 0


def test_temperature_drifts(lab: Box) -> None:
    seen = set()
    for _ in range(24):
        seen.add(told(lab, "-A", "/dev/lab0")["temperature"]["current"])
        lab.advance(3600)
    assert 2 <= len(seen) <= 8


@pytest.mark.parametrize("name", ["lab0", "lab12", "lab14"])
def test_a_self_test_runs_ends_and_is_logged(lab: Box, name: str) -> None:
    path = f"/dev/{name}"
    told(lab, "-t", "long", path)
    lab.advance(30)
    assert running(told(lab, "-a", path)) is True
    refused = told(lab, "-t", "short", path, code=4)
    assert "Can't start self-test without aborting current test" in refused["smartctl"]["messages"][0]["string"]
    lab.advance(80)
    document = told(lab, "-a", path)
    assert running(document) is False
    assert results(document) == ["Completed"] or results(document) == ["Completed without error"]
    told(lab, "-t", "short", path)
    lab.advance(10)
    told(lab, "-X", path)
    assert "bort" in results(told(lab, "-l", "selftest", path))[0]


def running(document: dict[str, Any]) -> bool:
    if "ata_smart_data" in document:
        return "remaining_percent" in document["ata_smart_data"]["self_test"]["status"]
    if "nvme_self_test_log" in document:
        assert document["nvme_self_test_log"].get("current_self_test_completion_percent", 30) == 30
        return bool(document["nvme_self_test_log"]["current_self_test_operation"]["value"])
    return bool(document["scsi_self_test_0"]["result"]["value"] == 15)


def results(document: dict[str, Any]) -> list[str]:
    if "ata_smart_self_test_log" in document:
        rows = document["ata_smart_self_test_log"]["standard"]["table"]
        return [row["status"]["string"] for row in rows]
    if "nvme_self_test_log" in document:
        return [row["self_test_result"]["string"] for row in document["nvme_self_test_log"]["table"]]
    return [row["result"]["string"] for key, row in document.items() if key.startswith("scsi_self_test_")]


@pytest.mark.parametrize("name", ["lab0", "lab12", "lab14"])
def test_a_failing_disk_says_so(lab: Box, name: str) -> None:
    with change(lab.path) as state:
        disk = next(disk for disk in state["disks"] if disk["name"] == name)
        disk["smart"] = {"failing": True, "reallocated": 480, "temperature": 61}
    document = told(lab, "-H", "-A", f"/dev/{name}", code=8 | 0)
    assert document["smart_status"]["passed"] is False
    assert document["temperature"]["current"] == 61
    told(lab, "-t", "short", f"/dev/{name}")
    lab.advance(200)
    told(lab, "-a", f"/dev/{name}", code=8 | 128)


def test_a_prefail_attribute_at_its_threshold(lab: Box) -> None:
    with change(lab.path) as state:
        state["disks"][14]["smart"] = {"reallocated": 900}
    document = told(lab, "-a", "/dev/lab14", code=16)
    row = next(row for row in document["ata_smart_attributes"]["table"] if row["id"] == 5)
    assert (row["when_failed"], row["raw"]["value"]) == ("now", 900)


@pytest.mark.parametrize(
    ("action", "words"),
    [(happenings.pull, "failed: No such device"), (happenings.break_, "failed: INQUIRY failed")],
)
def test_a_disk_that_can_not_be_opened(lab: Box, action: Any, words: str) -> None:
    lab.disk(action, "lab3")
    assert told(lab, "-a", "/dev/lab3", code=2)["smartctl"]["messages"][0]["string"].endswith(words)


@pytest.mark.parametrize("path", ["/dev/sda", "/dev/nvme0n1", "/etc/passwd", "lab0", "/dev/../dev/lab0"])
def test_no_other_device_is_touched(lab: Box, path: str) -> None:
    told(lab, "-a", "--", path, code=2)
