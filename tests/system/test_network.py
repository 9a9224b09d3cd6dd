"""The network over REST on the simulated box: a change on trial is confirmed, taken back, or returns by itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.system.models.network import Interface, NetworkChange
from apps.system.observe.network import observe_network
from calypso.kernel import files, store
from calypso.lab.timers import run_due
from tests.support.lab_box import Box
from tests.support.network_story import OWN, STATIC, addresses, applied, done, pending
from tests.support.rest import Person, events_after, types_after

pytestmark = pytest.mark.django_db

# --- as it is ---


def test_interfaces_and_routes_are_listed(network_admin: Person) -> None:
    found = {each["name"]: each for each in network_admin.get("/system/interfaces").body["items"]}
    assert set(found) == {"lo", "mgmt0", "data0", "data1", "data2"}
    assert found["mgmt0"]["addresses"] == [{"address": "10.0.2.15/24", "origin": "dynamic"}]
    assert (found["mgmt0"]["speed"], found["mgmt0"]["duplex"], found["mgmt0"]["driver"]) == (1000, "full", "mlx5_core")
    assert found["mgmt0"]["counters"]["rx_bytes"] == 7252
    assert [each["to"] for each in network_admin.get("/system/routes?family=ipv4").body["items"]] == [
        "10.0.2.0/24",
        "default",
    ]
    state = network_admin.get("/system/network").body
    assert (state["renderer"], state["backend"], state["pending"]) == ("netplan", "networkd", None)
    assert state["configured"][0]["name"] == "mgmt0"
    assert network_admin.get("/system/interfaces/nope").code == "no_such_interface"
    assert [each["name"] for each in network_admin.get("/system/interfaces?search=10.0.2").body["items"]] == ["mgmt0"]


def test_a_look_that_finds_nothing_new_records_nothing(network: Box) -> None:
    before = store.position()
    assert observe_network() == 0
    assert types_after(before) == []


def test_lists_and_looks_cost_the_same_for_many_interfaces(network_admin: Person, network: Box) -> None:
    def costs() -> list[int]:
        found = []
        for look in (
            observe_network,
            lambda: network_admin.get("/system/interfaces"),
            lambda: network_admin.get("/system/network"),
        ):
            with CaptureQueriesContext(connection) as queries:
                look()
            found.append(len(queries))
        return found

    few = costs()
    vlans = "".join(f"    v{n}: {{id: {n}, link: data0, addresses: [10.9.{n}.1/24]}}\n" for n in range(1, 60))
    files.path(OWN).write_text(f"network:\n  vlans:\n{vlans}")
    network.run("netplan", "apply")
    observe_network()
    assert len(network_admin.get("/system/interfaces").body["items"]) == 64
    assert costs() == few


def test_what_is_done_by_hand_is_seen(network: Box) -> None:
    before = store.position()
    files.path(OWN).write_text("network: {ethernets: {data1: {addresses: [198.51.100.7/24]}}}\n")
    network.run("netplan", "apply")
    observe_network()
    assert addresses("data1") == ["198.51.100.7/24"]
    assert set(types_after(before)) == {"InterfaceChanged", "RoutesChanged", "NetworkRendererFound"}


# --- a change on trial ---


def test_the_plan_has_the_diff_and_touches_nothing(network_admin: Person) -> None:
    before = store.position()
    plan = network_admin.post("/system/network/plan", {"interfaces": [STATIC]}).body
    assert [step["kind"] for step in plan["steps"]] == ["run", "write", "run", "run"]
    assert "+    data0:" in plan["steps"][1]["diff"] and "+      addresses: [192.0.2.5/24]" in plan["steps"][1]["diff"]
    assert files.read(OWN) is None and types_after(before) == []


def test_a_confirmed_change_stays(network_admin: Person, network: Box) -> None:
    before = store.position()
    operation = applied(network_admin, STATIC, seconds=600)
    assert operation.state == "succeeded", operation.error
    assert addresses("data0") == ["192.0.2.5/24"]
    change = pending(network_admin)
    assert change["state"] == "pending" and 0 < change["seconds_left"] <= 600
    confirmed = done(network_admin.post("/system/network/confirm", {"change": change["id"], "reason": "it answers"}))
    assert confirmed.state == "succeeded"
    network.advance(3600)
    run_due()
    observe_network()
    assert addresses("data0") == ["192.0.2.5/24"]
    kept = network_admin.get("/system/interfaces/data0").body["wanted"]
    assert kept["addresses"] == ["192.0.2.5/24"] and kept["routes"][0]["via"] == "192.0.2.1"
    told = [event for event in events_after(before, "system.Network") if event.type.startswith("system.NetworkChange")]
    assert [event.type for event in told] == ["system.NetworkChangeApplied.v1", "system.NetworkChanged.v1"]
    assert [(event.actor, event.reason) for event in told] == [
        ("user:administrator", "new rack"),
        ("user:administrator", "it answers"),
    ]


def test_a_change_that_nobody_confirms_is_taken_back_by_the_box(network_admin: Person, network: Box) -> None:
    applied(network_admin, STATIC, seconds=30)
    change = pending(network_admin)
    network.advance(29)
    run_due()
    observe_network()
    assert pending(network_admin)
    network.advance(2)
    run_due()
    observe_network()
    assert files.read(OWN) is None and addresses("data0") == []
    row = NetworkChange.objects.get(pk=change["id"])
    assert (row.state, row.cause, row.complete) == ("rolled_back", "timeout", True)
    late = network_admin.post("/system/network/confirm", {"change": change["id"]})
    assert late.code == "change_over"


def test_a_confirmation_that_comes_too_late_on_the_box_fails(network_admin: Person, network: Box) -> None:
    applied(network_admin, STATIC, seconds=30)
    answer = network_admin.post("/system/network/confirm", {"change": pending(network_admin)["id"]})
    network.advance(31)
    run_due()
    failed = done(answer)
    assert failed.state == "failed" and failed.error["code"] in ("change_over", "stale_plan")
    assert addresses("data0") == [] and NetworkChange.objects.get().state == "rolled_back"


def test_taken_back_on_request(network_admin: Person) -> None:
    applied(network_admin, STATIC)
    before = store.position()
    assert done(
        network_admin.post("/system/network/revert", {"change": pending(network_admin)["id"], "reason": "oops"})
    ).state == ("succeeded")
    [told] = events_after(before, "system.NetworkChangeRolledBack")
    assert (told.actor, told.reason, told.data["cause"]) == ("user:administrator", "oops", "asked")
    assert addresses("data0") == [] and pending(network_admin) is None


def test_one_change_at_a_time(network_admin: Person) -> None:
    applied(network_admin, STATIC)
    assert (
        network_admin.post("/system/network/plan", {"interfaces": [{"name": "data1", "mtu": 9000}]}).code
        == "change_pending"
    )


def test_what_the_tool_refuses_leaves_everything_as_it_was(network_admin: Person, network: Box) -> None:
    broken = files.path("/etc/netplan/99-other.yaml")
    answer = network_admin.post("/system/network/apply", {"interfaces": [STATIC]})
    broken.write_text("network: {ethernets: {data2: {addresses: [10.0.0.1]}}}\n")
    failed = done(answer)
    assert failed.state == "failed" and failed.error["code"] == "configuration_refused"
    assert "99-other.yaml" in failed.error["message"]
    assert files.read(OWN) is None and addresses("data0") == [] and pending(network_admin) is None
    assert "calypso-network-rollback" not in str(network.state().get("timers"))
    broken.unlink()
    assert applied(network_admin, STATIC).state == "succeeded", "the one before left nothing in the way"


def test_a_bond_with_a_vlan_and_a_bridge(network_admin: Person) -> None:
    bond = {"name": "bond0", "kind": "bond", "members": ["data0", "data1"], "bond_mode": "802.3ad", "dhcp4": False}
    vlan = {"name": "v7", "kind": "vlan", "parent": "bond0", "vlan": 7, "addresses": ["192.0.2.5/24"]}
    bridge = {"name": "br0", "kind": "bridge", "members": ["data2"], "stp": False}
    assert applied(network_admin, bond, vlan, bridge).state == "succeeded"
    rows = {row.name: row for row in Interface.objects.all()}
    assert rows["bond0"].members == ["data0", "data1"] and rows["bond0"].bond_mode == "802.3ad"
    assert (rows["v7"].parent, rows["v7"].vlan, addresses("v7")) == ("bond0", 7, ["192.0.2.5/24"])
    assert rows["data2"].master == "br0"
    done(network_admin.post("/system/network/revert", {"change": pending(network_admin)["id"]}))
    assert set(Interface.objects.values_list("name", flat=True)) == {"lo", "mgmt0", "data0", "data1", "data2"}


# --- one's own path ---


@pytest.mark.parametrize(
    ("interface", "words"),
    [
        ({"name": "mgmt0", "dhcp4": False, "addresses": ["192.0.2.9/24"]}, "lose the address 10.0.2.15/24"),
        ({"name": "mgmt0", "up": False}, "would be down"),
        ({"name": "br0", "kind": "bridge", "members": ["mgmt0"]}, ""),
        ({"name": "mgmt0", "addresses": ["192.0.2.9/24"]}, None),
        (STATIC, None),
    ],
)
def test_a_change_that_cuts_the_callers_path_is_warned_of(
    network_admin: Person, interface: Any, words: str | None
) -> None:
    asked = [interface] if words != "" else [{"name": "mgmt0", "dhcp4": False}, interface]
    answer = network_admin.post("/system/network/plan", {"interfaces": asked}, REMOTE_ADDR="203.0.113.9")
    assert answer.status == 200, answer.body
    found = [warning for warning in answer.body["warnings"] if "your own connection" in warning]
    assert bool(found) == (words is not None)
    assert not found or (words or "") in found[0]
