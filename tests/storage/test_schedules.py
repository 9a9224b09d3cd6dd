"""Schedules: what they make, expire, skip and miss, on the simulated box and by the clock of the test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.storage.models.pools import Pool
from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.models.snapshots import Snapshot
from apps.storage.observe.scheduling import Scheduler
from calypso.kernel import box, store
from calypso.kernel.models import Operation
from tests.storage.test_snapshots import done, known, on_the_box
from tests.support.rest import events_after
from tests.support.schedule_clock import SCRUB, START, Clock, hourly, runs, scheduled
from tests.support.snapshots import take

pytestmark = pytest.mark.django_db

# --- by the clock -----------------------------------------------------------------------------------------------------


def test_it_runs_when_it_is_due_and_expires_what_is_older(clock: Clock) -> None:
    scheduled(**hourly())
    clock.tick()
    assert runs() == [], "it is not due yet"
    before = store.position()
    for hour in (11, 12, 13):
        clock.at(hour)
    assert runs() == [("11:00", "ran", 2, 0), ("12:00", "ran", 2, 0), ("13:00", "ran", 2, 2)]
    names = [f"{of}@hourly-2026-11-24_{hour}-00" for hour in (12, 13) for of in ("tank/a", "tank/a/b")]
    assert sorted(on_the_box(clock.box)) == sorted(names) == sorted(known())
    told = events_after(before, "storage.Snapshots")
    assert {event.actor for event in told} == {"scheduler"}
    assert {event.data["schedule"] for event in told if "Created" in event.type} == {"hourly"}
    expiry = Operation.objects.get(command="storage.ExpireSnapshots")
    assert expiry.steps[0]["argv"] == ["zfs", "destroy", "-r", "--", "tank/a@hourly-2026-11-24_11-00"]


def test_it_never_expires_what_it_did_not_make(clock: Clock) -> None:
    scheduled(**hourly())
    take(clock.box, "tank/a@hourly-2020-01-01_00-00", "tank/a@by-hand")
    for hour in (11, 12, 13):
        clock.at(hour)
    assert {"tank/a@hourly-2020-01-01_00-00", "tank/a@by-hand"} <= set(on_the_box(clock.box))


def test_held_ones_stay_and_go_when_released(clock: Clock) -> None:
    scheduled(**hourly({"recursive": False}))
    clock.at(11)
    done("HoldSnapshots", snapshots=["tank/a@hourly-2026-11-24_11-00"], tag="legal")
    for hour in (12, 13, 14):
        clock.at(hour)
    assert "tank/a@hourly-2026-11-24_11-00" in on_the_box(clock.box) and len(known()) == 3
    done("ReleaseSnapshots", snapshots=["tank/a@hourly-2026-11-24_11-00"], tag="legal")
    clock.at(15)
    assert known() == ["tank/a@hourly-2026-11-24_14-00", "tank/a@hourly-2026-11-24_15-00"]


def test_what_is_left_out_gets_none(clock: Clock) -> None:
    scheduled(**hourly({"dataset": "tank", "exclude": ["a/b"]}))
    clock.at(11)
    assert set(known()) == {f"{of}@hourly-2026-11-24_11-00" for of in ("tank", "tank/a", "tank/other")}
    assert len({row.created_txg for row in Snapshot.objects.all()}) == 1, "of one moment"


def test_a_restart_runs_no_time_twice(clock: Clock) -> None:
    scheduled(**hourly())
    clock.at(11)
    for _ in range(3):
        clock.scheduler = Scheduler()
        clock.tick()
    assert Operation.objects.filter(command="storage.RunSchedule").count() == 1


def test_what_was_missed_is_recorded_once(clock: Clock) -> None:
    scheduled(**hourly())
    clock.at(11)
    before = store.position()
    clock.at(14, 30)
    clock.tick()
    [told] = events_after(before, "storage.Schedule")
    assert told.type == "storage.ScheduleMissed.v1"
    assert (told.data["first"], told.data["last"], told.data["count"]) == (
        "2026-11-24T12:00:00Z", "2026-11-24T14:00:00Z", 3
    )  # fmt: skip
    [missed] = ScheduleRun.objects.missed()
    assert (missed.missed, missed.state, missed.operation) == (3, "missed", None)
    clock.at(15)
    assert [(due, state) for due, state, *_ in runs()] == [("11:00", "ran"), ("14:00", "missed"), ("15:00", "ran")]


def test_the_latest_missed_one_is_made_up_for(clock: Clock) -> None:
    scheduled(**hourly(when={"make_up_hours": 2}))
    clock.at(11)
    clock.at(14, 30)
    run = ScheduleRun.objects.get(due=datetime(2026, 11, 24, 14, tzinfo=UTC))
    assert (run.state, run.made_up, run.missed, run.made) == ("ran", True, 3, 2)
    assert not ScheduleRun.objects.missed().exists()
    assert "tank/a@hourly-2026-11-24_14-00" in known()


def test_not_when_it_is_too_long_ago(clock: Clock) -> None:
    scheduled(**hourly(when={"cron": "0 3 * * *", "make_up_hours": 2}))
    clock.at(12, day=26)
    assert [(due, state) for due, state, *_ in runs()] == [("03:00", "missed")]
    assert ScheduleRun.objects.get().missed == 2


def test_nothing_is_made_when_nothing_was_written(clock: Clock) -> None:
    scheduled(**hourly({"skip_unchanged": True}))
    clock.at(11)
    clock.at(12)
    assert runs() == [("11:00", "ran", 2, 0), ("12:00", "skipped", 0, 0)]
    assert ScheduleRun.objects.get(state="skipped").detail == "nothing written"


def test_no_run_begins_while_the_one_before_goes_on(clock: Clock) -> None:
    scheduled(**hourly())
    clock.move(datetime(2026, 11, 24, 11, 0, 5, tzinfo=UTC))
    clock.scheduler.tick(clock.now)
    clock.move(datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC))
    clock.scheduler.tick(clock.now)
    assert [(due, state) for due, state, *_ in runs()] == [("11:00", "running"), ("12:00", "skipped")]


def test_a_run_that_fails_says_why(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled(**hourly({"recursive": False}))
    clock.box.ok("zfs", "snapshot", "tank/a@hourly-2026-11-24_11-00")
    monkeypatch.setattr(box, "observe", lambda _: None)  # unseen
    clock.at(11)
    [run] = ScheduleRun.objects.failed()
    assert run.operation and "exists" in run.detail


def test_a_run_that_the_box_overtook_is_asked_for_once_more(clock: Clock) -> None:
    scheduled(**hourly({"recursive": False}))
    clock.box.ok("zfs", "snapshot", "tank/a@hourly-2026-11-24_11-00")  # seen only when the run begins
    clock.at(11)
    assert runs() == [("11:00", "ran", 1, 0)]
    errors = [
        (o.error or {}).get("code")
        for o in Operation.objects.filter(command="storage.RunSchedule").order_by("position")
    ]
    assert errors == ["stale_plan", None]
    assert "tank/a@hourly-2026-11-24_11-00-2" in on_the_box(clock.box)


def test_a_run_that_can_not_be_asked_for_says_why(clock: Clock) -> None:
    scheduled(**hourly())
    Pool.objects.update(state="SUSPENDED")
    clock.scheduler.tick(datetime(2026, 11, 24, 11, 0, 5, tzinfo=UTC))
    [run] = ScheduleRun.objects.failed()
    assert (run.operation, "SUSPENDED" in run.detail) == (None, True)


def test_a_disabled_one_rests_and_misses_nothing(clock: Clock) -> None:
    row = scheduled(**hourly(enabled=False))
    clock.at(12)
    assert runs() == []
    done("ChangeSchedule", **hourly())
    Schedule.objects.filter(pk=row.pk).update(changed_at=clock.now)
    clock.at(13)
    assert [due for due, *_ in runs()] == ["13:00"]


def test_an_hour_that_comes_twice_has_two_names(clock: Clock) -> None:
    """2026-10-25 in Berlin."""
    clock.move(datetime(2026, 10, 24, 23, 30, tzinfo=UTC))
    row = scheduled(**hourly({"recursive": False, "retention": {}}, {"timezone": "Europe/Berlin"}))
    Schedule.objects.filter(pk=row.pk).update(changed_at=clock.now)
    for hour in (0, 1):
        clock.move(datetime(2026, 10, 25, hour, 0, 5, tzinfo=UTC))
        clock.tick()
    assert known() == ["tank/a@hourly-2026-10-25_02-00", "tank/a@hourly-2026-10-25_02-00-2"]


# --- scrubs -----------------------------------------------------------------------------------------------------------


def test_a_pool_is_scrubbed_when_that_is_long_ago(clock: Clock) -> None:
    scheduled(**SCRUB)
    clock.at(11)
    assert runs() == [("11:00", "ran", 0, 0)]
    assert "scrub" in clock.box.ok("zpool", "status", "tank")
    ended = {"function": "scrub", "state": "finished", "ended_at": int(START.timestamp()), "started_at": 1, "errors": 0}
    Pool.objects.update(scan=ended)
    clock.scheduler.tick(datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC))
    assert ScheduleRun.objects.get(state="skipped").detail == "scrubbed lately"


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_run_by_hand_does_not_move_the_clock(clock: Clock) -> None:
    scheduled(**hourly())
    operation = done("RunSchedule", name="hourly", due="2026-11-24T10:30:00Z")
    assert ScheduleRun.objects.get().manual and ScheduleRun.objects.get().operation == operation.pk
    again = done("RunSchedule", name="hourly", due="2026-11-24T10:30:05Z")
    assert again.steps[0]["argv"][-1] == "tank/a@hourly-2026-11-24_10-30-2"
    clock.at(11)
    assert [due for due, *_ in runs()] == ["10:30", "10:30", "11:00"]
