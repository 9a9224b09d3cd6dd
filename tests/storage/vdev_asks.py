"""Short ways to ask for plans on vdevs, and pools in trouble to ask them of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.storage.plans import disks_of_pools, mirrors, vdevs
from apps.storage.plans.facts import PoolFacts, Top
from calypso.kernel.plans import Plan
from tests.storage.plan_facts import DISKS, RAIDZ2, group, held, leaf, pool


def add(facts: PoolFacts, *wishes: Any, force: bool = False, disks: Any = None) -> Plan:
    return vdevs.add_vdevs(facts, wishes, held(facts, disks), lab=False, force=force)


def attach(facts: PoolFacts, to: str, disk: str, *, force: bool = False, disks: Any = None) -> Plan:
    return mirrors.attach_disk(facts, to, disk, held(facts, disks), lab=False, force=force)


def detach(facts: PoolFacts, disk: str, *, force: bool = False) -> Plan:
    return mirrors.detach_disk(facts, disk, held(facts), force=force)


def swap(facts: PoolFacts, old: str, new: str, *, force: bool = False, disks: Any = None) -> Plan:
    return mirrors.replace_disk(facts, old, new, held(facts, disks), lab=False, force=force)


def remove(facts: PoolFacts, vdev: str) -> Plan:
    return vdevs.remove_vdev(facts, vdev, held(facts))


def offline(facts: PoolFacts, disk: str, *, temporary: bool = False) -> Plan:
    return disks_of_pools.offline_disk(facts, disk, held(facts), temporary=temporary)


def online(facts: PoolFacts, disk: str, *, expand: bool = False) -> Plan:
    return disks_of_pools.online_disk(facts, disk, held(facts), expand=expand)


def clear(facts: PoolFacts, disk: str | None = None) -> Plan:
    return disks_of_pools.clear_pool(facts, disk, held(facts))


def expand(facts: PoolFacts, *disks: str) -> Plan:
    return disks_of_pools.expand_pool(facts, disks, held(facts))


def trim(facts: PoolFacts, action: Any, *disks: str, rate: int | None = None) -> Plan:
    return disks_of_pools.trim_pool(facts, action, disks, held(facts), rate=rate)


def initialize(facts: PoolFacts, action: Any, *disks: str) -> Plan:
    return disks_of_pools.initialize_pool(facts, action, disks, held(facts))


def changed(number: int, **values: Any) -> dict[str, Any]:
    return {**DISKS, f"wwn-{number}": replace(DISKS[f"wwn-{number}"], **values)}


DEGRADED = pool(Top("data", group("mirror-0", leaf(0), leaf(1, "UNAVAIL"), state="DEGRADED")), state="DEGRADED")
HALF_OFFLINE = pool(Top("data", group("mirror-0", leaf(0), leaf(1, "OFFLINE"))), state="DEGRADED")
REPLACING = pool(Top("data", group("mirror-0", group("replacing-0", leaf(0, "OFFLINE"), leaf(8)), leaf(1))))
SPARED = pool(
    Top("data", group("mirror-0", group("spare-0", leaf(0, "REMOVED"), leaf(7)), leaf(1))),
    Top("spare", replace(leaf(7), state="INUSE")),
)
FAULTED = replace(
    RAIDZ2, tops=(Top("data", group("raidz2-0", leaf(0, "FAULTED"), leaf(1), leaf(2), leaf(3))), *RAIDZ2.tops[1:])
)
THREE_WAY = pool(Top("data", group("mirror-0", leaf(0), leaf(1), leaf(2))))
