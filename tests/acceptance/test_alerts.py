"""Alerts: raised by what happens to the box, known by people, gone with their cause, and kept."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Json
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

MIB = 1024**2


def standing(box: Box, resource: str) -> list[Json]:
    return box.alerts(state="standing", resource=resource)


@pytest.mark.row("ST 15")
def test_a_degraded_pool_is_an_alert_until_it_is_well(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()
    address = f"storage.pool.{pool['name']}"
    assert standing(box, address) == []
    ground.pull(pool["disks"][0])
    try:
        box.until_pool(pool["name"], "DEGRADED")
        [alert] = box.until(lambda: standing(box, address), "the alert is raised")
        assert (alert["severity"], alert["state"]) == ("critical", "active"), "no redundancy is left"
        assert "No redundancy" in alert["text"] and alert["advice"]
        box.ask("POST", f"/alerts/{alert['id']}/acknowledge", {"reason": "a disk is ordered"})
        known = box.get(f"/alerts/{alert['id']}")
        assert (known["state"], known["acknowledged_reason"]) == ("acknowledged", "a disk is ordered")
    finally:
        ground.plug(pool["disks"][0])
    box.until_pool(pool["name"], "ONLINE")
    box.until(lambda: standing(box, address) == [], "the alert is cleared")
    kept = box.get(f"/alerts/{alert['id']}")
    assert kept["state"] == "cleared" and kept["cleared_at"] and kept["acknowledged_by"]
    told = [event["type"].split(".")[1] for event in reversed(box.events("alerts.", stream=address))]
    assert told == ["AlertRaised", "AlertAcknowledged", "AlertCleared"]


@pytest.mark.row("ST 15")
def test_a_pool_that_gets_worse_is_active_again(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool("raidz2", 4)
    address = f"storage.pool.{pool['name']}"
    ground.pull(pool["disks"][0])
    try:
        [alert] = box.until(lambda: standing(box, address), "the alert is raised")
        assert alert["severity"] == "warning", "one more may go"
        box.ask("POST", f"/alerts/{alert['id']}/acknowledge", {})
        ground.pull(pool["disks"][1])
        worse = box.until(
            lambda: (now := box.get(f"/alerts/{alert['id']}"))["state"] == "active" and now, "it is active again"
        )
        assert worse["severity"] == "critical"
    finally:
        ground.plug(pool["disks"][1])
        ground.plug(pool["disks"][0])
    box.until(lambda: standing(box, address) == [], "the alert is cleared")


def about(box: Box, pool: str, words: str) -> Json | None:
    rows = standing(box, f"storage.pool.{pool}")
    return next((row for row in rows if words in row["title"]), None)


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
