"""The lab's ip, ethtool and netplan beside the recordings of the real ones; its systemd-run has timers that run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calypso.lab import network, timers
from tests.support.lab_box import Box
from tests.support.recordings import load


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    box = Box(tmp_path / "state.db")
    box.options(now=1000.0)
    box.ok("ip", "-j", "address")  # on the first look the files of that day are in force
    return box


def write(name: str, text: str) -> None:
    (network.root() / "etc/netplan" / name).write_text(text)


def listed(box: Box, *argv: str) -> dict[str, Any]:
    return {each.get("ifname", each.get("dst")): each for each in json.loads(box.ok("ip", *argv))}


def test_the_first_interface_is_told_as_the_real_one(lab: Box) -> None:
    real = {each["ifname"]: each for each in json.loads(load("ip", "02").stdout)}
    ours = listed(lab, "-j", "-d", "-s", "address")
    assert set(ours["mgmt0"]) <= set(real["mgmt0"])
    for key in ("flags", "mtu", "operstate", "link_type", "address"):
        assert ours["mgmt0"][key] == real["mgmt0"][key] and ours["lo"][key] == real["lo"][key]
    told, seen = ours["mgmt0"]["addr_info"][0], real["mgmt0"]["addr_info"][0]
    assert set(told) <= set(seen) and {key: told[key] for key in ("local", "prefixlen", "dynamic")} == {
        key: seen[key] for key in ("local", "prefixlen", "dynamic")
    }
    route, recorded = listed(lab, "-j", "-4", "route")["default"], json.loads(load("ip", "05").stdout)[0]
    assert {key: route[key] for key in ("gateway", "dev", "protocol", "metric")} == {
        key: recorded[key] for key in ("gateway", "dev", "protocol", "metric")
    }


@pytest.mark.parametrize(("tool", "number"), [("ip", "10"), ("ethtool", "03")])
def test_refusals_are_the_real_ones(lab: Box, tool: str, number: str) -> None:
    recorded = load(tool, number)
    said = lab.run(*recorded.argv)
    assert (said.exit_code, said.stdout, said.stderr) == (recorded.exit_code, recorded.stdout, recorded.stderr)


def test_a_card_that_is_not_there(lab: Box) -> None:
    recorded, said = load("ethtool", "07"), lab.run("ethtool", "nope0")
    assert (said.exit_code, said.stdout) == (recorded.exit_code, recorded.stdout)
    assert recorded.stderr.startswith(said.stderr)


def test_netplan_refuses_in_its_own_words(lab: Box) -> None:
    recorded = load("netplan", "12")
    write("95-bad.yaml", "network:\n  version: 2\n  ethernets:\n    x0: {addresses: [10.0.0.1]}\n")
    said = lab.run("netplan", "generate")
    assert said.exit_code == recorded.exit_code
    assert said.stderr.split(": Error")[1].strip() == recorded.stderr.split(": Error")[1].splitlines()[0].strip()
    write("95-bad.yaml", "network:\n  version: 2\n\tethernets: {}\n")
    said = lab.run("netplan", "generate")
    assert said.stderr.startswith("/etc/netplan/95-bad.yaml:3:1: Invalid YAML: tabs are not allowed for indent:")


def test_apply_puts_files_in_force_and_takes_interfaces_away_again(lab: Box) -> None:
    text = "network: {vlans: {v7: {id: 7, link: data0, addresses: [10.7.0.1/24]}}, ethernets: {data0: {mtu: 9000}}}\n"
    write("50-more.yaml", text)
    assert "v7" not in listed(lab, "-j", "address"), "not before it is applied"
    assert lab.run("netplan", "apply").exit_code == 0
    found = listed(lab, "-j", "-d", "address")
    assert (found["v7"]["link"], found["v7"]["linkinfo"]["info_data"]["id"]) == ("data0", 7)
    assert (found["data0"]["mtu"], found["data0"]["operstate"]) == (9000, "UP")
    assert "10.7.0.0/24" in listed(lab, "-j", "-4", "route")
    lab.ok("ip", "link", "delete", "dev", "v7")
    assert "v7" not in listed(lab, "-j", "address")
    assert lab.run("ip", "link", "delete", "dev", "data0").exit_code == 2


def test_timers_run_once_when_their_time_has_come(lab: Box) -> None:
    lab.ok(
        "systemd-run", "--unit=t", "--on-active=30s", "--", "/usr/bin/python3", "ip", "address", "flush", "dev", "mgmt0"
    )
    lab.advance(29)
    assert listed(lab, "-j", "address")["mgmt0"]["addr_info"]
    lab.advance(2)
    assert not listed(lab, "-j", "address")["mgmt0"]["addr_info"]
    assert lab.state()["timers"] == []
    lab.ok("systemd-run", "--unit=t", "--on-active=30s", "--", "netplan", "apply")
    lab.ok("systemctl", "stop", "t.timer")
    lab.advance(60)
    timers.run_due()
    assert not listed(lab, "-j", "address")["mgmt0"]["addr_info"]
