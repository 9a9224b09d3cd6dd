"""What is known of SCST, Bacula and MHVTL by their signs, and of the room where Calypso writes."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.system import health as checks
from apps.system.compare.time import WHY
from apps.system.domain.integrations import INTEGRATIONS, Signs, judge
from apps.system.domain.room import Room, judge_room
from apps.system.models.integrations import IntegrationSample
from apps.system.models.services import Service
from apps.system.models.time import TimeState
from apps.system.observe import integrations
from apps.system.projections.time import NOT_SEEN
from calypso.kernel import health

BY_NAME = {one.name: one for one in INTEGRATIONS}


@pytest.mark.parametrize(
    ("name", "signs", "state"),
    [
        ("scst", Signs(), "not_installed"),
        ("scst", Signs(programs=("scstadmin",), units=("scst.service",)), "stopped"),
        ("scst", Signs(programs=("scstadmin", "iscsi-scstd"), core=True), "degraded"),
        ("scst", Signs(programs=("scstadmin", "iscsi-scstd"), processes=("iscsi-scstd",)), "degraded"),
        ("scst", Signs(programs=("scstadmin", "iscsi-scstd"), processes=("iscsi-scstd",), core=True), "ok"),
        ("bacula", Signs(units=("bacula-fd.service",)), "stopped"),
        ("bacula", Signs(programs=("bacula-dir", "bacula-sd"), processes=("bacula-sd",)), "degraded"),
        ("bacula", Signs(programs=("bareos-dir", "bareos-sd"), processes=("bareos-dir", "bareos-sd")), "ok"),
        ("bacula", Signs(services=(("bacula-sd.service", "inactive"),)), "stopped"),
        ("bacula", Signs(services=(("bacula-sd.service", "active"), ("bacula-dir.service", "inactive"))), "ok"),
        ("bacula", Signs(services=(("bacula-sd.service", "active"), ("bacula-dir.service", "failed"))), "degraded"),
        ("bacula", Signs(services=(("bacula-sd.service", "failed"),)), "failed"),
        ("scst", Signs(services=(("scst.service", "active"),)), "ok"),
        ("vtl", Signs(programs=("vtlcmd", "vtltape", "vtllibrary")), "stopped"),
        ("vtl", Signs(programs=("vtltape", "vtllibrary"), processes=("vtltape",)), "degraded"),
        ("vtl", Signs(programs=("vtltape", "vtllibrary"), processes=("vtltape", "vtllibrary")), "ok"),
    ],
)
def test_signs_tell_how_it_is(name: str, signs: Signs, state: str) -> None:
    found = judge(BY_NAME[name], signs)
    assert found.state == state
    assert bool(found.advice) == (state in ("stopped", "degraded", "failed"))


@pytest.fixture
def machine(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it."""
    for name in ("bin", "units", "proc"):
        (tmp_path / name).mkdir()
    settings.CALYPSO_TOOL_PATH = str(tmp_path / "bin")
    monkeypatch.setattr(integrations, "UNIT_FOLDERS", (str(tmp_path / "units"),))
    monkeypatch.setattr(integrations, "PROC", tmp_path / "proc")
    return tmp_path


@pytest.mark.django_db
def test_what_the_observer_finds_is_what_health_tells(machine: Path) -> None:
    assert health.look("bacula").state == "unknown", "nobody has looked yet"
    integrations.look()
    found = health.look("bacula")
    assert found.state == "not_installed" and found.evidence["looked_at"]
    program = machine / "bin" / "bacula-sd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (machine / "units" / "bacula-sd.service").write_text("[Service]\n")
    integrations.look()
    stopped = health.look("bacula")
    assert stopped.state == "stopped" and "bacula-sd.service" in stopped.advice
    (machine / "proc" / "4711").mkdir()
    (machine / "proc" / "4711" / "comm").write_text("bacula-sd\n")
    (machine / "proc" / "4712").mkdir()  # a process that ends while it is looked at
    integrations.look()
    assert health.look("bacula").state == "ok"
    service("bacula-fd.service", active="failed")
    broken = health.look("bacula")
    assert broken.state == "degraded" and "bacula-fd.service" in broken.message


def service(unit: str, active: str) -> None:
    """A unit as systemd shows it."""
    texts = dict.fromkeys(("description", "sub", "file_state", "result", "branch", "wanted"), "")
    numbers = dict.fromkeys(("exit_code", "exit_status", "rank", "changes", "version", "position"), 1)
    Service.objects.create(unit=unit, active=active, load="loaded", part="Bacula", **texts, **numbers)


@pytest.mark.django_db
def test_one_sample_each(machine: Path) -> None:
    integrations.look()
    integrations.look()
    assert IntegrationSample.objects.count() == len(INTEGRATIONS)


# --- room ---


def room(**changes: Any) -> Room:
    given = {"path": "/x", "total": 100, "free": 50, "files": 100, "files_free": 50, "read_only": False}
    return Room(**{**given, **changes})


@pytest.mark.parametrize(
    ("rooms", "state"),
    [
        ([room()], "ok"),
        ([room(), room(free=10)], "degraded"),
        ([room(free=3), room()], "failed"),
        ([room(files_free=5)], "degraded"),
        ([room(total=0, free=0, files=0, files_free=0)], "ok"),
        ([room(read_only=True), room(free=0)], "failed"),
    ],
)
def test_how_full_it_is(rooms: list[Room], state: str) -> None:
    found = judge_room(rooms)
    assert found.state == state and bool(found.advice) == (state != "ok")


def test_read_only_is_told_before_full() -> None:
    assert "read-only" in judge_room([room(read_only=True), room(free=0)]).message


def test_a_real_file_system_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = checks.room(tmp_path)
    assert 0 < found.free <= found.total
    told = SimpleNamespace(f_blocks=10, f_frsize=4096, f_bavail=1, f_files=5, f_favail=4, f_flag=os.ST_RDONLY)
    monkeypatch.setattr(checks.os, "statvfs", lambda _: told)
    assert checks.room(tmp_path) == Room(str(tmp_path), 40960, 4096, 5, 4, True)


# --- the clock ---


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ({"synchronised": True, "running": True, "reference": "192.0.2.1"}, "ok"),
        ({"synchronised": False, "running": True, "why": "no answer"}, "degraded"),
        ({"synchronised": False, "running": False}, "stopped"),
        ({"synchronised": None, "code": "bus_missing", "message": "There is no system bus."}, "degraded"),
        ({"synchronised": None}, "unknown"),
    ],
)
def test_how_the_clock_is(seen: dict[str, Any], state: str) -> None:
    assert health.look("time").state == "unknown"
    TimeState.objects.create(**{**NOT_SEEN, "version": 1, "position": 1, **seen})
    found = health.look("time")
    assert found.state == state, found
    assert bool(found.advice) == (state in ("stopped", "degraded"))
    if "message" in seen:
        assert found.message == seen["message"]
    if "why" in seen:
        assert found.message == WHY[seen["why"]][0]
