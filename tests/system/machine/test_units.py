"""A real systemd over its own bus: units are found, started, fail, are restarted, enabled, masked, and heard of."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps.system.models.services import Service
from apps.system.observe import unit_signals, units
from calypso.kernel import bus, executor, store
from calypso.kernel.actors import Role
from calypso.kernel.models import Operation
from tests.machine.machine import Machine
from tests.support.appliance import wait_for
from tests.support.rest import Person, person

pytestmark = [pytest.mark.system, pytest.mark.django_db]

UNITS = {
    "caly-ok.service": "[Service]\nExecStart=/bin/sleep 600\nExecReload=/bin/true\n[Install]\nWantedBy=basic.target\n",
    "caly-fails.service": "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exit 7'\n",
    "caly-missing.service": "[Service]\nExecStart=/nowhere/program\n",
}


@pytest.fixture
def systemd(machine: Machine, settings: Any) -> Machine:
    """The machine's systemd, with units of ours, seen once."""
    settings.CALYPSO_SYSTEM_BUS = machine.bus
    settings.CALYPSO_BUS_TRANSPORT = "calypso.kernel.buses.system.connect"
    for name, text in UNITS.items():
        (machine.root / "usr/lib/systemd/system" / name).write_text(text)
    (machine.root / "etc/systemd/system/caly-local.service").write_text(UNITS["caly-ok.service"])
    machine.ok("systemctl", "daemon-reload")
    units.look_at_all()
    return machine


def ran(who: Person, unit: str, action: str) -> Operation:
    answer = who.post(f"/system/services/{unit}/{action}", {"reason": "test", "confirm": unit})
    assert answer.status == 202, answer.body
    executor.run(answer.body["id"])
    return Operation.objects.get(pk=answer.body["id"])


def types(after: int) -> list[str]:
    rows = store.query("SELECT type FROM ledger.event WHERE position > %s ORDER BY position", [after])
    return [row[0].split(".")[1] for row in rows]


def test_its_units_are_found_and_a_second_look_finds_nothing_new(systemd: Machine) -> None:
    chrony = Service.objects.get(pk="chrony.service")
    assert (chrony.active, chrony.sub, chrony.part, chrony.file_state) == ("active", "running", "Time", "enabled")
    assert Service.objects.get(pk="dbus.service").branch
    assert not Service.objects.filter(unit__contains="@.").exists()
    shown = systemd.ok("systemctl", "show", "-p", "ActiveState,SubState,LoadState", "systemd-networkd.service")
    networkd = Service.objects.get(pk="systemd-networkd.service")
    assert f"ActiveState={networkd.active}\n" in shown and f"SubState={networkd.sub}\n" in shown
    assert units.look_at_all() == 0


def test_a_unit_is_started_restarted_reloaded_enabled_masked_and_stopped(systemd: Machine) -> None:
    admin = person(Role.ADMINISTRATOR)
    for action in ("start", "restart", "reload", "enable", "disable", "stop", "mask", "unmask"):
        operation = ran(admin, "caly-ok.service", action)
        assert (action, operation.state, operation.error) == (action, "succeeded", None)
        if action == "enable":
            assert systemd.ok("systemctl", "is-enabled", "caly-ok.service") == "enabled\n"
    found = Service.objects.get(pk="caly-ok.service")
    assert (found.active, found.sub, found.load) == ("inactive", "dead", "loaded")


def test_a_unit_with_its_file_in_etc_can_not_be_masked_and_it_is_said(systemd: Machine) -> None:
    operation = ran(person(Role.ADMINISTRATOR), "caly-local.service", "mask")
    assert (operation.state, operation.error["code"]) == ("failed", "unit_file_in_the_way")


@pytest.mark.parametrize(
    ("unit", "words"), [("caly-fails.service", "status 7"), ("caly-missing.service", "could not be executed")]
)
def test_a_unit_that_fails_says_why(systemd: Machine, unit: str, words: str) -> None:
    before = store.position()
    operation = ran(person(Role.OPERATOR), unit, "start")
    assert (operation.state, operation.error["code"]) == ("failed", "unit_failed")
    assert words in operation.error["message"]
    assert "ServiceFailed" in types(before)
    assert words in Service.objects.get(pk=unit).why
    systemd.ok("systemctl", "reset-failed", unit)


def test_what_the_bus_refuses_is_named(systemd: Machine) -> None:
    Service.objects.filter(pk="caly-ok.service").update(unit="caly-absent.service")
    operation = ran(person(Role.OPERATOR), "caly-absent.service", "start")
    assert (operation.state, operation.error["code"]) == ("failed", "no_such_unit")


def test_changes_are_heard_at_once(systemd: Machine) -> None:
    pace, stop, ready = unit_signals.Pace(), threading.Event(), threading.Event()
    from apps.system.adapters.systemd import calls

    def listen() -> None:
        bus.follow(unit_signals.RULES, stop, pace.hear, first=[calls.subscribe()], on_ready=ready.set)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(30)
    systemd.ok("systemctl", "start", "caly-ok.service")
    wait_for(lambda: "caly-ok.service" in pace.waiting, 20, "the start is heard")
    taken = pace.take()
    before = store.position()
    units.look_at(["caly-ok.service"], taken)
    assert types(before) == ["ServiceStarted"]
    systemd.ok("systemctl", "stop", "caly-ok.service")
    stop.set()
    thread.join(20)
