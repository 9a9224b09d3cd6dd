"""Plans of the network as golden text files. GOLDEN=write writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from apps.system.adapters.netplan import config
from apps.system.models.network import NetworkChange
from apps.system.plans import network as plans
from apps.system.plans.network_facts import Caller, LinkFacts, NetworkFacts
from apps.system.plans.network_rules import InterfaceWish, decide
from calypso.kernel.file_text import diff, digest
from calypso.kernel.plans import Plan, Write
from tests.support import golden_plans

CHANGE = UUID("6f0d6c39-4f11-4a77-9d8e-6a4a7a1f0c01")
MAIN = "network:\n  version: 2\n  ethernets:\n    mgmt0:\n      dhcp4: true   # by the installer\n"
FILES = {"/etc/netplan/01-main.yaml": MAIN}
LINKS = {
    "mgmt0": LinkFacts("mgmt0", "ethernet", addresses=("10.0.2.15/24",), dynamic=("10.0.2.15/24",)),
    "data0": LinkFacts("data0", "ethernet", addresses=("198.51.100.9/24",)),
    "data1": LinkFacts("data1", "ethernet"),
}


def planned(*wishes: dict[str, Any], caller: Caller | None = None) -> Plan:
    facts = NetworkFacts("netplan", LINKS, {}, FILES)
    facts = NetworkFacts("netplan", LINKS, config.configured(FILES, facts.as_links()), FILES)
    wish = decide([InterfaceWish.model_validate(each) for each in wishes], facts)
    writes = []
    for each in config.edits(FILES, facts.as_links(), wish):
        before = FILES.get(each.path)
        after = config.edited(before or "", **each.args)
        step = Write(
            title=f"Edit {each.path}",
            path=each.path,
            edit=each.edit,
            args=each.args,
            diff=diff(each.path, before, after),
            before=digest(before),
            after=digest(after),
            mode=each.mode,
        )
        writes.append(step)
    return plans.apply(CHANGE, wish, writes, facts, seconds=60, caller=caller or Caller())


def pending() -> NetworkChange:
    bond = {"name": "bond0", "kind": "bond", "members": ["data0"], "bond_mode": "802.3ad"}
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return NetworkChange(
        id=CHANGE, state="pending", renderer="netplan", interfaces=[bond], removed=["v7"], applied_at=at, deadline=at
    )


PLANS: dict[str, Callable[[], Plan]] = {
    "static-address-that-cuts-the-caller": lambda: planned(
        {"name": "mgmt0", "dhcp4": False, "addresses": ["192.0.2.5/24"], "routes": [{"via": "192.0.2.1"}]},
        caller=Caller("10.0.2.77", "10.0.2.15"),
    ),
    "bond-and-vlan": lambda: planned(
        {"name": "bond0", "kind": "bond", "members": ["data0", "data1"], "bond_mode": "active-backup"},
        {"name": "v7", "kind": "vlan", "parent": "bond0", "vlan": 7, "addresses": ["10.0.2.99/24"], "mtu": 9000},
    ),
    "confirm": lambda: plans.confirm(pending()),
    "revert": lambda: plans.revert(pending()),
}


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_as_reviewed(name: str) -> None:
    golden_plans.check("network", name, PLANS[name](), context="system")
