"""Schedules: what they make, expire, skip and miss, on the simulated box and by the clock of the test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.storage.models.pools import Pool
from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.models.snapshots import Snapshot
from apps.storage.observe.scheduling import Scheduler
from calypso.kernel import box, commands, store
from calypso.kernel.dependents import used_by
from calypso.kernel.models import Operation
from calypso.kernel.rebuild import Rows
from calypso.kernel.store import COLUMNS, from_row, query
from tests.storage.test_snapshots import SARI, asked, carried_out, done, known, on_the_box, planned, refused
from tests.support.lab_box import Box
from tests.support.rest import events_after, finish
from tests.support.snapshots import make_datasets, see, take

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC)
HOURLY = {
    "name": "hourly",
    "when": {"cron": "0 * * * *", "timezone": "UTC"},
    "job": {
        "kind": "snapshots",
        "dataset": "tank/a",
        "recursive": True,
        "naming": "hourly-%Y-%m-%d_%H-%M",
        "retention": {"last": 2},
    },
}


def hourly(job: dict[str, Any] | None = None, when: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {**HOURLY, "job": {**HOURLY["job"], **(job or {})}, "when": {**HOURLY["when"], **(when or {})}, **more}  # type: ignore[dict-item]  # nested


class Clock:
    """The box's time and the scheduler's, moved together; the worker does at once what is asked for."""

    def __init__(self, box: Box) -> None:
        self.box, self.now, self.scheduler = box, START, Scheduler()
        self.move(START)

    def move(self, now: datetime) -> None:
        self.now = now
        self.box.options(now=now.timestamp())

    def tick(self) -> None:
        self.scheduler.tick(self.now)
        for operation in Operation.objects.unfinished().order_by("position"):
            finish(operation.pk)

    def at(self, hour: int, minute: int = 0, day: int = 24) -> None:
        """That time comes: the run, and then what expires by it."""
        self.move(datetime(2026, 11, day, hour, minute, 5, tzinfo=UTC))
        self.tick()
        self.tick()


@pytest.fixture
def clock(tank: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    make_datasets(tank, "tank/a", "tank/a/b", "tank/other")
    yield Clock(tank)


def scheduled(**given: Any) -> Schedule:
    done("CreateSchedule", **given)
    row = Schedule.objects.get(name=given["name"])
    Schedule.objects.filter(pk=row.pk).update(changed_at=START)  # by the clock of the test
    row.refresh_from_db()
    return row


def runs() -> list[tuple[str, str, int, int]]:
    return [(f"{r.due:%H:%M}", r.state, r.made, r.expired) for r in ScheduleRun.objects.order_by("due")]


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

SCRUB = {
    "name": "scrubs",
    "when": {"cron": "0 * * * *"},
    "job": {"kind": "scrub", "pool": "tank", "older_than_days": 7},
}


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


# --- what is saved ----------------------------------------------------------------------------------------------------


def test_a_change_that_expires_snapshots_names_them_and_asks(clock: Clock) -> None:
    scheduled(**hourly({"retention": {"last": 10}}))
    for hour in (11, 12, 13):
        clock.at(hour)
    less = hourly({"retention": {"last": 1}})
    plan = planned("ChangeSchedule", **less)
    names = [f"{of}@hourly-2026-11-24_{hour}-00" for of in ("tank/a", "tank/a/b") for hour in (11, 12)]
    assert plan.destroys and sorted(plan.destroys.names) == sorted(names)
    with pytest.raises(commands.ConfirmationNeeded):
        commands.dispatch(asked("ChangeSchedule", **less), SARI)
    assert planned("ChangeSchedule", **hourly({"retention": {"last": 3}})).confirm is None
    done("ChangeSchedule", confirm="hourly", **less)
    assert len(known()) == 6, "the scheduler does it, not the change"
    clock.tick()
    assert sorted(known()) == ["tank/a/b@hourly-2026-11-24_13-00", "tank/a@hourly-2026-11-24_13-00"]
    assert carried_out("DeleteSchedule", name="hourly").state == "succeeded"
    assert len(on_the_box(clock.box)) == 2 and not ScheduleRun.objects.exists()


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": "a b"}, "bad_schedule_name", "name"),
        ({"when": {"cron": "x"}}, "bad_cron", "when.cron"),
        ({"when": {"cron": "0 0 30 2 *"}}, "bad_cron", "when.cron"),
        ({"when": {"timezone": "Mars"}}, "bad_timezone", "when.timezone"),
        ({"job": {"dataset": "tank/x"}}, "no_such_dataset", "job.dataset"),
        ({"job": {"naming": "%Y"}}, "bad_naming", "job.naming"),
        ({"job": {"naming": "hourly-%Y-%m-%d"}}, "bad_naming", "job.naming"),
        ({"job": {"exclude": ["b"], "recursive": False}}, "not_recursive", "job.exclude"),
        ({"job": {"exclude": ["b@c"]}}, "bad_snapshot_name", "job.exclude"),
        ({"job": {"naming": "other-%Y-%m-%d_%H-%M"}}, "prefix_taken", "job.naming"),
        ({"name": "other", "job": {"naming": "mine-%Y-%m-%d_%H-%M"}}, "schedule_exists", "name"),
    ],
)
def test_what_can_not_be_saved_is_named(clock: Clock, given: dict[str, Any], code: str, field: str) -> None:
    done("CreateSchedule", **hourly({"naming": "other-%Y-%m-%d_%H-%M"}, name="other"))
    job, when = given.pop("job", None), given.pop("when", None)
    error = refused("CreateSchedule", **hourly(job, when, **given))
    assert (error.code, error.field) == (code, field)


def test_a_schedule_stays_of_its_kind(clock: Clock) -> None:
    scheduled(**hourly())
    assert refused("ChangeSchedule", **{**SCRUB, "name": "hourly"}).code == "other_kind"
    assert refused("ChangeSchedule", **hourly(name="none")).code == "no_such_schedule"


def test_it_is_told_as_a_dependent(clock: Clock) -> None:
    scheduled(**hourly({"dataset": "tank/a/b"}))
    for address in ("storage.pool.tank", "storage.dataset.tank/a", "storage.dataset.tank/a/b"):
        assert told(address) == [("hourly", "storage.schedule.hourly")]
    assert told("storage.dataset.tank/other") == []


def told(address: str) -> list[tuple[str, str]]:
    return [(d.name, d.address) for d in used_by(address) if d.kind == "schedule"]


def test_a_rebuild_gives_the_same_rows(clock: Clock) -> None:
    """Folding the ledger in memory gives what stands in the tables."""
    from calypso.kernel.projections import registry

    scheduled(**hourly())
    take(clock.box, "tank/a@by-hand")
    clock.box.ok("zfs", "hold", "x", "tank/a@by-hand")
    see("tank/a@by-hand")
    for hour in (11, 12, 14):
        clock.at(hour)
    for name in ("snapshots", "schedules"):
        tables = Rows()
        for recorded in map(from_row, query(f"SELECT {COLUMNS} FROM ledger.event ORDER BY position")):
            if handler := registry[name].handlers.get(recorded.event.TYPE):
                handler(tables, recorded)
        for model in registry[name].read_models():
            rows = {row["id"]: row for row in model._default_manager.values()}
            for row in (*rows.values(), *tables.rows[model].values()):
                row.pop("changed_at", None)  # set back above
            assert tables.rows[model] == rows


def test_times_before_its_change_are_none_of_its(clock: Clock) -> None:
    row = scheduled(**hourly())
    Schedule.objects.filter(pk=row.pk).update(changed_at=START + timedelta(hours=3))
    clock.at(13)
    assert runs() == []
