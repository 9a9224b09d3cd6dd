"""What disks tell of themselves, sampled: the latest report and the temperature are samples, changes for the worse or
the better are events.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from django.utils import timezone

from apps.storage.adapters.smartctl import argv as smartctl
from apps.storage.adapters.smartctl import errors
from apps.storage.adapters.smartctl.report import Report, parse_document, parse_report
from apps.storage.adapters.smartctl.report import messages as messages_of
from apps.storage.compare import smart as compare
from apps.storage.domain.disks import disk_stream
from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskHealth, DiskSmart, DiskTemperature
from calypso.kernel import box, shell, store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.errors import CalypsoError, ToolGarbage
from calypso.kernel.events import Change
from calypso.kernel.projections import append

DEADLINE = 60.0  # seconds; a disk about to fail may take long
DOCUMENT_BYTES = 65_536  # of smartctl's JSON that are kept


@box.names_errors_of("smartctl")
def named(result: shell.Result) -> CalypsoError:
    try:
        words = messages_of(parse_document(result.stdout))
    except ToolGarbage:
        words = result.stdout + result.stderr
    return errors.error_from(words, result.exit_code)


def read(argv: list[str]) -> Report:
    """What smartctl tells; its exit status is a mask and no verdict. Raises its named errors, or ToolGarbage."""
    result = shell.run(argv, deadline=DEADLINE, keep=1024 * 1024)
    if not result.stdout.strip():
        raise named(result)
    return parse_report(result.stdout)


def look(disk: Disk) -> int:
    """Looks at one disk and keeps what it tells. Returns the number of events. A failure is a sample too."""
    try:
        report = read(smartctl.report_argv(disk.path))
    except CalypsoError as error:
        _keep_failure(disk.id, error)
        return 0
    count = _record(disk, report)
    _keep(disk.id, report)
    return count


def look_at_temperature(disk: Disk) -> None:
    """Only the temperature, of a disk that is awake and was looked at before."""
    try:
        report = read(smartctl.temperature_argv(disk.path))
    except CalypsoError:
        return  # the next whole look says why
    if report.temperature is not None:
        DiskSmart.objects.filter(pk=disk.id).update(temperature=report.temperature)
        _keep_temperature(disk.id, report.temperature)


@box.call("storage.look_at_smart")
def look_at_smart(disk: str) -> None:
    """A step's look at one disk; one that is gone is nothing to look at."""
    if (found := Disk.objects.filter(pk=disk).first()) is not None:
        look(found)


@box.probe("storage.self_test")
def self_test_runs(args: dict[str, Any], since: float) -> bool:
    """Whether a self-test runs, as it should or should not. One that has ended since would be started once more."""
    runs = bool(read(smartctl.report_argv(args["path"])).tests.running)
    return runs is args["runs"]


def _record(disk: Disk, report: Report) -> int:
    before = DiskSmart.objects.filter(pk=disk.id, sampled_at__isnull=False).first()
    ended = compare.ended_test(disk, before, report)
    known = DiskHealth.objects.filter(pk=disk.id).first()
    if ended is None and compare.health_change(disk, known, report) is None:
        return 0
    with store.writing():
        health = compare.health_change(disk, DiskHealth.objects.filter(pk=disk.id).first(), report)
        changes = [Change(disk_stream(disk.id), fact) for fact in (health, ended) if fact is not None]
        append(changes, OBSERVER.metadata())
    return len(changes)


def _keep(disk: str, report: Report) -> None:
    now = timezone.now()
    values = {
        "state": "ok" if report.supported else "unsupported",
        "code": "",
        "message": "",
        **{name: getattr(report, name) for name in compare.TOLD},
        "self_test": report.tests.running,
        "self_test_percent": report.tests.percent,
        "self_tests": [asdict(test) for test in report.tests.log],
        "document": bounded(report.document),
        "tried_at": now,
        "sampled_at": now,
    }
    DiskSmart.objects.update_or_create(disk=disk, defaults=values)
    if report.temperature is not None:
        _keep_temperature(disk, report.temperature)


def _keep_temperature(disk: str, celsius: int) -> None:
    DiskTemperature.objects.create(disk=disk, at=timezone.now(), span="sample", celsius=celsius)


def _keep_failure(disk: str, error: CalypsoError) -> None:
    """What is known from before stays; a disk that sleeps has not failed."""
    states = {errors.DiskAsleep.code: "asleep", errors.SmartUnsupported.code: "unsupported"}
    state = states.get(error.code, "failed")
    told = ("", "") if state == "asleep" else (error.code, error.message)
    values = {"state": state, "code": told[0], "message": told[1], "tried_at": timezone.now()}
    first = {"self_test": "", "self_tests": [], "document": {}}
    DiskSmart.objects.update_or_create(disk=disk, defaults=values, create_defaults={**first, **values})


def bounded(document: dict[str, Any]) -> dict[str, Any]:
    """As much of smartctl's document as is kept, its smaller parts first, and nothing that PostgreSQL can't hold."""
    kept: dict[str, Any] = {}
    left = DOCUMENT_BYTES
    for key, value in sorted(document.items(), key=lambda item: len(orjson.dumps(item[1]))):
        text = orjson.dumps({key: value}).replace(rb"\u0000", b"")
        left -= len(text)
        if left < 0:
            break
        kept.update(orjson.loads(text))
    return kept
