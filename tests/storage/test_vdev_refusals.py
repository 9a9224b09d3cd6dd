"""What is not planned on vdevs, why, and what force lets pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.storage.plans import upkeep, vdevs
from apps.storage.plans.facts import PoolFacts
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Plan
from tests.storage.plan_facts import BARE, MIRRORS, RAIDZ2, TB, wish
from tests.storage.vdev_asks import (
    DEGRADED,
    HALF_OFFLINE,
    REPLACING,
    SPARED,
    THREE_WAY,
    add,
    attach,
    changed,
    detach,
    expand,
    initialize,
    offline,
    online,
    remove,
    swap,
    trim,
)

REFUSED: dict[str, tuple[Callable[[], Plan], str, str]] = {
    # a dangerous add
    "a bare disk on a redundant pool": (lambda: add(MIRRORS, wish("stripe", 8)), "less_redundant", "vdevs.0"),
    "a mirror on a raidz2": (lambda: add(RAIDZ2, wish("mirror", 8, 9)), "less_redundant", "vdevs.0"),
    "another width": (lambda: add(MIRRORS, wish("mirror", 8, 9, 10)), "mixed_vdevs", "vdevs"),
    "another type": (lambda: add(MIRRORS, wish("raidz1", 8, 9, 10)), "mixed_vdevs", "vdevs"),
    "a lonely special": (lambda: add(MIRRORS, wish("stripe", 8, role="special")), "no_redundancy", "vdevs.0"),
    "a lonely dedup": (lambda: add(BARE, wish("stripe", 8, role="dedup")), "no_redundancy", "vdevs.0"),
    "a disk of the pool": (lambda: add(MIRRORS, wish("mirror", 0, 8)), "disk_in_use", "vdevs.0.disks"),
    "a used disk": (
        lambda: add(MIRRORS, wish("mirror", 8, 9), disks=changed(9, uses=(("filesystem", "xfs"),))),
        "disk_in_use",
        "vdevs.0.disks",
    ),
    "the system's disk": (
        lambda: add(MIRRORS, wish("mirror", 8, 9), force=True, disks=changed(9, system=True)),
        "system_disk",
        "vdevs.0.disks",
    ),
    "a member's serial number": (
        lambda: add(MIRRORS, wish("mirror", 8, 9), disks=changed(9, serial="S0")),
        "duplicate_serial",
        "vdevs",
    ),
    "a raidz log": (lambda: add(MIRRORS, wish("raidz1", 8, 9, role="log")), "role_type", "vdevs.0.type"),
    "a mirrored spare": (lambda: add(MIRRORS, wish("mirror", 8, 9, role="spare")), "role_type", "vdevs.0.type"),
    "groups in a raidz": (lambda: add(MIRRORS, wish("raidz1", 8, 9, group_data=2)), "draid_only", "vdevs.0.group_data"),
    "too small a draid": (
        lambda: add(MIRRORS, wish("draid1", 8, 9, 10, group_data=2, distributed_spares=1)),
        "too_few_disks",
        "vdevs.0.disks",
    ),
    # attach
    "attach to nothing": (lambda: attach(MIRRORS, "nope", "wwn-8"), "no_such_member", "to"),
    "attach to a raidz's disk": (lambda: attach(RAIDZ2, "wwn-0", "wwn-8"), "not_attachable", "to"),
    "attach to a spare": (lambda: attach(RAIDZ2, "wwn-7", "wwn-8"), "not_attachable", "to"),
    "attach to a cache": (lambda: attach(RAIDZ2, "wwn-6", "wwn-8"), "not_attachable", "to"),
    "raidz of an old ZFS": (
        lambda: attach(replace(RAIDZ2, version=(2, 2, 7)), "raidz2-0", "wwn-8"),
        "not_attachable",
        "to",
    ),
    "attach too small a disk": (
        lambda: attach(MIRRORS, "wwn-0", "wwn-8", disks=changed(8, size=TB), force=True),
        "disk_too_small",
        "disk",
    ),
    "attach under a checkpoint": (
        lambda: attach(replace(MIRRORS, checkpoint=True), "wwn-0", "wwn-8"),
        "checkpoint_exists",
        "",
    ),
    "attach the system's disk": (
        lambda: attach(MIRRORS, "wwn-0", "wwn-8", disks=changed(8, system=True), force=True),
        "system_disk",
        "disk",
    ),
    # detach
    "detach the second last": (lambda: detach(MIRRORS, "wwn-0"), "no_redundancy", "disk"),
    "detach the last copy": (lambda: detach(DEGRADED, "wwn-0", force=True), "no_replicas", "disk"),
    "detach from a raidz": (lambda: detach(RAIDZ2, "wwn-0", force=True), "not_detachable", "disk"),
    "detach a waiting spare": (lambda: detach(RAIDZ2, "wwn-7", force=True), "device_is_spare", "disk"),
    "detach a mirror": (lambda: detach(MIRRORS, "mirror-0", force=True), "not_a_disk", "disk"),
    # a dangerous replace
    "replace a healthy disk": (lambda: swap(MIRRORS, "wwn-0", "wwn-8"), "healthy_disk", "old"),
    "replace by a disk of another pool": (
        lambda: swap(DEGRADED, "101", "wwn-8", disks=changed(8, pool="vault"), force=True),
        "disk_in_use",
        "new",
    ),
    "replace by a disk with partitions": (
        lambda: swap(DEGRADED, "101", "wwn-8", disks=changed(8, uses=(("partition_table", "gpt"),))),
        "disk_in_use",
        "new",
    ),
    "replace by a disk of an exported pool": (
        lambda: swap(DEGRADED, "101", "wwn-8", disks=changed(8, uses=(("zfs_member", "old"),))),
        "disk_in_use",
        "new",
    ),
    "replace by too small a disk": (
        lambda: swap(DEGRADED, "101", "wwn-8", disks=changed(8, size=TB), force=True),
        "disk_too_small",
        "new",
    ),
    "replace twice": (lambda: swap(REPLACING, "wwn-0", "wwn-9"), "already_replacing", "old"),
    "replace a spare": (lambda: swap(RAIDZ2, "wwn-7", "wwn-9", force=True), "device_is_spare", "old"),
    "replace what is not there": (lambda: swap(MIRRORS, "wwn-11", "wwn-9"), "no_such_member", "old"),
    "replace by the system's disk": (
        lambda: swap(DEGRADED, "101", "wwn-8", disks=changed(8, system=True), force=True),
        "system_disk",
        "new",
    ),
    # remove
    "remove a raidz": (lambda: remove(RAIDZ2, "raidz2-0"), "not_removable", "vdev"),
    "remove the last": (lambda: remove(THREE_WAY, "mirror-0"), "last_vdev", "vdev"),
    "remove a side": (lambda: remove(MIRRORS, "wwn-0"), "not_a_top_level_vdev", "vdev"),
    "remove two at once": (lambda: remove(replace(MIRRORS, removing=True), "mirror-1"), "removal_running", "vdev"),
    "remove under a checkpoint": (
        lambda: remove(replace(MIRRORS, checkpoint=True), "mirror-1"),
        "checkpoint_exists",
        "",
    ),
    "remove a spare in use": (lambda: remove(replace(SPARED, tops=SPARED.tops[::-1]), "107"), "spare_in_use", "vdev"),
    "cancel nothing": (lambda: vdevs.cancel_removal(MIRRORS), "not_removing", ""),
    # offline
    "offline the last replica": (lambda: offline(DEGRADED, "wwn-0"), "no_replicas", "disk"),
    "offline a bare disk": (lambda: offline(BARE, "wwn-0"), "no_replicas", "disk"),
    "offline twice": (lambda: offline(HALF_OFFLINE, "wwn-1"), "already_offline", "disk"),
    "offline a spare": (lambda: offline(RAIDZ2, "wwn-7"), "device_is_spare", "disk"),
    # upkeep
    "a second checkpoint": (
        lambda: upkeep.checkpoint_pool(replace(MIRRORS, checkpoint=True), "make"),
        "checkpoint_exists",
        "",
    ),
    "no checkpoint": (lambda: upkeep.checkpoint_pool(MIRRORS, "discard"), "no_checkpoint", ""),
    "nothing to upgrade": (lambda: upkeep.upgrade_pool(MIRRORS), "nothing_to_upgrade", ""),
    "no property": (lambda: upkeep.set_properties(MIRRORS, {}), "nothing_to_do", "properties"),
    "an unknown property": (lambda: upkeep.set_properties(MIRRORS, {"size": "1"}), "bad_property", "properties.size"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_why(name: str) -> None:
    ask, code, field = REFUSED[name]
    with pytest.raises(CalypsoError) as refused:
        ask()
    assert (refused.value.code, refused.value.field or "") == (code, field)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "worth"),
    [
        ("a bare disk on a redundant pool", "no redundancy"),
        ("a mirror on a raidz2", "survives the loss of any 1 disk"),
        ("another width", "survives the loss of any 1 disk"),
        ("a lonely special", "no redundancy"),
    ],
)
def test_a_refused_add_says_what_would_result(name: str, worth: str) -> None:
    with pytest.raises(CalypsoError, match=r".") as refused:
        REFUSED[name][0]()
    assert worth in refused.value.hint and "orce" in refused.value.hint


FORCED = {
    "a bare disk on a redundant pool": lambda: add(MIRRORS, wish("stripe", 8), force=True),
    "another width": lambda: add(MIRRORS, wish("mirror", 8, 9, 10), force=True),
    "a lonely special": lambda: add(MIRRORS, wish("stripe", 8, role="special"), force=True),
    "detach the second last": lambda: detach(MIRRORS, "wwn-0", force=True),
    "replace a healthy disk": lambda: swap(MIRRORS, "wwn-0", "wwn-8", force=True),
    "replace by a disk of an exported pool": lambda: swap(
        DEGRADED, "101", "wwn-8", disks=changed(8, uses=(("zfs_member", "old"),)), force=True
    ),
}


@pytest.mark.parametrize("name", FORCED)
def test_force_lets_pass_what_zfs_lets_pass(name: str) -> None:
    plan = FORCED[name]()
    assert plan.warnings
    assert "-f" in plan.steps[0].argv or plan.steps[0].argv[1] == "detach"  # which knows no -f: it asks nothing


HANGING: dict[str, Callable[[PoolFacts], Plan]] = {
    "add": lambda p: add(p, wish("mirror", 8, 9)),
    "attach": lambda p: attach(p, "wwn-0", "wwn-8"),
    "detach": lambda p: detach(p, "wwn-0", force=True),
    "replace": lambda p: swap(p, "wwn-0", "wwn-8", force=True),
    "remove": lambda p: remove(p, "mirror-1"),
    "cancel removal": vdevs.cancel_removal,
    "offline": lambda p: offline(p, "wwn-0"),
    "online": lambda p: online(p, "wwn-0"),
    "expand": expand,
    "trim": lambda p: trim(p, "start"),
    "initialize": lambda p: initialize(p, "start"),
    "checkpoint": lambda p: upkeep.checkpoint_pool(p, "make"),
    "upgrade": upkeep.upgrade_pool,
    "properties": lambda p: upkeep.set_properties(p, {"comment": "x"}),
}


@pytest.mark.parametrize("state", ["SUSPENDED", "UNAVAIL", "FAULTED", "MISSING"])
@pytest.mark.parametrize("name", HANGING)
def test_nothing_is_asked_of_a_pool_on_which_the_tool_would_hang(name: str, state: str) -> None:
    with pytest.raises(CalypsoError) as refused:
        HANGING[name](replace(MIRRORS, state=state))
    assert refused.value.code == ("pool_missing" if state == "MISSING" else "pool_suspended")


@pytest.mark.parametrize("name", sorted(HANGING.keys() - {"offline", "online"}))
def test_a_read_only_pool_is_not_changed(name: str) -> None:
    with pytest.raises(CalypsoError) as refused:
        HANGING[name](replace(MIRRORS, read_only=True))
    assert refused.value.code == "pool_read_only"


def test_what_stays_as_it_is_takes_no_step() -> None:
    plan = upkeep.set_properties(MIRRORS, {"autotrim": "off"})
    assert plan.steps == () and plan.outcome[0].data["properties"] == {"autotrim": "off"}


@pytest.mark.parametrize(
    ("without", "words"), [(0, "no redundancy"), (4, "any 2 disks"), (3, "any 1 disk")], ids=["mirror", "log", "raidz"]
)
def test_what_a_pool_is_worth_while_a_disk_is_offline(without: int, words: str) -> None:
    facts = MIRRORS if without == 0 else RAIDZ2
    assert words in offline(facts, f"wwn-{without}").warnings[0]
