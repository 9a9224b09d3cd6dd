"""What somebody does by hand is seen: adopted where it is new, shown as drift where it differs, with two ways out."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Json
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground


def seen(box: Box, name: str) -> Json | None:
    return box.dataset(name) if box.has_dataset(name) else None


@pytest.mark.smoke
@pytest.mark.row("box")
def test_what_was_made_by_hand_is_adopted(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    ground.ok("zfs", "create", f"{pool}/byhand")
    found = box.until(lambda: seen(box, f"{pool}/byhand"), "the new dataset is seen")
    assert found["created_by"] == "outside" and found["drift"] == []
    assert box.events("storage.DatasetsAdopted", stream=f"storage.dataset.{pool}/byhand")


@pytest.mark.row("box")
def test_drift_is_restored_or_accepted(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    name = f"{pool}/a"
    box.create_dataset(name, properties={"compression": "zstd"})
    address = {"address": f"storage.dataset.{name}"}
    for way, outcome in (("restore", "zstd"), ("accept", "gzip")):
        ground.ok("zfs", "set", "compression=gzip", name)
        drift = box.until(lambda: box.dataset(name)["drift"], "the difference is seen")
        assert [(each["field"], each["wanted"], each["seen"]) for each in drift] == [("compression", "zstd", "gzip")]
        box.ask("POST", f"/storage/drift/{way}", address)
        box.until(lambda: box.dataset(name)["drift"] == [], "nothing differs any more")
        assert ground.ok("zfs", "get", "-H", "-o", "value", "compression", name).strip() == outcome


@pytest.mark.row("box")
@pytest.mark.row("complaint: zfs list")
def test_pages_answer_while_every_tool_hangs(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool("stripe", 1)
    ground.pull(pool["disks"][0])
    try:
        box.until(lambda: box.pool(pool["name"])["state"] in ("SUSPENDED", "UNAVAIL"), "the pool has lost its disk")
        for path in ("/storage/pools", "/storage/datasets", "/storage/snapshots", "/storage/disks", "/alerts"):
            assert isinstance(box.items(path), list)
    finally:
        ground.plug(pool["disks"][0])
    box.until(lambda: cleared(box, pool["name"]), "the pool is back")


def cleared(box: Box, name: str) -> bool:
    if box.pool(name)["state"] == "ONLINE":
        return True
    box.act(name, "clear")
    return False
