"""ip and ethtool as recorded."""

from __future__ import annotations

import pytest

from apps.system.adapters import ethtool, ip
from apps.system.domain.network import SeenAddress
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load


def test_addresses_with_their_origin_and_counters() -> None:
    lo, mgmt = ip.parse_addresses(load("ip", "02").stdout)
    assert (lo.kind, lo.mac, mgmt.kind, mgmt.mac) == ("loopback", "", "ethernet", "52:54:00:12:34:56")
    assert mgmt.alternative_names == ("enp0s3",)
    assert set(mgmt.addresses) == {
        SeenAddress(address="10.0.2.15/24", origin="dynamic"),
        SeenAddress(address="fec0::5054:ff:fe12:3456/64", origin="dynamic"),
        SeenAddress(address="fe80::5054:ff:fe12:3456/64", origin="link"),
    }
    assert mgmt.counters["rx_bytes"] == 6444 and mgmt.counters["tx_packets"] == 81


def test_bonds_vlans_and_bridges() -> None:
    found = {link.name: link for link in ip.parse_addresses(load("ip", "14").stdout)}
    assert {name: link.kind for name, link in found.items()} == {
        "lo": "loopback",
        "mgmt0": "ethernet",
        "bond0": "bond",
        "dum0": "dummy",
        "dum1": "dummy",
        "mgmt0.100": "vlan",
        "br0": "bridge",
    }
    assert found["bond0"].bond_mode == "active-backup"
    assert found["dum0"].master == "bond0"
    assert (found["mgmt0.100"].parent, found["mgmt0.100"].vlan, found["mgmt0.100"].up) == ("mgmt0", 100, False)
    assert (found["br0"].up, found["br0"].carrier, found["br0"].state) == (True, False, "down")


def test_routes_of_both_families() -> None:
    default, *others = ip.parse_routes(load("ip", "05").stdout, "4")
    assert (default.to, default.via, default.interface, default.metric, default.protocol) == (
        "default",
        "10.0.2.2",
        "mgmt0",
        100,
        "dhcp",
    )
    assert [route.to for route in others] == ["10.0.2.0/24", "10.0.2.2", "10.0.2.3"]
    assert {route.family for route in ip.parse_routes(load("ip", "06").stdout, "6")} == {"ipv6"}


def test_a_route_over_several_gateways_is_one_for_each() -> None:
    hops = '[{"gateway":"192.0.2.1","dev":"a","weight":1},{"via":{"family":"inet6","host":"fe80::1"},"dev":"b"}]'
    found = ip.parse_routes(f'[{{"dst":"default","nexthops":{hops}}}]', "4")
    assert [(route.via, route.interface) for route in found] == [("192.0.2.1", "a"), ("fe80::1", "b")]


@pytest.mark.parametrize("printed", ["no", "{}", "[1]", '[{"ifname":"a"}]', '[{"ifname":"a","flags":null}]'])
def test_what_is_no_list_of_interfaces_is_garbage(printed: str) -> None:
    with pytest.raises(ToolGarbage):
        ip.parse_addresses(printed)


def test_refusals_are_plain_text_even_where_json_was_asked_for() -> None:
    recorded = load("ip", "10")
    assert ip.error_from(recorded.exit_code or 1, recorded.stdout, recorded.stderr).code == "no_such_interface"
    recorded = load("ip", "13")
    assert "valid prefix" in ip.error_from(recorded.exit_code or 1, recorded.stdout, recorded.stderr).detail


@pytest.mark.parametrize("number", ["01", "02"])
def test_cards_that_tell_no_speed(number: str) -> None:
    assert ethtool.parse_settings(load("ethtool", number).stdout) == ethtool.Settings()


def test_speed_from_text_and_json() -> None:
    text = "Settings for eth0:\n\tSpeed: 10000Mb/s\n\tDuplex: Full\n\tPort: FIBRE\n"
    json = '[{"ifname":"eth0","speed":10000,"duplex":"Full"}]'
    assert ethtool.parse_settings(text) == ethtool.parse_settings(json) == ethtool.Settings(10000, "full")
    assert ethtool.parse_settings('[{"speed":4294967295}]') == ethtool.parse_settings("[") == ethtool.Settings()


def test_driver() -> None:
    assert ethtool.parse_driver(load("ethtool", "04").stdout) == ethtool.Driver("virtio_net", "0000:00:03.0")


def test_a_virtual_card_is_on_no_bus() -> None:
    printed = "driver: veth\nversion: 1.0\nbus-info: \nsupports-statistics: yes\n"
    assert ethtool.parse_driver(printed) == ethtool.Driver("veth", "")
