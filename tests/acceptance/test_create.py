"""Pools are made of disks by their stable ids, with the redundancy said first; what is dangerous is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.acceptance.box import Box, Refused, leaves, vdev
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground


@pytest.mark.row("ST 1")
@pytest.mark.parametrize(
    ("type", "width", "losses"),
    [
        ("stripe", 1, 0),
        ("mirror", 3, 2),
        pytest.param("raidz1", 3, 1, marks=pytest.mark.smoke),
        ("raidz2", 4, 2),
        ("raidz3", 5, 3),
    ],
)
def test_a_pool_and_what_it_survives(
    box: Box, ground: Ground, new_name: Callable[[], str], type: str, width: int, losses: int
) -> None:
    name = new_name()
    asked = {"name": name, "vdevs": [vdev(type, box.free_disks(width))]}
    plan = box.plan("POST", "/storage/pools", asked)
    assert f"survives the loss of any {losses} disk" in str(plan["warnings"]) or losses == 0
    assert not box.has_pool(name)
    box.ask("POST", "/storage/pools", asked)
    assert box.pool(name)["state"] == "ONLINE"
    assert len(list(leaves(box.pool(name), "data"))) == width
    assert ground.ok("zpool", "list", "-H", "-o", "health", name).strip() == "ONLINE"


@pytest.mark.row("ST 1")
def test_a_pool_with_log_cache_and_spare(box: Box, new_name: Callable[[], str]) -> None:
    one, two, log, cache, spare = box.free_disks(5)
    pool = box.create_pool(
        new_name(),
        vdev("mirror", [one, two]),
        vdev("stripe", [log], "log"),
        vdev("stripe", [cache], "cache"),
        vdev("stripe", [spare], "spare"),
    )
    assert {role for role, vdevs in pool["layout"].items() if vdevs} == {"data", "log", "cache", "spare"}
    assert set(pool["disks"]) == {one, two, log, cache, spare}


@pytest.mark.row("ST 2")
def test_mixed_vdevs_take_force(box: Box, new_name: Callable[[], str]) -> None:
    name, disks = new_name(), box.free_disks(5)
    vdevs = [vdev("mirror", disks[:2]), vdev("raidz1", disks[2:])]
    with pytest.raises(Refused) as refused:
        box.create_pool(name, *vdevs)
    assert refused.value.code == "mixed_vdevs"
    assert "survives the loss of any 1 disk" in refused.value.words
    box.create_pool(name, *vdevs, force=True)


@pytest.mark.row("ST 2")
def test_a_disk_in_a_pool_is_refused_even_with_force(
    box: Box, make_pool: MakePool, new_name: Callable[[], str]
) -> None:
    taken = make_pool()["disks"][0]
    for force in (False, True):
        with pytest.raises(Refused) as refused:
            box.create_pool(new_name(), vdev("stripe", [taken]), force=force)
        assert refused.value.code == "disk_in_use"


@pytest.mark.row("ST 3")
def test_disks_are_named_by_stable_ids(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()
    assert all(disk.startswith(("wwn-", "nvme-", "scsi-", "ata-", "virtio-")) for disk in pool["disks"])
    created = next(event for event in box.events("storage.PoolCreated") if event["data"]["name"] == pool["name"])
    assert [disk for vdev in created["data"]["vdevs"] for disk in vdev["disks"]] == pool["disks"]
    status = ground.ok("zpool", "status", "-P", pool["name"])
    assert all(f"/dev/disk/by-id/{disk}" in status for disk in pool["disks"])


@pytest.mark.row("ST 3")
def test_a_kernel_name_is_no_disk(box: Box, new_name: Callable[[], str]) -> None:
    disk = box.free_disks(1)[0]
    kernel_name = next(row["name"] for row in box.items("/storage/disks") if row["id"] == disk)
    with pytest.raises(Refused) as refused:
        box.create_pool(new_name(), vdev("stripe", [kernel_name]))
    assert refused.value.code == "unknown_disk"
