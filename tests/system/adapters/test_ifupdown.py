"""/etc/network/interfaces: read, and edited so that the lines of others stay."""

from __future__ import annotations

import pytest

from apps.system.adapters import ifupdown
from apps.system.adapters.network_files import Wish
from apps.system.domain.network_changes import InterfaceConfig, StaticRoute

MAIN = """\
# by the installer
source /etc/network/interfaces.d/*

auto lo eth0
iface lo inet loopback

iface eth0 inet static
    address 192.0.2.5
    netmask 255.255.255.0
    gateway 192.0.2.1
    dns-nameservers 192.0.2.53
    up ip route add 198.51.100.0/24 via 192.0.2.2 dev eth0 metric 7
iface eth0 inet6 static
    address 2001:db8::5/64

# the second card
allow-hotplug eth1
iface eth1 inet dhcp
"""
FILES = {ifupdown.MAIN: MAIN}
ETH0 = InterfaceConfig(
    name="eth0",
    kind="ethernet",
    addresses=("192.0.2.5/24", "2001:db8::5/64"),
    routes=(
        StaticRoute(to="default", via="192.0.2.1"),
        StaticRoute(to="198.51.100.0/24", via="192.0.2.2", metric=7),
    ),
)


def after(files: dict[str, str], *configs: InterfaceConfig, removed: tuple[str, ...] = ()) -> dict[str, str]:
    edits = ifupdown.edits(files, Wish(configs, removed))
    return files | {each.path: ifupdown.edited(files.get(each.path, ""), **each.args) for each in edits}


def test_reads_addresses_routes_and_what_starts_by_itself() -> None:
    found = {name: each.config for name, each in ifupdown.configured(FILES).items()}
    assert found == {"eth0": ETH0, "eth1": InterfaceConfig(name="eth1", kind="ethernet", dhcp4=True)}
    assert ifupdown.has_interfaces(FILES) and ifupdown.includes_folder(MAIN)
    assert not ifupdown.has_interfaces({"a": "auto lo\niface lo inet loopback\n"})


def test_only_the_stanzas_of_the_interface_change() -> None:
    wanted = ETH0.model_copy(update={"addresses": ("192.0.2.9/24",), "mtu": 9000})
    text = after(FILES, wanted)[ifupdown.MAIN]
    first, last = MAIN.split("iface eth0 inet static", maxsplit=1)[0], MAIN.split("2001:db8::5/64\n")[1]
    assert text.startswith(first) and text.endswith(last)
    assert "    dns-nameservers 192.0.2.53\n" in text, "what Calypso does not know is kept"
    assert ifupdown.configured({"a": text})["eth0"].config == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        ETH0.model_copy(update={"up": False}),
        InterfaceConfig(name="eth0", kind="ethernet"),
        InterfaceConfig(name="eth0", kind="ethernet", dhcp4=True, dhcp6=True, addresses=("192.0.2.7/24",)),
        InterfaceConfig(name="v7", kind="vlan", parent="eth0", vlan=7, addresses=("10.0.0.1/8",), mtu=1400),
        InterfaceConfig(name="bond0", kind="bond", members=("eth2", "eth3"), bond_mode="802.3ad", dhcp4=True),
        InterfaceConfig(name="br0", kind="bridge", members=("eth2",), stp=True, up=False),
        InterfaceConfig(name="br1", kind="bridge", stp=False),
    ],
    ids=lambda config: config.name,
)
def test_what_is_written_is_read_as_it_was_asked(wanted: InterfaceConfig) -> None:
    found = after(FILES, wanted)
    assert ifupdown.configured(found)[wanted.name].config == wanted
    assert after(found, wanted) == found, "a second time changes nothing"
    others = {name for name in ifupdown.configured(FILES) if name != wanted.name}
    for name in others:
        assert ifupdown.configured(found)[name].config == ifupdown.configured(FILES)[name].config


def test_an_interface_in_two_files_is_in_one_afterwards() -> None:
    more = {"/etc/network/interfaces.d/more": "iface eth0 inet static\n    address 192.0.2.6/24\n"}
    files = FILES | more
    assert "192.0.2.6/24" in ifupdown.configured(files)["eth0"].config.addresses
    wanted = ETH0.model_copy(update={"addresses": ("192.0.2.8/24",)})
    assert ifupdown.configured(after(files, wanted))["eth0"].config == wanted


def test_removed() -> None:
    vlan = InterfaceConfig(name="v7", kind="vlan", parent="eth0", vlan=7)
    assert after(after(FILES, vlan), removed=("v7",)) == FILES
