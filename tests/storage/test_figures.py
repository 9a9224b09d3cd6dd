"""Figures over REST: the ARC, input and output, capacity and its forecast; and how their samples are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.storage import reading
from apps.storage.adapters.zpool import PoolInfo
from apps.storage.api import figures
from apps.storage.models.pools import Pool
from apps.storage.models.samples import CapacitySample, IoSample
from apps.storage.observe import samples
from calypso.kernel.actors import Role
from tests.support.lab_box import Box
from tests.support.rest import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Person:
    return person(Role.VIEWER)


def test_the_arc_is_live_and_tells_recent_hits_from_the_second_look_on(
    box: Box, viewer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "_before", figures._Before())
    monkeypatch.setattr(figures._Before, "least", 0.0)
    box.options(now=1_795_412_010.0)
    first = viewer.get("/storage/arc").body
    assert first["recent_seconds"] is None and first["total"]["recent_hit_percent"] is None
    box.advance(30)
    second = viewer.get("/storage/arc").body
    assert second["total"]["hits"] > first["total"]["hits"]
    assert 50 < second["total"]["recent_hit_percent"] <= 100 and second["recent_seconds"] is not None


def test_no_arc_without_the_module(viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "arcstats_text", lambda lab: None)
    answer = viewer.get("/storage/arc")
    assert (answer.status, answer.code) == (404, "no_arc")


LINES = "tank\t1\t9\t0\t{writes}\t51885\t164447\t3590987\t5884970\ndisk-a\t0\t0\t0\t7\t1\t2\t-\t4\n"


def test_io_of_each_vdev_and_a_history(tank: Box, viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert viewer.get("/storage/pools/tank/io").body == {"vdevs": [], "history": []}
    samples._last_io.clear()
    for writes in (13, 14):
        monkeypatch.setattr(reading, "read", lambda argv, writes=writes, **_: LINES.format(writes=writes))
        assert samples.sample_io(1) == 2
    assert samples.sample_io(1) == 0, "what did not change is not written again"
    shown = viewer.get("/storage/pools/tank/io").body
    assert [(v["vdev"], v["place"], v["writes"]) for v in shown["vdevs"]] == [("tank", 0, 14), ("disk-a", 1, 7)]
    assert [h["writes"] for h in shown["history"]] == [13, 14]
    assert [h["writes"] for h in viewer.get("/storage/pools/tank/io?vdev=disk-a").body["history"]] == [7, 7]


def test_io_is_forgotten_after_a_while(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    samples._last_io.clear()
    monkeypatch.setattr(reading, "read", lambda argv, **_: LINES.format(writes=13))
    samples.sample_io(1)
    IoSample.objects.update(at=timezone.now() - samples.IO_KEPT - timedelta(minutes=1))
    samples._last_io.clear()
    samples.sample_io(1)
    assert sorted(IoSample.objects.values_list("vdev", flat=True)) == ["disk-a", "tank", "tank"]


def test_a_suspended_pool_is_left_out_for_the_tool_would_hang(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise AssertionError("the tool was asked")

    Pool.objects.update(state="SUSPENDED")
    monkeypatch.setattr(reading, "read", refuse)
    assert samples.sample_io(1) == 0


def info(allocated: int) -> PoolInfo:
    return PoolInfo("tank", "77", 10**12, allocated, 10**12 - allocated, 0, 0, "ONLINE", False, "")


def test_capacity_is_kept_fine_hourly_and_daily_and_only_where_it_changed(tank: Box) -> None:
    CapacitySample.objects.all().delete()
    pool = {"tank": Pool.objects.get().id}
    now = timezone.now() - timedelta(days=40)
    assert samples.record_capacity([info(1)], pool, now) == 3
    assert samples.record_capacity([info(1)], pool, now + timedelta(days=1)) == 0, "as before"
    assert samples.record_capacity([info(2)], pool, now + timedelta(minutes=1)) == 0, "too soon for any"
    assert samples.record_capacity([info(2)], pool, now + timedelta(minutes=6)) == 1
    assert samples.record_capacity([info(3)], pool, now + timedelta(hours=2)) == 2
    assert samples.record_capacity([info(4)], pool, now + timedelta(days=2)) == 3
    spans = list(CapacitySample.objects.order_by("span").values_list("span", flat=True))
    assert [spans.count(span) for span in ("scan", "hour", "day")] == [4, 3, 2]
    samples.record_capacity([info(4)], pool, now + timedelta(days=39))
    assert CapacitySample.objects.filter(span="scan").count() == 1, "old ones go, the latest stays"


def test_a_growing_pool_has_a_day_when_it_is_full(tank: Box, viewer: Person) -> None:
    CapacitySample.objects.all().delete()
    pool, now = Pool.objects.get(), timezone.now()
    used = pool.size // 1000
    CapacitySample.objects.bulk_create(
        CapacitySample(
            pool=pool.id, at=now - timedelta(days=30 - day), span="hour", size=pool.size, allocated=day * used
        )
        for day in range(30)
    )
    tank.set_pool("tank", allocated=30 * used)
    figures.PoolUsage.objects.update(allocated=30 * used)
    told = viewer.get("/storage/pools/tank/capacity").body
    assert len(told["points"]) == 31 and told["points"][-1]["allocated"] == 30 * used
    assert told["forecast"]["verdict"] == "growing" and "31 samples of 30.0 days" in told["forecast"]["basis"]
    days = (figures.datetime.fromisoformat(told["forecast"]["full_at"]) - now).days
    assert 900 < days < 1000


def test_a_flat_pool_is_not_in_sight_of_its_end(tank: Box, viewer: Person) -> None:
    CapacitySample.objects.all().delete()
    pool, usage = Pool.objects.get(), figures.PoolUsage.objects.get()
    CapacitySample.objects.create(
        pool=pool.id, at=timezone.now() - timedelta(days=9), span="hour", size=pool.size, allocated=usage.allocated
    )
    told = viewer.get("/storage/pools/tank/capacity").body["forecast"]
    assert (told["verdict"], told["full_at"]) == ("not in sight", None)
    assert viewer.get("/storage/pools/nope/capacity").code == "no_such_pool"
