"""Thousands of snapshots are destroyed by one operation, in batches, while everything else goes on."""

from __future__ import annotations

import time

import pytest

from tests.acceptance.box import Box
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

MANY = 1000


@pytest.mark.row("ST 10")
@pytest.mark.row("complaint: 4,000 snapshots")
def test_thousands_go_in_one_operation_while_others_work(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a")
    ground.many_snapshots(f"{pool}/a", MANY)
    box.ask("POST", "/storage/scan", {})
    count = "/storage/snapshots/count"
    box.until(lambda: box.get(count, pool=pool)["count"] == MANY, "all are seen", 120)
    before = len(box.events("storage.Snapshots", stream=f"storage.dataset.{pool}/a"))
    body = {"choice": {"dataset": f"{pool}/a", "matching": "many*"}}
    plan = box.plan("POST", "/storage/snapshots/destroy", body)
    assert len(plan["steps"]) <= MANY / 100
    begun = box.begin("POST", "/storage/snapshots/destroy", body, confirm=plan["confirm"])
    longest = 0.0
    while box.get(f"/operations/{begun['id']}")["state"] in ("queued", "running"):
        started = time.monotonic()
        box.items("/storage/pools")
        ground.ok("zfs", "list", "-H", "-o", "name", pool)
        longest = max(longest, time.monotonic() - started)
    box.ended(box.get(f"/operations/{begun['id']}"))
    assert longest < 10 * box.patience
    assert box.get(count, pool=pool)["count"] == 0
    assert len(box.events("storage.Snapshots", stream=f"storage.dataset.{pool}/a")) - before <= MANY / 100
