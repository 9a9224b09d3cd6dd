"""What of a schedule is saved, refused, and told to others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.storage.models.schedules import Schedule, ScheduleRun
from calypso.kernel import commands
from calypso.kernel.dependents import used_by
from calypso.kernel.rebuild import Rows
from calypso.kernel.store import COLUMNS, from_row, query
from tests.storage.test_snapshots import SARI, asked, carried_out, done, known, on_the_box, planned, refused
from tests.support.schedule_clock import SCRUB, START, Clock, hourly, runs, scheduled
from tests.support.snapshots import see, take

pytestmark = pytest.mark.django_db


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
