"""NetworkManager's keyfiles: read, and edited so that other keys stay."""

from __future__ import annotations

import pytest

from apps.system.adapters import networkmanager as nm
from apps.system.adapters.network_files import Link, Wish
from apps.system.domain.network_changes import InterfaceConfig, StaticRoute

FIRST = """\
# by the installer
[connection]
id=Wired 1
uuid=0b1b2c3d-0000-4000-8000-000000000001
type=ethernet

[ethernet]
mac-address=52:54:00:12:34:56

[802-1x]
password=hunter2

[ipv4]
address1=192.0.2.5/24,192.0.2.1
dns=192.0.2.53;
method=manual
route1=198.51.100.0/24,192.0.2.2,7

[ipv6]
method=auto
"""
WIFI = "[connection]\nid=home\ntype=wifi\ninterface-name=wlan0\n"
FILES = {f"{nm.FOLDER}/first.nmconnection": FIRST, f"{nm.FOLDER}/home.nmconnection": WIFI}
LINKS = [Link("eth0", "52:54:00:12:34:56"), Link("eth1", "52:54:00:12:34:57")]
ETH0 = InterfaceConfig(
    name="eth0",
    kind="ethernet",
    addresses=("192.0.2.5/24",),
    routes=(
        StaticRoute(to="default", via="192.0.2.1"),
        StaticRoute(to="198.51.100.0/24", via="192.0.2.2", metric=7),
    ),
)


def after(files: dict[str, str], *configs: InterfaceConfig) -> dict[str, str]:
    edits = nm.edits(files, LINKS, Wish(configs))
    return files | {each.path: nm.edited(files.get(each.path, ""), **each.args) for each in edits}


def known(files: dict[str, str]) -> dict[str, InterfaceConfig]:
    return {name: each.config for name, each in nm.configured(files, LINKS).items()}


def test_reads_by_name_or_hardware_address_and_leaves_other_kinds_out() -> None:
    assert known(FILES) == {"eth0": ETH0}


def test_other_keys_stay_and_no_secret_is_an_argument() -> None:
    wanted = ETH0.model_copy(update={"addresses": ("192.0.2.9/24",), "mtu": 9000})
    [edit] = nm.edits(FILES, LINKS, Wish([wanted]))
    assert "hunter2" not in str(edit.args)
    text = nm.edited(FIRST, **edit.args)
    assert text.startswith("# by the installer\n[connection]\n") and "[802-1x]\npassword=hunter2\n" in text
    assert "dns=192.0.2.53;\n" in text
    assert known({"a": text})["eth0"] == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        ETH0.model_copy(update={"up": False, "dhcp4": True, "addresses": ()}),
        InterfaceConfig(name="eth1", kind="ethernet", dhcp6=True, addresses=("10.0.0.1/8",)),
        InterfaceConfig(
            name="v7", kind="vlan", parent="eth0", vlan=7, addresses=("2001:db8::1/64", "10.0.0.1/8")[::-1]
        ),
        InterfaceConfig(name="bond0", kind="bond", members=("eth1",), bond_mode="802.3ad", dhcp4=True),
        InterfaceConfig(name="br0", kind="bridge", members=("eth1",), stp=False),
    ],
    ids=lambda config: config.name,
)
def test_what_is_written_is_read_as_it_was_asked(wanted: InterfaceConfig) -> None:
    found = after(FILES, wanted)
    assert known(found)[wanted.name] == wanted
    if wanted.name != "eth0":
        assert known(found)["eth0"] == ETH0


def test_a_member_leaves_its_bond() -> None:
    bond = InterfaceConfig(name="bond0", kind="bond", members=("eth0", "eth1"), bond_mode="802.3ad")
    found = after(after(FILES, bond), bond.model_copy(update={"members": ("eth1",)}))
    assert known(found)["bond0"].members == ("eth1",)
