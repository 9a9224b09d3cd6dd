"""What netplan and networkd make of a change of a real box: a bridge, an MTU, an interface that is brought down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.box import Box, Refused
from tests.machine.machine import Machine
from tests.machine.managed import Managed
from tests.support.appliance import wait_for

pytestmark = pytest.mark.system

PATIENCE = 120.0  # seconds, on a busy machine
LONG = 600  # seconds of a trial that must not end meanwhile
SECOND = {"name": "eth1", "addresses": ["10.77.1.5/24"], "mtu": 1400}
BRIDGE = {"name": "br7", "kind": "bridge", "addresses": ["10.7.0.1/24"], "stp": False}


@pytest.fixture
def box(calypso: Managed) -> Iterator[Box]:
    """Its network is as it was afterwards, whatever becomes of the test."""
    machine = calypso.machine
    with calypso.box() as box:
        box.until(lambda: box.get("/system/network")["renderer"] == "netplan", "the network is seen")
        yield box
        if pending := box.get("/system/network")["pending"]:
            box.ask("POST", "/system/network/revert", {"change": pending["id"]})
        machine.ok("rm", "-f", "/etc/netplan/90-calypso.yaml", "/etc/netplan/99-theirs.yaml")
        machine.run("ip", "link", "delete", "dev", "br7")
        machine.ok("netplan", "apply")


def apply(box: Box, *interfaces: dict[str, Any]) -> str:
    """The id of the change, which is on trial."""
    box.ask("POST", "/system/network/apply", {"interfaces": list(interfaces), "seconds": LONG})
    return str(box.get("/system/network")["pending"]["id"])


def addresses(machine: Machine, name: str) -> str:
    return machine.ok("ip", "-4", "-o", "address", "show", "dev", name, "scope", "global")


def there(machine: Machine, name: str) -> bool:
    return machine.run("ip", "link", "show", "dev", name).returncode == 0


def test_a_bridge_and_a_card_are_configured_and_the_bridge_goes_again(calypso: Managed, box: Box) -> None:
    machine = calypso.machine
    change = apply(box, SECOND, BRIDGE)
    wait_for(lambda: "10.77.1.5/24" in addresses(machine, "eth1"), PATIENCE, "the card's address")
    wait_for(lambda: "10.7.0.1/24" in addresses(machine, "br7"), PATIENCE, "the bridge's address")
    assert "mtu 1400" in machine.ok("ip", "link", "show", "dev", "eth1")
    box.ask("POST", "/system/network/confirm", {"change": change})
    assert box.get("/system/interfaces/eth1")["wanted"]["mtu"] == 1400
    gone = apply(box, {"name": "br7", "remove": True})
    assert not there(machine, "br7")
    box.ask("POST", "/system/network/revert", {"change": gone})
    wait_for(lambda: there(machine, "br7"), PATIENCE, "the bridge is back")
    [told] = [each for each in box.events("system.NetworkChangeRolledBack.") if each["data"]["change"] == gone]
    assert (told["data"]["cause"], told["data"]["complete"], told["actor"]) == ("asked", True, "user:admin")


def test_what_was_made_on_trial_is_gone_when_it_is_taken_back(calypso: Managed, box: Box) -> None:
    machine = calypso.machine
    before = machine.ok("sh", "-c", "cat /etc/netplan/*")
    change = apply(box, {**BRIDGE, "members": ["eth1"]})
    wait_for(lambda: "master br7" in machine.ok("ip", "link", "show", "dev", "eth1"), PATIENCE, "eth1 is part of it")
    box.ask("POST", "/system/network/revert", {"change": change})
    assert not there(machine, "br7")
    assert machine.ok("sh", "-c", "cat /etc/netplan/*") == before
    assert machine.ok("systemctl", "list-timers", "--no-legend", "calypso-network-rollback*") == ""


def test_what_netplan_refuses_changes_nothing(calypso: Managed, box: Box) -> None:
    machine = calypso.machine
    theirs = "network: {ethernets: {eth1: {addresses: [10.77.1.9]}}}"
    machine.ok("sh", "-c", "cat >/etc/netplan/99-theirs.yaml", stdin=theirs)
    with pytest.raises(Refused) as refused:
        apply(box, {"name": "eth0", "mtu": 1400})
    assert refused.value.code == "configuration_refused" and "99-theirs.yaml" in refused.value.words
    assert box.get("/system/network")["pending"] is None
    assert "mtu 1500" in machine.ok("ip", "link", "show", "dev", "eth0")
