"""Pools leave the box and come to it, whole, under another name, or from the dead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.acceptance.box import Box, Json, Refused
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground


def found(box: Box, guid: str) -> Json | None:
    box.ask("POST", "/storage/pools/find", {})
    return next((pool for pool in box.get("/storage/pools/importable")["items"] if pool["guid"] == guid), None)


@pytest.mark.row("ST 6")
def test_a_pool_is_exported_and_comes_back_under_another_name(
    box: Box, ground: Ground, make_pool: MakePool, new_name: Callable[[], str]
) -> None:
    pool, other = make_pool(), new_name()
    ground.write(pool["name"], 2 * 1024**2)
    path = f"/storage/pools/{pool['name']}"
    plan = box.until(
        lambda: (plan := box.plan("POST", f"{path}/export"))["stops"] and plan, "its mounted file system is told"
    )
    assert plan["confirm"] == pool["name"]
    assert pool["name"] in {used["name"] for used in plan["stops"] if used["kind"] == "mount"}
    with pytest.raises(Refused) as refused:
        box.ask("POST", f"{path}/export", {})
    assert refused.value.code == "confirmation_needed"
    box.ask("POST", f"{path}/export", {}, confirm=pool["name"])
    assert not box.has_pool(pool["name"])
    there = found(box, pool["guid"])
    assert there and there["name"] == pool["name"] and not there["destroyed"] and there["usable"]
    box.ask("POST", "/storage/pools/import", {"guid": pool["guid"], "new_name": other})
    back = box.pool(other)
    assert (back["guid"], sorted(back["disks"])) == (pool["guid"], sorted(pool["disks"]))
    assert found(box, pool["guid"]) is None


@pytest.mark.row("ST 6")
def test_a_destroyed_pool_is_found_and_brought_back(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()
    box.ask("DELETE", f"/storage/pools/{pool['name']}", confirm=pool["name"])
    there = found(box, pool["guid"])
    assert there and there["destroyed"]
    with pytest.raises(Refused) as refused:
        box.ask("POST", "/storage/pools/import", {"guid": pool["guid"]})
    assert refused.value.code == "pool_destroyed"
    box.ask("POST", "/storage/pools/import", {"guid": pool["guid"], "destroyed": True})
    assert box.pool(pool["name"])["state"] == "ONLINE"


@pytest.mark.row("ST 6")
@pytest.mark.row("ST 7")
def test_a_busy_pool_says_who_holds_it_and_stays_whole(box: Box, ground: Ground, make_pool: MakePool) -> None:
    name = make_pool()["name"]
    path = f"/storage/pools/{name}/export"
    with ground.busy(name):
        plan = box.until(lambda: holders(plan := box.plan("POST", path)) and plan, "who holds it is seen")
        assert "sleep" in str(holders(plan))
        with pytest.raises(Refused) as refused:
            box.ask("POST", path, {}, confirm=name)
        assert refused.value.code == "pool_busy"
        assert ground.ok("zfs", "get", "-H", "-o", "value", "mounted", name).strip() == "yes"
    box.ask("POST", path, {}, confirm=name)
    assert not box.has_pool(name)


def holders(plan: Json) -> list[Json]:
    return [used for used in plan["stops"] if used["kind"] == "process"]


@pytest.mark.row("ST 6")
def test_a_pool_goes_back_to_its_checkpoint(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()
    name, back = pool["name"], {"guid": pool["guid"], "rewind": True}
    box.create_dataset(f"{name}/kept")
    box.act(name, "checkpoint", {"action": "make"})
    box.create_dataset(f"{name}/later")
    box.change_dataset(box.dataset(f"{name}/kept"), properties={"compression": "gzip"})
    box.act(name, "export", {}, confirm=name)
    assert found(box, pool["guid"])
    with pytest.raises(Refused) as refused:
        box.ask("POST", "/storage/pools/import", back)
    assert refused.value.code == "confirmation_needed", "what was done since is lost"
    box.ask("POST", "/storage/pools/import", back, confirm=name)
    box.until(lambda: box.has_dataset(f"{name}/kept"), "what was there then is there again")
    assert not box.has_dataset(f"{name}/later")
    assert box.dataset(f"{name}/kept")["properties"]["compression"]["source"] != "local"
    assert not box.pool(name)["checkpoint"]


@pytest.mark.row("ST 6")
def test_a_pool_without_a_checkpoint_can_not_go_back(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()
    name = pool["name"]
    box.act(name, "export", {}, confirm=name)
    assert found(box, pool["guid"])
    with pytest.raises(Refused) as refused:
        box.ask("POST", "/storage/pools/import", {"guid": pool["guid"], "rewind": True}, confirm=name)
    assert refused.value.code == "no_checkpoint"
    box.ask("POST", "/storage/pools/import", {"guid": pool["guid"]})
    assert box.pool(name)["state"] == "ONLINE"
