"""Netplan's files: read, and edited so that what others wrote stays byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from apps.system.adapters.netplan import commands, config
from apps.system.adapters.netplan.splice import GONE, NotEditable, NotYaml, edit
from apps.system.adapters.network_files import Link, Wish
from apps.system.domain.network_changes import InterfaceConfig, StaticRoute
from tests.support.recordings import load

MAIN = """\
# by the installer, do not touch
network:
  version: 2
  renderer: networkd   # not NetworkManager
  ethernets:
    mgmt0:
      match:
        macaddress: "52:54:00:12:34:56"
      dhcp4: true
      nameservers: {addresses: [192.0.2.53]}
      addresses:
      - "192.0.2.5/24"
      - 192.0.2.6/24: {label: "mgmt0:second"}
      set-name: "mgmt0"   # stays

  # none yet
  vlans: {}
"""
FILES = {"/etc/netplan/01-main.yaml": MAIN}
LINKS = [Link("mgmt0", "52:54:00:12:34:56"), Link("data0", "52:54:00:12:34:57")]


def after(files: dict[str, str], *configs: InterfaceConfig, removed: tuple[str, ...] = ()) -> dict[str, str]:
    edits = config.edits(files, LINKS, Wish(configs, removed))
    return files | {each.path: config.edited(files.get(each.path, ""), **each.args) for each in edits}


def known(files: dict[str, str], name: str) -> InterfaceConfig:
    return config.configured(files, LINKS)[name].config


# --- reading ---


def test_reads_what_is_recorded() -> None:
    found = config.configured(
        {"/etc/netplan/a.yaml": load("netplan", "07").stdout}, [*LINKS, Link("x", "52:54:00:aa:bb:cc")]
    )
    assert found["mgmt0"].config == InterfaceConfig(name="mgmt0", kind="ethernet", dhcp4=True)
    assert found["x"].key == "data0", "an entry may go by another name than the interface that it matches"
    assert found["x"].config == InterfaceConfig(
        name="x",
        kind="ethernet",
        addresses=("192.0.2.5/24",),
        mtu=9000,
        routes=(StaticRoute(to="default", via="192.0.2.1", metric=500),),
    )


def test_later_files_win_and_lists_are_joined() -> None:
    second = "network: {renderer: NetworkManager, ethernets: {mgmt0: {dhcp4: false, addresses: [198.51.100.1/24]}}}\n"
    files = {**FILES, "/etc/netplan/02.yaml": second}
    assert config.backend(files) == "NetworkManager" and config.backend(FILES) == "networkd"
    assert known(files, "mgmt0").addresses == ("192.0.2.5/24", "192.0.2.6/24", "198.51.100.1/24")
    assert not known(files, "mgmt0").dhcp4


def test_a_pattern_that_matches_several_is_told() -> None:
    files = {"/etc/netplan/01.yaml": "network: {ethernets: {all: {match: {name: '*0'}, dhcp4: true}}}\n"}
    found = config.configured(files, LINKS)
    assert {name: each.shared for name, each in found.items()} == {"mgmt0": True, "data0": True}


@pytest.mark.parametrize(
    ("text", "words"),
    [("network:\n\tversion: 2\n", "line 2"), ("- a\n", "no mapping"), ("a: [", "line 1"), ("a: &x [*y]", "line 1")],
)
def test_a_file_that_is_wrong_by_itself_is_named(text: str, words: str) -> None:
    with pytest.raises(NotYaml, match=words) as refused:
        config.configured({"/etc/netplan/99.yaml": text}, LINKS)
    assert "/etc/netplan/99.yaml" in refused.value.message


# --- editing ---


def test_only_the_lines_of_what_changes_are_others_afterwards() -> None:
    wanted = known(FILES, "mgmt0").model_copy(update={"dhcp4": False, "mtu": 9000})
    text = after(FILES, wanted)["/etc/netplan/01-main.yaml"]
    expected = MAIN.replace("      dhcp4: true\n", "").replace("# stays\n", "# stays\n      mtu: 9000\n")
    assert text == expected


def test_addresses_that_stay_keep_their_options() -> None:
    wanted = known(FILES, "mgmt0").model_copy(update={"addresses": ("192.0.2.6/24", "192.0.2.7/24")})
    text = after(FILES, wanted)["/etc/netplan/01-main.yaml"]
    assert "      addresses: [{192.0.2.6/24: {label: 'mgmt0:second'}}, 192.0.2.7/24]\n" in text
    assert known({"a": text}, "mgmt0").addresses == wanted.addresses


def test_what_several_files_say_is_in_the_last_one_afterwards() -> None:
    files = {**FILES, "/etc/netplan/02.yaml": "network: {ethernets: {mgmt0: {addresses: [198.51.100.1/24]}}}\n"}
    wanted = known(files, "mgmt0").model_copy(update={"addresses": ("203.0.113.1/24",)})
    found = after(files, wanted)
    assert known(found, "mgmt0") == wanted
    assert "addresses:\n" not in found["/etc/netplan/01-main.yaml"]


def test_deprecated_gateways_give_way_to_routes() -> None:
    old = "network:\n  ethernets:\n    mgmt0:\n      addresses: [192.0.2.5/24]\n      gateway4: 192.0.2.1\n"
    files = {"/etc/netplan/01.yaml": old}
    assert known(files, "mgmt0").routes == (StaticRoute(to="default", via="192.0.2.1"),)
    wanted = known(files, "mgmt0").model_copy(update={"routes": (StaticRoute(to="default", via="192.0.2.2"),)})
    found = after(files, wanted)
    assert known(found, "mgmt0") == wanted and "gateway4" not in found["/etc/netplan/01.yaml"]


BOND = InterfaceConfig(name="bond0", kind="bond", members=("data0", "data1"), bond_mode="802.3ad", dhcp6=True)
VLAN = InterfaceConfig(name="v7", kind="vlan", parent="bond0", vlan=7, addresses=("2001:db8::1/64",), up=False)
BRIDGE = InterfaceConfig(name="br0", kind="bridge", members=("v7",), stp=False)


def test_new_interfaces_stand_in_a_file_of_our_own_and_can_go_again() -> None:
    found = after(FILES, BOND, VLAN, BRIDGE)
    assert found["/etc/netplan/01-main.yaml"] == MAIN
    assert [known(found, each.name) for each in (BOND, VLAN, BRIDGE)] == [BOND, VLAN, BRIDGE]
    data = yaml.safe_load(found[config.OWN_FILE])["network"]
    assert data["version"] == 2
    assert set(data["ethernets"]) == {"data0", "data1"}, "netplan wants an entry for each member"
    gone = after(found, removed=("br0", "v7"))
    assert set(config.configured(gone, LINKS)) == {"mgmt0", "bond0", "data0", "data1"}


@pytest.mark.parametrize("text", ["a: &x {b: 1}\nnetwork: *x\n", "? [network]\n: 1\n", "network: {<<: {a: 1}}\n"])
def test_what_can_not_be_edited_safely_is_left(text: str) -> None:
    try:
        new = edit(text, [(("network", "b"), 2)])
    except (NotEditable, NotYaml):
        return
    assert yaml.safe_load(new)["network"]["b"] == 2


KEYS = st.sampled_from(["network", "a", "b", "on", "1"])
LEAVES = st.booleans() | st.integers(-9, 9999) | st.text("ab:/#- {}'\"é", max_size=6) | st.none()


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)


VALUES = st.recursive(LEAVES, nested, max_leaves=8)
CHANGES = st.lists(st.tuples(st.lists(KEYS, min_size=1, max_size=3), VALUES | st.just(GONE)), max_size=4)


@given(data=st.dictionaries(KEYS, VALUES, max_size=4), flow=st.sampled_from([None, True, False]), changes=CHANGES)
def test_an_edit_means_what_was_asked_or_is_refused(data: Any, flow: bool | None, changes: Any) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    new = edit(text, changes)
    if not changes:
        assert new == text
    for path, value in changes[-1:]:
        found: Any = yaml.safe_load(new) or {}
        for key in path:
            found = found.get(key, GONE) if isinstance(found, dict) else GONE
        assert found == value or (value is GONE and found is GONE)


# --- refusals ---


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("12", "configuration_refused", "95-bad.yaml, line 4: address '10.0.0.1' is missing /prefixlength"),
        ("13", "configuration_refused", "95-bad.yaml, line 3: Invalid YAML: tabs are not allowed for indent"),
        ("16", "not_permitted", "may not read"),
    ],
)
def test_netplans_refusals(number: str, code: str, words: str) -> None:
    recorded = load("netplan", number)
    error = commands.error_from(recorded.exit_code or 1, recorded.stdout, recorded.stderr)
    assert error.code == code and words in error.message
