"""The machine's power: what is refused, what is asked of logind, and how the end of a boot is known afterwards."""

from __future__ import annotations

import json
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from apps.system.models.power import Boot
from apps.system.observe import power
from apps.system.plans.power import power_plan
from calypso.kernel import box as registry
from calypso.kernel import bus, heartbeat, store
from calypso.kernel.actors import Role
from calypso.kernel.models import Heartbeat, Operation
from calypso.kernel.plans import Dependent, Probe, Request
from calypso.lab import power as lab_power
from calypso.lab.state import change
from tests.support import golden_plans
from tests.support.lab_box import Box
from tests.support.rest import Person, events_after, finish, nothing_recorded, person, types_after

pytestmark = pytest.mark.django_db

HOST = socket.gethostname()
BOOT = UUID("8f1e0c1c-6a2b-4c1c-9a52-0d6f7a3c1e55")


@pytest.fixture
def machine(plain_box: Box, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    """A machine of the test's own, booted once and seen."""
    settings.CALYPSO_BOOT_ID = str(plain_box.path.with_name("boot_id"))
    mark = tmp_path / "stopped.json"
    monkeypatch.setattr(type(settings.HOME), "stop_mark", mark)
    boot(plain_box)
    power.note_boot()
    return plain_box


@pytest.fixture
def admin(machine: Box) -> Person:
    return person(Role.ADMINISTRATOR)


def boot(machine: Box) -> None:
    with change(machine.path) as state:
        lab_power.boot(state)


def ask(who: Person, action: str = "reboot", query: str = "", **body: Any) -> Any:
    given = {"reason": "a new kernel", "confirm": HOST}
    return who.post(f"/system/power/{action}{query}", {**given, **body})


# --- the commands ---


@pytest.mark.parametrize("action", ["reboot", "shutdown"])
def test_the_plan_is_as_on_record(action: Any) -> None:
    running = [Dependent(kind="operation", name="Scrub tank", detail="running", address=f"operation.{BOOT}")]
    plan = power_plan(action, host="appliance", boot=BOOT, reason="a new kernel", running=running)
    golden_plans.check("power", action, plan, context="system")


def test_no_plan_on_record_is_left_over() -> None:
    golden_plans.nothing_left_over("power", ["reboot", "shutdown"], context="system")


def test_it_takes_a_reason_and_the_name_of_the_machine(admin: Person) -> None:
    with nothing_recorded():
        silent = ask(admin, reason="  ")
        assert (silent.status, silent.code, silent.body["field"]) == (422, "reason_required", "reason")
        for confirm in (None, "", "tank"):
            refused = ask(admin, confirm=confirm)
            assert (refused.status, refused.code) == (422, "confirmation_needed")
            assert HOST in refused.body["title"] and "restarts" in refused.body["title"]
        dry = ask(admin, "shutdown", "?dry_run=true", confirm=None)
        assert (dry.status, dry.body["confirm"]) == (200, HOST)
        assert dry.body["steps"][0]["member"] == "PowerOff"
        assert "switched off" in dry.body["warnings"][0]


def test_nothing_is_asked_before_the_machine_was_looked_at(db: None) -> None:
    refused = ask(person(Role.ADMINISTRATOR))
    assert (refused.status, refused.code) == (409, "boot_unknown")


def test_a_plan_tells_what_is_under_way_but_not_itself(admin: Person) -> None:
    scan = admin.post("/storage/scan", {}).body["id"]
    assert ask(admin, query="?dry_run=true").body["stops"] == [], "it has not begun"
    Operation.objects.filter(pk=scan).update(state="running")
    [cut] = ask(admin, query="?dry_run=true").body["stops"]
    assert (cut["kind"], cut["address"]) == ("operation", f"operation.{scan}")


def test_the_machine_is_asked_over_the_bus_and_the_next_boot_tells_why(admin: Person, machine: Box) -> None:
    before = store.position()
    asked = ask(admin)
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["reason"]) == ("succeeded", "a new kernel"), operation["error"]
    assert machine.state()["power"]["action"] == "reboot"
    assert power.going_down()
    first = Boot.objects.get()
    boot(machine)
    assert power.note_boot() == 2
    assert power.note_boot() == 0
    ended = Boot.objects.get(pk=first.pk)
    assert (ended.how, str(ended.asked_by)) == ("clean", asked.body["id"])
    assert types_after(before)[-2:] == ["BoxStopped", "BoxBooted"]
    assert {e.actor for e in events_after(before, "system.Box")} == {"observer"}
    shown = admin.get("/system/power").body
    assert (shown["host"], shown["before"]["how"], shown["boot"]["how"]) == (HOST, "clean", "")
    assert [b["how"] for b in admin.get("/system/power/boots").body["items"]] == ["", "clean"]


