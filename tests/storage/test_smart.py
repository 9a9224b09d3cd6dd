"""Looks at what disks tell of themselves: samples, changes as events, sleep, failures, retention."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskHealth, DiskSmart, DiskTemperature
from apps.storage.observe import smart, smart_loop
from apps.storage.observe.scan import observe
from calypso.kernel import store
from calypso.kernel.errors import ToolTimeout
from tests.support.disk_tools import Answer, Tools, refused, told
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, events_after

pytestmark = pytest.mark.django_db


@pytest.fixture
def tools(box: Box, monkeypatch: pytest.MonkeyPatch) -> Tools:
    made = Tools({"smartctl": told()})
    made.install(monkeypatch)
    monkeypatch.setattr(smart_loop, "PAUSE_SECONDS", 0.0)
    observe()
    return made


@pytest.fixture
def disk(box: Box, tools: Tools) -> Disk:
    return Disk.objects.get(pk=disk_ids(box)[0])


def attribute(number: int, raw: int) -> dict[str, Any]:
    return {"id": number, "name": "x", "value": 100, "raw": {"value": raw}}


def with_counts(**counts: int) -> Answer:
    numbers = {"reallocated": 5, "pending": 197, "uncorrectable": 198}
    return told(ata_smart_attributes={"table": [attribute(numbers[name], raw) for name, raw in counts.items()]})


def looked(disk: Disk) -> list[str]:
    before = store.position()
    count = smart.look(disk)
    found = [event.type.split(".")[1] for event in events_after(before)]
    assert count == len(found)
    return found


def test_a_disk_that_is_well_writes_samples_and_no_event(disk: Disk, tools: Tools) -> None:
    assert looked(disk) == [] and looked(disk) == []
    seen = DiskSmart.objects.get(pk=disk.id)
    assert (seen.state, seen.passed, seen.temperature) == ("ok", True, 30)
    assert DiskTemperature.objects.filter(disk=disk.id).count() == 2
    assert not DiskHealth.objects.exists()


def test_counts_that_grow_and_a_verdict_that_turns_are_events_once(disk: Disk, tools: Tools) -> None:
    tools.by_name["smartctl"] = with_counts(reallocated=0, pending=0)
    assert looked(disk) == []
    tools.by_name["smartctl"] = with_counts(reallocated=8, pending=0)
    before = store.position()
    assert looked(disk) == ["DiskHealthChanged"] and looked(disk) == []
    [event] = events_after(before)
    assert (event.data["reallocated"], event.data["fields"]) == (8, ["reallocated"])
    tools.by_name["smartctl"] = told(smart_status={"passed": False}, status=8)
    assert looked(disk) == ["DiskHealthChanged"] and looked(disk) == []
    known = DiskHealth.objects.get(pk=disk.id)
    assert (known.passed, known.reallocated) == (False, 8), "what it does not tell now stays as it was"
    tools.by_name["smartctl"] = told()
    assert looked(disk) == ["DiskHealthChanged"]


def test_a_self_test_that_ends(disk: Disk, tools: Tools) -> None:
    old = {"type": {"string": "Short offline"}, "status": {"value": 0, "string": "Completed", "passed": True}}

    def log(*rows: Any) -> dict[str, Any]:
        return {"ata_smart_self_test_log": {"standard": {"table": list(rows)}}}

    tools.by_name["smartctl"] = told(**log({**old, "lifetime_hours": 1}))
    assert looked(disk) == [], "history that was there before"
    running = {"ata_smart_data": {"self_test": {"status": {"value": 249, "remaining_percent": 90}}}}
    tools.by_name["smartctl"] = told(**log({**old, "lifetime_hours": 1}), **running)
    assert looked(disk) == []
    tools.by_name["smartctl"] = told(**log({**old, "lifetime_hours": 1}, {**old, "lifetime_hours": 1}))
    assert looked(disk) == ["SelfTestEnded"], "another one within the same hour, with the same end"
    assert looked(disk) == []
    failed = {**old, "status": {"value": 121, "string": "Completed: read failure", "passed": False}}
    tools.by_name["smartctl"] = told(**log({**failed, "lifetime_hours": 9}))
    assert looked(disk) == ["SelfTestEnded"]
    assert list(DiskHealth.objects.failing().values_list("disk", flat=True)) == [disk.id]


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (refused("Device is in STANDBY mode, exit(2)"), "asleep", ""),
        (refused("/dev/vdb: Unable to detect device type", 1), "unsupported", "smart_unsupported"),
        (refused("Smartctl open device: /dev/sda failed: Permission denied"), "failed", "smart_denied"),
        ((0, "something else", ""), "failed", "tool_garbage"),
        ((2, "", "smartctl: not good\n"), "failed", "smart_failed"),
        (told("SCSI", status=4, smart_support={"available": False}), "unsupported", ""),
    ],
)
def test_disks_that_can_not_be_looked_at(disk: Disk, tools: Tools, answer: Answer, state: str, code: str) -> None:
    assert looked(disk) == []
    tools.by_name["smartctl"] = answer
    assert looked(disk) == []
    seen = DiskSmart.objects.get(pk=disk.id)
    assert (seen.state, seen.code) == (state, code)
    assert seen.sampled_at is not None and seen.temperature in (30, None), "what was known before stays"


def test_one_disk_that_fails_stops_no_other(box: Box, tools: Tools) -> None:
    ids = disk_ids(box)

    def answers(argv: Sequence[str]) -> Answer:
        if argv[-1].endswith(ids[0]):
            raise ToolTimeout("smartctl did not finish in 60 s and was stopped.")
        if argv[-1].endswith(ids[1]):
            raise KeyError("a defect")
        return told()

    tools.by_name["smartctl"] = answers
    times = smart_loop.Times()
    assert smart_loop.sample_due(times, threading.Event()) == 16
    states = dict(DiskSmart.objects.values_list("disk", "state"))
    assert states[ids[0]] == "failed" and ids[1] not in states
    assert list(states.values()).count("ok") == 14
    assert smart_loop.sample_due(times, threading.Event()) == 0, "none is due"


def test_when_a_disk_is_due_again(disk: Disk, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(smart_loop.time, "monotonic", lambda: now)
    Disk.objects.exclude(pk=disk.id).delete()
    times, stop = smart_loop.Times(), threading.Event()
    smart_loop.sample_due(times, stop)
    assert "-a" in tools.ran[-1] and "standby" in tools.ran[-1]
    now += 301
    smart_loop.sample_due(times, stop)
    assert "-A" in tools.ran[-1], "the temperature comes more often"
    now += 1500
    tools.by_name["smartctl"] = told(ata_smart_data={"self_test": {"status": {"value": 249, "remaining_percent": 50}}})
    smart_loop.sample_due(times, stop)
    assert "-a" in tools.ran[-1]
    now += 21
    assert smart_loop.sample_due(times, stop) == 1, "a test that runs is followed"
    assert "-a" in tools.ran[-1]
    tools.by_name["smartctl"] = told()
    now += 21
    smart_loop.sample_due(times, stop)
    now += 21
    assert smart_loop.sample_due(times, stop) == 0
    now += 10
    DiskSmart.objects.update(self_test="short")  # a command has started one, and looked
    assert smart_loop.sample_due(times, stop) == 1, "whoever saw its beginning"


def test_old_temperatures_are_thinned_to_the_highest_of_each_hour() -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=10)
    rows = [(hour + timedelta(minutes=m), c) for m, c in ((5, 30), (30, 41), (55, 35), (65, 22))]
    rows.append((timezone.now() - timedelta(hours=1), 33))
    DiskTemperature.objects.bulk_create(DiskTemperature(disk="d", at=at, span="sample", celsius=c) for at, c in rows)
    DiskTemperature.objects.create(disk="d", at=datetime(2020, 1, 1, tzinfo=UTC), span="hour", celsius=1)
    smart_loop.thin()
    smart_loop.thin()
    kept = list(DiskTemperature.objects.order_by("at").values_list("span", "at", "celsius"))
    assert kept[0] == ("hour", hour, 41)
    assert [row[0] for row in kept] == ["hour", "sample", "sample"], "an hour that has just come of age waits"


def test_a_document_is_kept_within_bounds() -> None:
    kept = smart.bounded({"big": "x" * 100_000, "small": {"a\x00b": "c\x00d"}})
    assert kept == {"small": {"ab": "cd"}}
    assert len(orjson.dumps(kept)) < smart.DOCUMENT_BYTES
