"""Signals are coalesced: a unit is looked at at once, and then once a second, whatever comes."""

from __future__ import annotations

from apps.system.adapters.systemd import calls
from apps.system.observe.unit_signals import ALL_EVERY_SECONDS, ALL_REST_SECONDS, Pace
from calypso.kernel.bus import Signal


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def changed(unit: str) -> Signal:
    body = (calls.UNIT, {"ActiveState": "active"}, [])
    return Signal(calls.path_of(unit), "org.freedesktop.DBus.Properties", "PropertiesChanged", body)


def test_the_first_change_is_due_at_once_and_the_others_of_the_second_together() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.hear(changed("cron.service"))
    assert pace.take() == {"cron.service": 1}
    looks = []
    for _ in range(1024):
        clock.now += 1 / 1024
        pace.hear(changed("cron.service"))
        if taken := pace.take():
            looks.append(taken)
    assert looks == [{"cron.service": 1024}], "one look for a thousand changes in a second"
    assert pace.take() == {}


def test_units_do_not_wait_for_each_other() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.hear(changed("a.service"))
    assert set(pace.take()) == {"a.service"}
    clock.now += 0.5
    pace.hear(changed("a.service"))
    pace.hear(changed("b.service"))
    assert set(pace.take()) == {"b.service"}
    clock.now += 0.5
    assert set(pace.take()) == {"a.service"}


def test_devices_and_mounts_are_passed_over() -> None:
    pace = Pace(Clock())
    pace.hear(changed("dev-sda.device"))
    assert pace.take() == {}


def test_new_units_and_changed_files_have_all_looked_at_but_not_too_often() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.all_taken(), "at the beginning"
    assert not pace.all_taken()
    pace.hear(Signal(calls.PATH, calls.MANAGER, "UnitFilesChanged", ()))
    assert not pace.all_taken()
    clock.now += ALL_REST_SECONDS
    assert pace.all_taken()
    pace.hear(Signal(calls.PATH, calls.MANAGER, "UnitNew", ("dev-sda.device", "/x")))
    clock.now += ALL_REST_SECONDS
    assert not pace.all_taken()
    clock.now += ALL_EVERY_SECONDS
    assert pace.all_taken()


def test_the_second_of_rest_begins_when_the_look_is_over() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.hear(changed("a.service"))
    taken = pace.take()
    clock.now += 3
    pace.hear(changed("a.service"))
    pace.rest(taken)
    assert pace.take() == {}
    clock.now += 1
    assert pace.take() == {"a.service": 1}
