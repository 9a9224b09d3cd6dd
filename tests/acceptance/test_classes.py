"""Every class of vdev: special and dedup vdevs need redundancy of their own, draid has its spares within."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.acceptance.box import Box, Refused, leaves, vdev


@pytest.mark.row("ST 1")
def test_special_and_dedup_vdevs_beside_the_data(box: Box, new_name: Callable[[], str]) -> None:
    disks = box.free_disks(6)
    pool = box.create_pool(
        new_name(),
        vdev("mirror", disks[:2]),
        vdev("mirror", disks[2:4], "special"),
        vdev("mirror", disks[4:], "dedup"),
        properties={"comment": "classes", "autotrim": "off"},
    )
    assert {role for role, vdevs in pool["layout"].items() if vdevs} == {"data", "special", "dedup"}
    assert pool["properties"]["comment"] == "classes"


@pytest.mark.row("ST 2")
@pytest.mark.parametrize("role", ["special", "dedup"])
def test_a_special_or_dedup_vdev_without_redundancy_takes_force(
    box: Box, new_name: Callable[[], str], role: str
) -> None:
    name, disks = new_name(), box.free_disks(3)
    vdevs = [vdev("mirror", disks[:2]), vdev("stripe", disks[2:], role)]
    with pytest.raises(Refused) as refused:
        box.create_pool(name, *vdevs)
    assert refused.value.code == "no_redundancy" and "no redundancy" in refused.value.words
    assert not box.has_pool(name)
    box.create_pool(name, *vdevs, force=True)


@pytest.mark.row("ST 1")
def test_a_draid_has_its_spares_within(box: Box, new_name: Callable[[], str]) -> None:
    name, disks = new_name(), box.free_disks(5)
    wish = {**vdev("draid1", disks), "group_data": 2, "distributed_spares": 1}
    plan = box.plan("POST", "/storage/pools", {"name": name, "vdevs": [wish]})
    assert "draid1:2d:5c:1s" in plan["steps"][0]["argv"]
    assert "survives the loss of any 1 disk" in str(plan["warnings"])
    pool = box.create_pool(name, wish)
    assert pool["layout"]["data"][0]["type"] == "draid1"
    assert set(pool["disks"]) == set(disks)
    assert [leaf["type"] for leaf in leaves(pool, "spare")] == ["dspare"]
