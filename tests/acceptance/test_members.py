"""Vdevs and disks that join a pool, leave it and take another's place; what would cost redundancy is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.acceptance.box import Box, Json, Refused, leaves, vdev
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground


def names(pool: Json, role: str = "") -> list[str]:
    return [leaf["name"] for leaf in leaves(pool, role)]


@pytest.mark.row("ST 2")
@pytest.mark.row("complaint: add")
def test_a_bare_disk_added_to_a_redundant_pool_is_refused(box: Box, make_pool: MakePool) -> None:
    name, disk = make_pool()["name"], box.free_disks(1)[0]
    with pytest.raises(Refused) as refused:
        box.act(name, "add", {"vdevs": [vdev("stripe", [disk])]})
    assert refused.value.code == "less_redundant"
    assert "no redundancy" in refused.value.words
    assert len(box.pool(name)["disks"]) == 2
    box.act(name, "add", {"vdevs": [vdev("stripe", [disk])], "force": True})
    assert disk in names(box.pool(name), "data")


@pytest.mark.row("ST 4")
@pytest.mark.row("complaint: replace")
def test_replacing_a_healthy_disk_or_by_one_of_another_pool_is_refused(box: Box, make_pool: MakePool) -> None:
    pool, other, new = make_pool(), make_pool(), box.free_disks(1)[0]
    old = pool["disks"][0]
    with pytest.raises(Refused) as healthy:
        box.act(pool["name"], "replace", {"old": old, "new": new})
    assert healthy.value.code == "healthy_disk"
    with pytest.raises(Refused) as taken:
        box.act(pool["name"], "replace", {"old": old, "new": other["disks"][0], "force": True})
    assert taken.value.code == "disk_in_use"
    kernel_name = next(row["name"] for row in box.items("/storage/disks") if row["id"] == new)
    with pytest.raises(Refused) as unknown:
        box.act(pool["name"], "replace", {"old": old, "new": kernel_name, "force": True})
    assert unknown.value.code == "unknown_disk"
    box.act(pool["name"], "replace", {"old": old, "new": new, "force": True})
    box.until(lambda: sorted(box.pool(pool["name"])["disks"]) == sorted([new, pool["disks"][1]]), "the new disk is in")


@pytest.mark.row("ST 4")
def test_a_disk_that_was_pulled_is_replaced(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool, new = make_pool("raidz1", 3), box.free_disks(1)[0]
    old = pool["disks"][0]
    ground.pull(old)
    box.until_pool(pool["name"], "DEGRADED")
    box.until(lambda: all(row["id"] != old for row in box.items("/storage/disks")), "the disk is gone from the list")
    box.act(pool["name"], "replace", {"old": old, "new": new})
    box.until_pool(pool["name"], "ONLINE")
    assert set(names(box.pool(pool["name"]), "data")) == {new, *pool["disks"][1:]}


@pytest.mark.row("ST 4")
def test_a_mirror_gets_a_side_and_loses_it(box: Box, make_pool: MakePool) -> None:
    pool, third = make_pool(), box.free_disks(1)[0]
    box.act(pool["name"], "attach", {"to": pool["disks"][0], "disk": third})
    assert third in names(box.pool(pool["name"]), "data")
    box.until(lambda: (box.pool(pool["name"])["scan"] or {}).get("state") == "finished", "it is resilvered")
    box.act(pool["name"], "detach", {"disk": third})
    assert third not in names(box.pool(pool["name"]), "data")
    with pytest.raises(Refused) as refused:
        box.act(pool["name"], "detach", {"disk": pool["disks"][0]})
    assert refused.value.code == "less_redundant" or "redundancy" in refused.value.words


@pytest.mark.row("ST 4")
def test_a_disk_goes_offline_only_while_its_data_have_a_replica(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()
    name, (one, two) = pool["name"], pool["disks"]
    box.act(name, "offline", {"disk": one})
    assert box.until_pool(name, "DEGRADED")
    with pytest.raises(Refused) as refused:
        box.act(name, "offline", {"disk": two})
    assert refused.value.code == "no_replicas"
    box.act(name, "online", {"disk": one})
    box.until_pool(name, "ONLINE")


@pytest.mark.row("ST 4")
def test_logs_caches_and_mirrors_are_removed(box: Box, ground: Ground, new_name: Callable[[], str]) -> None:
    name, disks = new_name(), box.free_disks(6)
    box.create_pool(
        name,
        vdev("mirror", disks[:2]),
        vdev("mirror", disks[2:4]),
        vdev("stripe", [disks[4]], "log"),
        vdev("stripe", [disks[5]], "cache"),
    )
    for disk in disks[4:]:
        box.act(name, "remove", {"vdev": disk})
    assert set(box.pool(name)["disks"]) == set(disks[:4])
    ground.write(name, 8 * 1024**2)
    box.act(name, "remove", {"vdev": "mirror-1"})
    box.until(lambda: set(names(box.pool(name), "data")) == set(disks[:2]), "its data is copied away")


@pytest.mark.row("ST 4")
def test_a_pool_grows_with_its_disks(box: Box, new_name: Callable[[], str]) -> None:
    name, (small, large) = new_name(), box.two_sizes(2)
    before = box.create_pool(name, vdev("mirror", small))["size"]
    for old, new in zip(small, large, strict=True):
        box.act(name, "replace", {"old": old, "new": new, "force": True})
        box.until(lambda gone=old: gone not in box.pool(name)["disks"], "the smaller disk has left")
    box.act(name, "expand")
    box.until(lambda: box.pool(name)["size"] > before * 1.5, "the pool uses the whole of its new disks")


@pytest.mark.row("ST 4")
def test_a_checkpoint_keeps_vdevs_as_they_are(box: Box, make_pool: MakePool) -> None:
    name, disk = make_pool()["name"], box.free_disks(1)[0]
    box.act(name, "checkpoint")
    assert box.pool(name)["checkpoint"] is True
    with pytest.raises(Refused) as refused:
        box.act(name, "attach", {"to": box.pool(name)["disks"][0], "disk": disk})
    assert refused.value.code == "checkpoint_exists"
    box.act(name, "checkpoint", {"action": "discard"})
    box.until(lambda: box.pool(name)["checkpoint"] is False, "it is gone")


@pytest.mark.row("ST 5")
def test_trim_and_initialisation_are_started(box: Box, new_name: Callable[[], str]) -> None:
    flash = [row["id"] for row in box.items("/storage/disks", available="true") if not row["rotational"]]
    name = box.create_pool(new_name(), vdev("mirror", flash[:2] or box.free_disks(2)))["name"]
    for verb in ("trim", "initialize"):
        box.act(name, verb)
        assert box.pool(name)["state"] == "ONLINE"
        assert box.events("storage.", stream=f"storage.pool.{name}")
