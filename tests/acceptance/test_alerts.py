"""Alerts are raised by what is wrong, can be acknowledged, and clear when it is right again."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Json
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

MIB = 1024**2


def about(box: Box, pool: str, words: str, state: str = "standing") -> Json | None:
    rows = box.alerts(resource=f"storage.pool.{pool}", state=state)
    return next((row for row in rows if words in row["title"] + row["text"]), None)


@pytest.mark.smoke
@pytest.mark.row("ST 15")
def test_a_degraded_pool_is_told_acknowledged_and_cleared(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()
    name, disk = pool["name"], pool["disks"][0]
    ground.pull(disk)
    alert = box.until(lambda: about(box, name, "degraded"), "an alert")
    assert alert["severity"] == "critical" and "redundancy" in alert["text"]
    box.ask("POST", f"/alerts/{alert['id']}/acknowledge", {})
    assert box.get(f"/alerts/{alert['id']}")["state"] == "acknowledged"
    ground.plug(disk)
    box.until(lambda: box.get(f"/alerts/{alert['id']}")["state"] == "cleared", "it clears")
    kinds = {event["type"].split(".")[1] for event in box.events("", stream=f"storage.pool.{name}")}
    assert {"AlertRaised", "AlertAcknowledged", "AlertCleared"} <= kinds


@pytest.mark.row("ST 15")
def test_a_pool_that_fills_up_is_told_at_80_percent(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool("stripe", 1)
    name = pool["name"]
    ground.write(name, int(pool["size"] * 0.82))
    box.ask("POST", "/storage/scan", {})
    assert box.until(lambda: about(box, name, "80 %"), "an alert", 90)["severity"] == "warning"


@pytest.mark.row("ST 15")
def test_checksum_errors_are_told(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()
    name = pool["name"]
    ground.write(name, 64 * MIB)
    ground.corrupt(pool["disks"][0])
    box.act(name, "scrub")
    alert = box.until(lambda: about(box, name, "checksum errors"), "an alert", 90)
    assert pool["disks"][0] in alert["title"]
    box.until(lambda: (box.pool(name)["scan"] or {}).get("state") == "finished", "the scrub ends")
    box.act(name, "clear")
    box.until(lambda: not about(box, name, "checksum errors"), "it clears")
