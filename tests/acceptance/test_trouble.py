"""Disks that go and come back, and scrubs that are watched."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, leaves
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground


@pytest.mark.row("ST 5")
def test_a_pulled_disk_degrades_the_pool_until_it_is_back(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()
    name, disk = pool["name"], pool["disks"][0]
    ground.pull(disk)
    try:
        degraded = box.until_pool(name, "DEGRADED")
        assert sorted(leaf["state"] for leaf in leaves(degraded, "data")) == ["ONLINE", "REMOVED"]
        box.until(
            lambda: all(row["id"] != disk for row in box.items("/storage/disks")), "the disk is gone from the list"
        )
    finally:
        ground.plug(disk)
    box.until_pool(name, "ONLINE")
    seen = [event["type"] for event in reversed(box.events("storage.", stream=f"storage.pool.{name}"))]
    assert seen.index("storage.PoolDegraded.v2") < seen.index("storage.PoolRecovered.v2")


@pytest.mark.row("ST 5")
def test_a_scrub_is_started_paused_resumed_and_stopped(box: Box, ground: Ground, make_pool: MakePool) -> None:
    name = make_pool()["name"]
    with ground.slow_work():
        box.act(name, "scrub")
        box.until(lambda: scan(box, name) == "in_progress", "the scrub runs")
        box.until(lambda: box.pool(name)["usage"]["scan_percent"] is not None, "its percentage is shown")
        box.act(name, "scrub", {"action": "pause"})
        box.until(lambda: scan(box, name) == "paused", "the scrub is paused")
        box.act(name, "scrub", {"action": "start"})
        box.until(lambda: scan(box, name) == "in_progress", "the scrub goes on")
        box.act(name, "scrub", {"action": "stop"})
        box.until(lambda: scan(box, name) == "canceled", "the scrub is stopped")


def scan(box: Box, pool: str) -> str:
    """How the pool's latest scrub or resilver stands."""
    found = box.pool(pool)["scan"]
    return str(found["state"]) if found else ""
