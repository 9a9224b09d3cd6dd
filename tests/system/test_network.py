"""The network over REST on the simulated box: a change on trial is confirmed, taken back, or returns by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.system.models.network import Interface, NetworkChange
from apps.system.observe.network import observe_network
from calypso.kernel import files, shell, store
from calypso.kernel.actors import Role
from calypso.kernel.models import Operation
from calypso.lab.timers import run_due
from tests.support.lab_box import Box
from tests.support.rest import Answer, Person, events_after, finish, person, types_after

pytestmark = pytest.mark.django_db

OWN = "/etc/netplan/90-calypso.yaml"
STATIC = {"name": "data0", "addresses": ["192.0.2.5/24"], "routes": [{"to": "default", "via": "192.0.2.1"}]}


@pytest.fixture
def network(db: None, box: Box) -> Box:
    """The box with its clock standing still, seen once."""
    box.options(now=time.time())
    observe_network()
    return box


@pytest.fixture
def admin(network: Box) -> Iterator[Person]:
    yield person(Role.ADMINISTRATOR)


def applied(admin: Person, *interfaces: dict[str, Any], **more: Any) -> Operation:
    """What became of it."""
    answer = admin.post("/system/network/apply", {"interfaces": list(interfaces), "reason": "new rack", **more})
    assert answer.status == 202, answer.body
    return done(answer)


def done(answer: Answer) -> Operation:
    finish(answer.body["id"])
    return Operation.objects.get(pk=answer.body["id"])


def refused(admin: Person, *interfaces: dict[str, Any]) -> tuple[int, str, str]:
    before = {name: files.read(name) for name in files.names("/etc/netplan")}
    answer = admin.post("/system/network/plan", {"interfaces": list(interfaces)})
    assert {name: files.read(name) for name in files.names("/etc/netplan")} == before
    problem = answer.problem()
    assert problem["title"] and problem["field"]
    return answer.status, problem["code"], problem["field"]


def pending(admin: Person) -> Any:
    return admin.get("/system/network").body["pending"]


def addresses(name: str) -> list[str]:
    return [each["address"] for each in Interface.objects.get(pk=name).addresses]


# --- as it is ---


def test_interfaces_and_routes_are_listed(admin: Person) -> None:
    found = {each["name"]: each for each in admin.get("/system/interfaces").body["items"]}
    assert set(found) == {"lo", "mgmt0", "data0", "data1", "data2"}
    assert found["mgmt0"]["addresses"] == [{"address": "10.0.2.15/24", "origin": "dynamic"}]
    assert (found["mgmt0"]["speed"], found["mgmt0"]["duplex"], found["mgmt0"]["driver"]) == (1000, "full", "mlx5_core")
    assert found["mgmt0"]["counters"]["rx_bytes"] == 7252
    assert [each["to"] for each in admin.get("/system/routes?family=ipv4").body["items"]] == ["10.0.2.0/24", "default"]
    state = admin.get("/system/network").body
    assert (state["renderer"], state["backend"], state["pending"]) == ("netplan", "networkd", None)
    assert state["configured"][0]["name"] == "mgmt0"
    assert admin.get("/system/interfaces/nope").code == "no_such_interface"
    assert [each["name"] for each in admin.get("/system/interfaces?search=10.0.2").body["items"]] == ["mgmt0"]


def test_a_look_that_finds_nothing_new_records_nothing(network: Box) -> None:
    before = store.position()
    assert observe_network() == 0
    assert types_after(before) == []


def test_lists_and_looks_cost_the_same_for_many_interfaces(admin: Person, network: Box) -> None:
    def costs() -> list[int]:
        found = []
        for look in (observe_network, lambda: admin.get("/system/interfaces"), lambda: admin.get("/system/network")):
            with CaptureQueriesContext(connection) as queries:
                look()
            found.append(len(queries))
        return found

    few = costs()
    vlans = "".join(f"    v{n}: {{id: {n}, link: data0, addresses: [10.9.{n}.1/24]}}\n" for n in range(1, 60))
    files.path(OWN).write_text(f"network:\n  vlans:\n{vlans}")
    network.run("netplan", "apply")
    observe_network()
    assert len(admin.get("/system/interfaces").body["items"]) == 64
    assert costs() == few


def test_what_is_done_by_hand_is_seen(network: Box) -> None:
    before = store.position()
    files.path(OWN).write_text("network: {ethernets: {data1: {addresses: [198.51.100.7/24]}}}\n")
    network.run("netplan", "apply")
    observe_network()
    assert addresses("data1") == ["198.51.100.7/24"]
    assert set(types_after(before)) == {"InterfaceChanged", "RoutesChanged", "NetworkRendererFound"}


# --- a change on trial ---


def test_the_plan_has_the_diff_and_touches_nothing(admin: Person) -> None:
    before = store.position()
    plan = admin.post("/system/network/plan", {"interfaces": [STATIC]}).body
    assert [step["kind"] for step in plan["steps"]] == ["run", "write", "run", "run"]
    assert "+    data0:" in plan["steps"][1]["diff"] and "+      addresses: [192.0.2.5/24]" in plan["steps"][1]["diff"]
    assert files.read(OWN) is None and types_after(before) == []


def test_a_confirmed_change_stays(admin: Person, network: Box) -> None:
    before = store.position()
    operation = applied(admin, STATIC, seconds=600)
    assert operation.state == "succeeded", operation.error
    assert addresses("data0") == ["192.0.2.5/24"]
    change = pending(admin)
    assert change["state"] == "pending" and 0 < change["seconds_left"] <= 600
    confirmed = done(admin.post("/system/network/confirm", {"change": change["id"], "reason": "it answers"}))
    assert confirmed.state == "succeeded"
    network.advance(3600)
    run_due()
    observe_network()
    assert addresses("data0") == ["192.0.2.5/24"]
    kept = admin.get("/system/interfaces/data0").body["wanted"]
    assert kept["addresses"] == ["192.0.2.5/24"] and kept["routes"][0]["via"] == "192.0.2.1"
    told = [event for event in events_after(before, "system.Network") if event.type.startswith("system.NetworkChange")]
    assert [event.type for event in told] == ["system.NetworkChangeApplied.v1", "system.NetworkChanged.v1"]
    assert [(event.actor, event.reason) for event in told] == [
        ("user:administrator", "new rack"),
        ("user:administrator", "it answers"),
    ]


def test_a_change_that_nobody_confirms_is_taken_back_by_the_box(admin: Person, network: Box) -> None:
    applied(admin, STATIC, seconds=30)
    change = pending(admin)
    network.advance(29)
    run_due()
    observe_network()
    assert pending(admin)
    network.advance(2)
    run_due()
    observe_network()
    assert files.read(OWN) is None and addresses("data0") == []
    row = NetworkChange.objects.get(pk=change["id"])
    assert (row.state, row.cause, row.complete) == ("rolled_back", "timeout", True)
    late = admin.post("/system/network/confirm", {"change": change["id"]})
    assert late.code == "change_over"


def test_a_confirmation_that_comes_too_late_on_the_box_fails(admin: Person, network: Box) -> None:
    applied(admin, STATIC, seconds=30)
    answer = admin.post("/system/network/confirm", {"change": pending(admin)["id"]})
    network.advance(31)
    run_due()
    failed = done(answer)
    assert failed.state == "failed" and failed.error["code"] in ("change_over", "stale_plan")
    assert addresses("data0") == [] and NetworkChange.objects.get().state == "rolled_back"


def test_taken_back_on_request(admin: Person) -> None:
    applied(admin, STATIC)
    before = store.position()
    assert done(admin.post("/system/network/revert", {"change": pending(admin)["id"], "reason": "oops"})).state == (
        "succeeded"
    )
    [told] = events_after(before, "system.NetworkChangeRolledBack")
    assert (told.actor, told.reason, told.data["cause"]) == ("user:administrator", "oops", "asked")
    assert addresses("data0") == [] and pending(admin) is None


def test_one_change_at_a_time(admin: Person) -> None:
    applied(admin, STATIC)
    assert admin.post("/system/network/plan", {"interfaces": [{"name": "data1", "mtu": 9000}]}).code == "change_pending"


def test_what_the_tool_refuses_leaves_everything_as_it_was(admin: Person, network: Box) -> None:
    broken = files.path("/etc/netplan/99-other.yaml")
    answer = admin.post("/system/network/apply", {"interfaces": [STATIC]})
    broken.write_text("network: {ethernets: {data2: {addresses: [10.0.0.1]}}}\n")
    failed = done(answer)
    assert failed.state == "failed" and failed.error["code"] == "configuration_refused"
    assert "99-other.yaml" in failed.error["message"]
    assert files.read(OWN) is None and addresses("data0") == [] and pending(admin) is None
    assert "calypso-network-rollback" not in str(network.state().get("timers"))
    broken.unlink()
    assert applied(admin, STATIC).state == "succeeded", "the one before left nothing in the way"


def test_a_bond_with_a_vlan_and_a_bridge(admin: Person) -> None:
    bond = {"name": "bond0", "kind": "bond", "members": ["data0", "data1"], "bond_mode": "802.3ad", "dhcp4": False}
    vlan = {"name": "v7", "kind": "vlan", "parent": "bond0", "vlan": 7, "addresses": ["192.0.2.5/24"]}
    bridge = {"name": "br0", "kind": "bridge", "members": ["data2"], "stp": False}
    assert applied(admin, bond, vlan, bridge).state == "succeeded"
    rows = {row.name: row for row in Interface.objects.all()}
    assert rows["bond0"].members == ["data0", "data1"] and rows["bond0"].bond_mode == "802.3ad"
    assert (rows["v7"].parent, rows["v7"].vlan, addresses("v7")) == ("bond0", 7, ["192.0.2.5/24"])
    assert rows["data2"].master == "br0"
    done(admin.post("/system/network/revert", {"change": pending(admin)["id"]}))
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
def test_a_change_that_cuts_the_callers_path_is_warned_of(admin: Person, interface: Any, words: str | None) -> None:
    asked = [interface] if words != "" else [{"name": "mgmt0", "dhcp4": False}, interface]
    answer = admin.post("/system/network/plan", {"interfaces": asked}, REMOTE_ADDR="203.0.113.9")
    assert answer.status == 200, answer.body
    found = [warning for warning in answer.body["warnings"] if "your own connection" in warning]
    assert bool(found) == (words is not None)
    assert not found or (words or "") in found[0]


# --- bad input ---


@pytest.mark.parametrize(
    ("interface", "code", "field"),
    [
        ({"name": "data0", "addresses": ["192.0.2.5"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["192.0.2.5/33"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["192.0.2.5/255.255.255.0"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["192.0.2.0/24"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["192.0.2.255/24"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["300.0.2.5/24"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["224.0.0.1/24"]}, "bad_address", "addresses.0"),
        ({"name": "data0", "addresses": ["192.0.2.5/24", "192.0.2.5/25"]}, "address_twice", "addresses.1"),
        ({"name": "data0", "addresses": ["10.0.2.15/24"]}, "address_twice", "addresses.0"),
        ({**STATIC, "routes": [{"via": "198.51.100.1"}]}, "gateway_off_link", "routes.0.via"),
        ({**STATIC, "routes": [{"via": "192.0.2.5"}]}, "bad_route", "routes.0.via"),
        ({**STATIC, "routes": [{"to": "192.0.2.1/24", "via": "192.0.2.1"}]}, "bad_route", "routes.0.to"),
        ({**STATIC, "routes": [{"to": "::/64", "via": "192.0.2.1"}]}, "bad_route", "routes.0.via"),
        ({"name": "data9", "mtu": 9000}, "no_such_interface", "name"),
        ({"name": "lo", "mtu": 9000}, "kind_not_supported", "name"),
        ({"name": "data0", "mtu": 67}, "bad_mtu", "mtu"),
        ({"name": "data0", "addresses": ["2001:db8::1/64"], "mtu": 1000}, "bad_mtu", "mtu"),
        ({"name": "v", "kind": "vlan", "parent": "data0", "vlan": 4095}, "bad_vlan_id", "vlan"),
        ({"name": "v", "kind": "vlan", "parent": "data0", "vlan": 0}, "bad_vlan_id", "vlan"),
        ({"name": "v", "kind": "vlan", "parent": "nope", "vlan": 7}, "no_such_interface", "parent"),
        ({"name": "data0", "vlan": 7}, "wrong_kind", "vlan"),
        ({"name": "data0", "kind": "bond", "members": ["data1"]}, "interface_exists", "kind"),
        ({"name": "b", "kind": "bond", "members": []}, "no_members", "members"),
        ({"name": "b", "kind": "bond", "members": ["data1", "data1"]}, "named_twice", "members.1"),
        ({"name": "b", "kind": "bond", "members": ["mgmt0"]}, "member_has_addresses", "members.0"),
        ({"name": "data0", "remove": True}, "no_such_interface", "name"),
        ({"name": "mgmt0", "remove": True}, "not_removable", "remove"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(admin: Person, interface: Any, code: str, field: str) -> None:
    status, found, at = refused(admin, interface)
    assert (found, at) == (code, f"interfaces.0.{field}")
    assert status in (409, 422)


def test_a_bond_of_a_bond(admin: Person) -> None:
    first = {"name": "b1", "kind": "bond", "members": ["data0"]}
    assert refused(admin, first, {"name": "b2", "kind": "bond", "members": ["b1"]})[1] == "bond_of_bond"
    assert refused(admin, first, {"name": "b2", "kind": "bond", "members": ["data0"]})[1] == "member_taken"
    assert refused(admin, first, first)[1] == "named_twice"


def test_nothing_to_change(admin: Person) -> None:
    assert refused(admin, {"name": "mgmt0", "dhcp4": True})[1] == "nothing_to_do"


def test_a_file_of_others_that_can_not_be_read(admin: Person) -> None:
    files.path("/etc/netplan/50-theirs.yaml").write_text("network:\n\tversion: 2\n")
    answer = admin.post("/system/network/plan", {"interfaces": [STATIC]})
    assert answer.code == "file_not_readable" and "50-theirs.yaml" in answer.problem()["title"]
    observe_network()
    state = admin.get("/system/network").body
    assert (state["renderer"], state["code"], state["configured"]) == ("netplan", "file_not_readable", [])


def test_a_box_whose_network_nothing_configures(admin: Person) -> None:
    for name in files.names("/etc/netplan"):
        files.path(name).unlink()
    assert admin.post("/system/network/plan", {"interfaces": [STATIC]}).code == "no_renderer"


@pytest.mark.parametrize(
    ("renderer", "tool", "path", "text", "line"),
    [
        (
            "networkmanager",
            "nmcli",
            "/etc/NetworkManager/system-connections/data0.nmconnection",
            "[connection]\nid=data0\ntype=ethernet\ninterface-name=data0\n\n[802-1x]\npassword=hunter2\n",
            "+address1=192.0.2.5/24",
        ),
        (
            "ifupdown",
            "ifup",
            "/etc/network/interfaces",
            "auto data0\niface data0 inet dhcp\n    dns-nameservers 192.0.2.53\n",
            "+    address 192.0.2.5/24",
        ),
    ],
)
def test_boxes_with_another_renderer(
    admin: Person, renderer: str, tool: str, path: str, text: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in files.names("/etc/netplan"):
        files.path(name).unlink()
    files.path(path).parent.mkdir(parents=True, exist_ok=True)
    files.path(path).write_text(text)
    monkeypatch.setattr(shell, "find", lambda name: f"/usr/sbin/{name}" if name == tool else None)
    observe_network()
    assert admin.get("/system/network").body["renderer"] == renderer
    plan = admin.post("/system/network/plan", {"interfaces": [{**STATIC, "dhcp4": False}]}).body
    [write] = [step for step in plan["steps"] if step["kind"] == "write"]
    assert write["path"] == path and line in write["diff"] and "hunter2" not in str(plan)
    assert plan["steps"][0]["argv"][4:6] == ["--renderer", renderer]


def test_read_only_etc(admin: Person, network: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = admin.post("/system/network/apply", {"interfaces": [STATIC]})
    read_only(files.path("/etc"), monkeypatch)
    failed = done(answer)
    assert failed.state == "failed" and failed.error["code"] in ("file_refused", "read_only")
    assert files.read(OWN) is None and addresses("data0") == [] and pending(admin) is None


def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file below may be opened for writing, as on a file system mounted so: root is stopped by nothing less."""
    import errno
    import os

    opened = os.open

    def refuses(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).startswith(str(folder)) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuses)
    plain = Path.open

    def opens(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if str(self).startswith(str(folder)) and mode.strip("b") != "r":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))
        return plain(self, mode, *more, **named)

    monkeypatch.setattr(Path, "open", opens)
