"""Changes of the network that are refused: the field is named, and no file is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.system.observe.network import observe_network
from calypso.kernel import files, shell
from tests.support.lab_box import Box
from tests.support.network_story import OWN, STATIC, addresses, done, pending, refused
from tests.support.rest import Person

pytestmark = pytest.mark.django_db


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
def test_bad_input_is_named_and_changes_nothing(network_admin: Person, interface: Any, code: str, field: str) -> None:
    status, found, at = refused(network_admin, interface)
    assert (found, at) == (code, f"interfaces.0.{field}")
    assert status in (409, 422)


def test_a_bond_of_a_bond(network_admin: Person) -> None:
    first = {"name": "b1", "kind": "bond", "members": ["data0"]}
    assert refused(network_admin, first, {"name": "b2", "kind": "bond", "members": ["b1"]})[1] == "bond_of_bond"
    assert refused(network_admin, first, {"name": "b2", "kind": "bond", "members": ["data0"]})[1] == "member_taken"
    assert refused(network_admin, first, first)[1] == "named_twice"


def test_nothing_to_change(network_admin: Person) -> None:
    assert refused(network_admin, {"name": "mgmt0", "dhcp4": True})[1] == "nothing_to_do"


def test_a_file_of_others_that_can_not_be_read(network_admin: Person) -> None:
    files.path("/etc/netplan/50-theirs.yaml").write_text("network:\n\tversion: 2\n")
    answer = network_admin.post("/system/network/plan", {"interfaces": [STATIC]})
    assert answer.code == "file_not_readable" and "50-theirs.yaml" in answer.problem()["title"]
    observe_network()
    state = network_admin.get("/system/network").body
    assert (state["renderer"], state["code"], state["configured"]) == ("netplan", "file_not_readable", [])


def test_a_box_whose_network_nothing_configures(network_admin: Person) -> None:
    for name in files.names("/etc/netplan"):
        files.path(name).unlink()
    assert network_admin.post("/system/network/plan", {"interfaces": [STATIC]}).code == "no_renderer"


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
    network_admin: Person, renderer: str, tool: str, path: str, text: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in files.names("/etc/netplan"):
        files.path(name).unlink()
    files.path(path).parent.mkdir(parents=True, exist_ok=True)
    files.path(path).write_text(text)
    monkeypatch.setattr(shell, "find", lambda name: f"/usr/sbin/{name}" if name == tool else None)
    observe_network()
    assert network_admin.get("/system/network").body["renderer"] == renderer
    plan = network_admin.post("/system/network/plan", {"interfaces": [{**STATIC, "dhcp4": False}]}).body
    [write] = [step for step in plan["steps"] if step["kind"] == "write"]
    assert write["path"] == path and line in write["diff"] and "hunter2" not in str(plan)
    assert plan["steps"][0]["argv"][4:6] == ["--renderer", renderer]


def test_read_only_etc(network_admin: Person, network: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = network_admin.post("/system/network/apply", {"interfaces": [STATIC]})
    read_only(files.path("/etc"), monkeypatch)
    failed = done(answer)
    assert failed.state == "failed" and failed.error["code"] in ("file_refused", "read_only")
    assert files.read(OWN) is None and addresses("data0") == [] and pending(network_admin) is None


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
