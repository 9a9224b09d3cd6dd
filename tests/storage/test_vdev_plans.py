"""Plans of what joins, leaves and changes in a pool, as golden text files, and what is refused, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.storage.plans import upkeep, vdevs
from apps.storage.plans.facts import Top
from calypso.kernel.plans import Plan
from tests.storage.plan_facts import BARE, MIRRORS, RAIDZ2, group, leaf, pool, wish
from tests.storage.vdev_asks import (
    DEGRADED,
    HALF_OFFLINE,
    REPLACING,
    THREE_WAY,
    add,
    attach,
    changed,
    clear,
    detach,
    expand,
    initialize,
    offline,
    online,
    remove,
    swap,
    trim,
)
from tests.support import golden_plans

PLANS: dict[str, Callable[[], Plan]] = {
    "add-mirror": lambda: add(MIRRORS, wish("mirror", 8, 9)),
    "add-log-cache-spare": lambda: add(
        MIRRORS, wish("stripe", 8, role="log"), wish("stripe", 9, role="cache"), wish("stripe", 10, role="spare")
    ),
    "add-special-mirror-to-raidz": lambda: add(RAIDZ2, wish("mirror", 8, 9, role="special")),
    "add-bare-disk-by-force": lambda: add(MIRRORS, wish("stripe", 8), force=True),
    "add-used-disk-by-force": lambda: add(
        MIRRORS, wish("mirror", 8, 9), force=True, disks=changed(9, uses=(("filesystem", "ext4"),))
    ),
    "attach-to-mirror": lambda: attach(MIRRORS, "wwn-0", "wwn-8"),
    "attach-to-mirror-by-name": lambda: attach(MIRRORS, "mirror-1", "wwn-8"),
    "attach-to-bare-disk": lambda: attach(BARE, "wwn-1", "wwn-8"),
    "attach-to-raidz": lambda: attach(RAIDZ2, "raidz2-0", "wwn-8"),
    "detach-from-three": lambda: detach(THREE_WAY, "wwn-2"),
    "detach-missing": lambda: detach(DEGRADED, "101", force=True),
    "detach-replaced": lambda: detach(REPLACING, "wwn-8"),
    "replace-missing": lambda: swap(DEGRADED, "101", "wwn-8"),
    "replace-healthy-by-force": lambda: swap(MIRRORS, "wwn-0", "wwn-8", force=True),
    "replace-by-own-spare": lambda: swap(
        replace(
            RAIDZ2, tops=(Top("data", group("raidz2-0", leaf(0, "FAULTED"), *map(leaf, (1, 2, 3)))), *RAIDZ2.tops[1:])
        ),
        "wwn-0",
        "wwn-7",
    ),
    "remove-log": lambda: remove(RAIDZ2, "mirror-1"),
    "remove-cache": lambda: remove(RAIDZ2, "wwn-6"),
    "remove-spare": lambda: remove(RAIDZ2, "wwn-7"),
    "remove-mirror": lambda: remove(MIRRORS, "mirror-1"),
    "cancel-removal": lambda: vdevs.cancel_removal(replace(MIRRORS, removing=True)),
    "offline": lambda: offline(MIRRORS, "wwn-0"),
    "offline-temporarily": lambda: offline(RAIDZ2, "wwn-3", temporary=True),
    "online": lambda: online(HALF_OFFLINE, "wwn-1"),
    "online-and-expand": lambda: online(MIRRORS, "wwn-0", expand=True),
    "clear": lambda: clear(replace(MIRRORS, state="SUSPENDED")),
    "clear-one": lambda: clear(DEGRADED, "101"),
    "expand": lambda: expand(RAIDZ2),
    "expand-one": lambda: expand(MIRRORS, "wwn-0"),
    "trim-start": lambda: trim(MIRRORS, "start", rate=100 * 1024**2),
    "trim-suspend-one": lambda: trim(MIRRORS, "suspend", "wwn-0"),
    "trim-cancel": lambda: trim(MIRRORS, "cancel"),
    "initialize-start-two": lambda: initialize(MIRRORS, "start", "wwn-0", "wwn-1"),
    "initialize-suspend": lambda: initialize(MIRRORS, "suspend"),
    "initialize-cancel": lambda: initialize(MIRRORS, "cancel"),
    "checkpoint-make": lambda: upkeep.checkpoint_pool(MIRRORS, "make"),
    "checkpoint-discard": lambda: upkeep.checkpoint_pool(replace(MIRRORS, checkpoint=True), "discard"),
    "upgrade": lambda: upkeep.upgrade_pool(replace(MIRRORS, upgradable=True)),
    "properties": lambda: upkeep.set_properties(MIRRORS, {"comment": "it's", "autotrim": "on", "failmode": "wait"}),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("vdevs", name, PLANS[name]())


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("vdevs", PLANS)


def test_disks_are_named_by_stable_ids_only() -> None:
    for make in PLANS.values():
        words = [word for step in make().steps for word in (*step.argv, *step.undo)]
        assert not [word for word in words if word.startswith("/dev/") and not word.startswith("/dev/disk/by-id/")]


def test_a_member_whose_path_is_another_goes_by_its_guid() -> None:
    """A pool made elsewhere by sdX: the disk's stable path means nothing to it, and sdX is no name to trust."""
    odd = replace(leaf(0), name="sda", path="/dev/sda1")
    facts = pool(Top("data", group("mirror-0", odd, leaf(1))))
    assert offline(facts, "wwn-0").steps[0].argv == ("zpool", "offline", "--", "tank", "100")
