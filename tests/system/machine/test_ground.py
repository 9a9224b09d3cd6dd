"""The ground itself: a machine is whole, takes changes, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine.keeper import hierarchies
from tests.machine.machine import ADDRESS, Machine
from tests.support.appliance import ROOT, wait_for

pytestmark = pytest.mark.system

OTHERS = """
import os, sys, time
from tests.machine.machine import boot
machine = boot()
print(machine.folder, machine.keeper.pid, machine.surroundings, machine.leader, flush=True)
time.sleep(600)
"""


def test_it_has_what_a_box_has(machine: Machine) -> None:
    for unit in ("dbus", "systemd-journald", "systemd-networkd", "chrony"):
        assert machine.ok("systemctl", "is-active", unit) == "active\n"
    assert "NTP service: active" in machine.ok("timedatectl")
    assert machine.ok("networkctl", "--no-legend", "list", "eth0").split()[3] == "routable"
    assert ADDRESS in machine.ok("ip", "-4", "address", "show", "dev", "eth0")
    assert machine.bus.endswith("/run/dbus/system_bus_socket")
    assert "Speed: 10000Mb/s" in machine.ok("ethtool", "eth0")
    assert machine.ok("netplan", "get", "ethernets.eth0.addresses") == f'- "{ADDRESS}/24"\n'


def test_the_other_end_of_its_cable_reaches_it(machine: Machine) -> None:
    assert machine.reaches(ADDRESS)
    assert not machine.reaches("10.77.0.99")


def test_what_is_written_outlives_a_reboot_but_not_the_machine(own_machine: Machine, machine: Machine) -> None:
    own_machine.ok("sh", "-c", "echo kept >/etc/kept")
    own_machine.ok("timedatectl", "set-timezone", "Europe/Vienna")
    own_machine.reboot()
    assert own_machine.ok("cat", "/etc/kept") == "kept\n"
    assert "Europe/Vienna" in own_machine.ok("timedatectl")
    assert machine.run("cat", "/etc/kept").returncode != 0


def test_nothing_is_left_of_it(own_machine: Machine) -> None:
    traces = Traces(own_machine.folder, (own_machine.keeper.pid, own_machine.surroundings, own_machine.leader))
    own_machine.destroy()
    traces.until_gone()


def test_nothing_is_left_when_the_test_run_is_killed(_ground: None) -> None:
    with subprocess.Popen([sys.executable, "-c", OTHERS], cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        folder, *pids = other.stdout.readline().split()
        traces = Traces(Path(folder), tuple(map(int, pids)))
        other.kill()
    traces.until_gone()


class Traces:
    """By what a machine can be seen."""

    def __init__(self, folder: Path, pids: tuple[int, ...]) -> None:
        self.pids, self.places = pids, [folder, *(hierarchy / folder.name for hierarchy in hierarchies())]
        assert all(pids)
        assert len(self.left()) >= len(pids) + len(self.places)

    def left(self) -> list[str]:
        found = [f"process {pid}" for pid in self.pids if Path(f"/proc/{pid}").exists()]
        found += [str(place) for place in self.places if place.exists()]
        found += [line for line in Path("/proc/mounts").read_text().splitlines() if str(self.places[0]) in line]
        return found + [link.name for link in Path("/sys/class/net").iterdir() if link.name.startswith("far")]

    def until_gone(self) -> None:
        """Who reaps processes whose parent was killed takes a moment."""
        wait_for(lambda: not self.left(), 60, "nothing is left of the machine")
