"""Lists of snapshots over REST: filters, orders, pages, counts; what a schedule's preview tells."""

from __future__ import annotations

import pytest

from calypso.kernel.actors import Role
from tests.storage.test_snapshots import done
from tests.support.lab_box import Box
from tests.support.rest import Person, person
from tests.support.schedule_clock import HOURLY
from tests.support.snapshots import make_datasets, take

pytestmark = pytest.mark.django_db

ALL = ["tank/a/b@mon", "tank/a@mon", "tank/a@tue", "tank/c@wed"]


@pytest.fixture
def reader(tank: Box) -> Person:
    make_datasets(tank, "tank/a", "tank/a/b", "tank/c")
    take(tank, "tank/a@mon", "tank/a@tue", "tank/a/b@mon", "tank/c@wed")
    done("HoldSnapshots", snapshots=["tank/c@wed"], tag="legal")
    return person(Role.ADMINISTRATOR)


def listed(who: Person, query: str) -> list[str]:
    """All pages of two rows."""
    found, cursor = [], ""
    while True:
        page = who.get(f"/storage/snapshots?limit=2&{query}{cursor}")
        assert page.status == 200, page.body
        found += [row["full_name"] for row in page.body["items"]]
        if page.body["next"] is None:
            return found
        cursor = f"&cursor={page.body['next']}"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ALL),
        ("pool=tank", ALL),
        ("pool=other", []),
        ("dataset=tank/a", ["tank/a@mon", "tank/a@tue"]),
        ("under=tank/a", ["tank/a/b@mon", "tank/a@mon", "tank/a@tue"]),
        ("held=true", ["tank/c@wed"]),
        ("held=false", ALL[:3]),
        ("search=MON", ["tank/a/b@mon", "tank/a@mon"]),
        ("search=a/b", ["tank/a/b@mon"]),
        ("search=a@t", ["tank/a@tue"]),
        ("search=TANK/A", ALL[:3]),
        ("search=tank", ALL),
        ("search=@", ALL),
        ("search=@M", ["tank/a/b@mon", "tank/a@mon"]),
        ("search=mon&under=tank/a&pool=tank", ["tank/a/b@mon", "tank/a@mon"]),
        ("search=wed&held=true", ["tank/c@wed"]),
        ("search=%25", []),
        ("search=_", []),
        ("search=n\\", []),
        ("search=nothing", []),
        ("schedule=hourly", []),
    ],
)
def test_filters(reader: Person, query: str, names: list[str]) -> None:
    for order in ("name", "-name", "created_at", "-created_at"):
        assert sorted(listed(reader, f"{query}&order={order}")) == names
    count = reader.get(f"/storage/snapshots/count?{query}").body
    assert count["count"] == len(names)


def test_an_id_is_not_searched(reader: Person) -> None:
    """The id of a dataset is in the keys of its snapshots, which a search looks through."""
    of = reader.get("/storage/snapshots?dataset=tank/c").body["items"][0]["dataset_id"]
    assert listed(reader, f"search={of[:8]}") == listed(reader, f"search={of}") == []


def test_orders(reader: Person) -> None:
    names = [name.partition("@")[2] for name in listed(reader, "order=-name")]
    assert names == ["wed", "tue", "mon", "mon"]
    assert reader.get("/storage/snapshots?order=guid").code == "invalid_input"


def test_a_preview_says_what_goes_what_stays_and_why(reader: Person) -> None:
    done("CreateSchedule", **HOURLY)
    for minute in (1, 2, 3, 4):
        done("RunSchedule", name="hourly", due=f"2026-11-24T10:0{minute}:00Z")
    done("HoldSnapshots", snapshots=["tank/a@hourly-2026-11-24_10-01"], tag="legal")
    preview = reader.post("/storage/schedules/preview", HOURLY).body
    assert preview["words"] == "At the start of every hour (UTC)" and len(preview["next_runs"]) == 5
    assert (preview["datasets"], preview["kept_count"]) == (2, 4)
    assert [row["full_name"] for row in preview["blocked"]] == ["tank/a@hourly-2026-11-24_10-01"]
    assert preview["blocked"][0]["because"] == "held by legal"
    going = ["tank/a/b@hourly-2026-11-24_10-01", "tank/a/b@hourly-2026-11-24_10-02", "tank/a@hourly-2026-11-24_10-02"]
    assert sorted(row["full_name"] for row in preview["expiring"]) == going
    assert {row["because"] for row in preview["kept"]} == {"last"}
    assert reader.get("/storage/schedules/hourly").body["latest"]["made"] == 2
    assert [run["state"] for run in reader.get("/storage/schedules/hourly/runs").body["items"]] == ["ran"] * 4