def test_a_refusal_of_the_machine_is_told_in_its_words(admin: Person, machine: Box) -> None:
    machine.options(bus="denies")
    asked = ask(admin)
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["error"]["code"]) == ("failed", "not_authorized")
    first = Boot.objects.get()
    boot(machine)
    power.note_boot()
    assert Boot.objects.get(pk=first.pk).how == "unclean", "it was asked for, but not granted"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("org.freedesktop.login1.OperationInProgress", "power_in_progress"),
        ("org.freedesktop.login1.BlockedByInhibitorLock", "power_inhibited"),
        ("org.freedesktop.DBus.Error.AccessDenied", "not_authorized"),
    ],
)
def test_loginds_errors_have_names(name: str, code: str) -> None:
    request = Request(destination=power.LOGIN1, path="/x", interface="y", member="Reboot")
    assert bus.named_error(request, bus.Refused(name, "no")).code == code


def test_after_a_crash_of_calypso_the_machine_is_asked_whether_it_went_down(machine: Box) -> None:
    probe = Probe(name="system.went_down", args={"boot": str(power.boot_id())})
    assert registry.look(probe, 0) is False
    with change(machine.path) as state:
        state["power"] = {"action": "reboot", "at": 1.0}
    assert registry.look(probe, 0) is True, "it is about to"
    boot(machine)
    assert not power.going_down()
    assert registry.look(probe, 0) is True, "it has been booted anew"


# --- how a boot ended ---


def ended(machine: Box) -> Boot:
    """The machine comes up again; how the boot before ended."""
    first = Boot.objects.get()
    boot(machine)
    power.note_boot()
    return Boot.objects.get(pk=first.pk)


def test_an_end_without_a_mark_is_unclean(machine: Box) -> None:
    found = ended(machine)
    assert (found.how, found.asked_by) == ("unclean", None) and "power failed" in found.because


def test_an_end_that_calypso_was_told_of_is_clean(machine: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "going_down", lambda: True)
    power.mark_stop()
    found = ended(machine)
    assert found.how == "clean" and found.seen_at is not None


def test_who_was_stopped_before_does_not_claim_to_know(machine: Box) -> None:
    power.mark_stop()
    found = ended(machine)
    assert found.how == "unknown" and "nobody saw" in found.because


def test_a_start_in_the_same_boot_takes_the_mark_away(machine: Box) -> None:
    power.mark_stop()
    power.forget_mark()
    assert power.note_boot() == 0, "Calypso was started anew, the machine was not"
    assert ended(machine).how == "unclean"


def test_a_mark_of_a_boot_before_is_kept_until_it_is_on_record(machine: Box) -> None:
    power.mark_stop()
    first = Boot.objects.get()
    boot(machine)
    power.forget_mark()
    power.note_boot()
    assert Boot.objects.get(pk=first.pk).how == "unknown"


def test_a_mark_that_can_not_be_read_marks_nothing(machine: Box, settings: Any) -> None:
    settings.HOME.stop_mark.write_text('{"boot": ')
    assert power.read_mark() == {}
    assert ended(machine).how == "unclean"


def test_a_mark_that_can_not_be_written_stops_nothing(machine: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(power.settings.HOME), "stop_mark", Path("/proc/nowhere/stopped.json"))
    power.mark_stop()


def test_a_bus_that_is_away_leaves_the_stop_unexplained(machine: Box, settings: Any) -> None:
    machine.options(bus="away")
    power.mark_stop()
    assert json.loads(settings.HOME.stop_mark.read_text())["going_down"] is False


def test_the_last_sign_of_life_is_told(machine: Box) -> None:
    first = Boot.objects.get()
    now = timezone.now()
    Boot.objects.update(booted_at=now - timedelta(hours=2))
    heartbeat.beat("worker", now - timedelta(hours=1))
    last = now - timedelta(minutes=5)
    Heartbeat.objects.update(beat_at=last)
    heartbeat.beat("worker", now)
    assert Heartbeat.objects.get().before_at == last, "a new process keeps when the one before was seen"
    heartbeat.beat("worker", now)
    assert Heartbeat.objects.get().before_at == last
    boot(machine)
    a_minute_ago = (now - timedelta(minutes=1)).timestamp()
    os.utime(machine.path.with_name("boot_id"), (a_minute_ago, a_minute_ago))
    power.note_boot()
    assert Boot.objects.get(pk=first.pk).seen_at == last


def test_the_kernels_own_boot_id(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CALYPSO_BOOT_ID = str(tmp_path / "none")
    assert power.boot_id() == UUID(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    assert power.booted_at() < timezone.now()
    settings.CALYPSO_BOOT_ID = str(tmp_path / "boot_id")
    made = uuid4()
    (tmp_path / "boot_id").write_text(f"{made}\n")
    assert power.boot_id() == made
