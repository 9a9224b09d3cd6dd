"""Figures that change all the time: the ARC, input and output of each vdev, capacity and when it will be used up."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

MIB = 1024**2


@pytest.mark.row("ST 13")
def test_the_arc_is_live(box: Box, ground: Ground, make_pool: MakePool) -> None:
    ground.write(make_pool()["name"], 4 * MIB)
    first = box.get("/storage/arc")
    assert 0 < first["size"] <= first["most"]
    assert first["total"]["hits"] > 0
    later = box.until(
        lambda: (arc := box.get("/storage/arc"))["total"]["hits"] > first["total"]["hits"] and arc, "more hits"
    )
    assert 0 <= later["total"]["hit_percent"] <= 100


@pytest.mark.row("ST 13")
def test_input_and_output_of_each_vdev(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()
    path = f"/storage/pools/{pool['name']}/io"
    ground.write(pool["name"], 16 * MIB)
    box.until(lambda: any(row["write_bytes"] for row in box.get(path)["history"]), "what was written is seen", 150)
    names = {row["vdev"] for row in box.get(path)["vdevs"]}
    assert pool["name"] in names and any(name.startswith("mirror") for name in names)
    assert all(any(disk in name for name in names) for disk in pool["disks"])


@pytest.mark.row("ST 13")
def test_capacity_has_a_history_and_a_forecast(box: Box, ground: Ground, make_pool: MakePool) -> None:
    name = make_pool()["name"]
    before = box.get(f"/storage/pools/{name}/capacity")
    assert before["forecast"]["verdict"] == "too little known"
    ground.write(name, 32 * MIB)
    box.ask("POST", "/storage/scan", {})
    after = box.until(
        lambda: (seen := box.get(f"/storage/pools/{name}/capacity"))["allocated"] > before["allocated"] and seen,
        "what was written is counted",
    )
    assert after["points"][-1]["allocated"] == after["allocated"] <= after["size"]
