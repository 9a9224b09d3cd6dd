"""The network of a real box is changed on trial, over the very cable that the change is about."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.box import REASON, Box, Refused
from tests.machine.machine import ADDRESS, FAR, Machine
from tests.machine.managed import Managed, managed
from tests.support.appliance import processes_of, wait_for

pytestmark = pytest.mark.system

OTHER = "10.77.0.3"
FILE = "/etc/netplan/01-installer.yaml"
SOON, LATER, LONG = 10, 40, 600  # seconds of a trial, the last of one that must not end meanwhile
PATIENCE = 120.0  # seconds, on a busy machine


@pytest.fixture(autouse=True)
def _left_as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    """The network of the machine that tests share, whatever becomes of a test."""
    yield
    if "calypso" in request.fixturenames:
        machine: Machine = request.getfixturevalue("machine")
        if not machine.reaches(ADDRESS):
            machine.ok("sed", "-i", f"s/{OTHER}/{ADDRESS}/", FILE)
            machine.ok("netplan", "apply")


def wish(address: str, seconds: int) -> dict[str, Any]:
    return {"interfaces": [{"name": "eth0", "addresses": [f"{address}/24"]}], "seconds": seconds}


def change_address(calypso: Managed, seconds: int) -> None:
    """Asked for over the old address, which is gone before the answer could come: so nobody waits for it."""
    with calypso.box() as box:
        box.until(lambda: box.get("/system/network")["renderer"] == "netplan", "the network is seen")
        box.begin("POST", "/system/network/apply", wish(OTHER, seconds))


def pending(box: Box) -> Any:
    return box.until(lambda: box.get("/system/network")["pending"], "the change is on trial")


def test_an_address_that_nobody_confirms_returns(calypso: Managed) -> None:
    machine, before = calypso.machine, calypso.machine.ok("cat", FILE)
    change_address(calypso, SOON)
    wait_for(lambda: machine.reaches(OTHER), PATIENCE, "the new address")
    wait_for(lambda: machine.reaches(ADDRESS), PATIENCE, "the old address")
    assert machine.ok("cat", FILE) == before
    with calypso.box() as box:
        taken_back = box.until(lambda: box.events("system.NetworkChangeRolledBack"), "it is on record")[0]
        assert taken_back["data"]["cause"] == "timeout"
        assert taken_back["data"]["complete"] is True
        assert box.get("/system/network")["pending"] is None


def test_an_address_is_changed_and_confirmed_over_the_new_one(calypso: Managed) -> None:
    machine, before = calypso.machine, calypso.machine.ok("cat", FILE)
    with calypso.box() as box:
        box.until(lambda: box.get("/system/network")["renderer"] == "netplan", "the network is seen")
        plan = box.look("POST", "/system/network/plan", wish(OTHER, LONG))
        assert f"-      addresses: [{ADDRESS}/24]" in str(plan).replace("\\n", "\n"), plan
        assert any(FAR in warning and ADDRESS in warning for warning in plan["warnings"]), plan["warnings"]
    change_address(calypso, LONG)
    wait_for(lambda: machine.reaches(OTHER), PATIENCE, "the new address")
    with calypso.box(OTHER) as box:
        change = pending(box)
        box.ask("POST", "/system/network/confirm", {"change": change["id"]})
        assert not machine.reaches(ADDRESS)
        seen = box.until(lambda: _addresses(box) == {f"{OTHER}/24"} or None, "the new address is seen")
        assert seen
        changed = box.events("system.NetworkChanged")[0]
        assert (changed["actor"], changed["reason"], changed["kind"]) == ("user:admin", REASON, "configuration")
        applied = box.events("system.NetworkChangeApplied")[0]
        assert applied["data"]["files"] == [FILE]
        assert OTHER in _diff_of(box, applied["operation_id"])
    after = machine.ok("cat", FILE)
    assert after == before.replace(ADDRESS, OTHER)
    assert machine.ok("systemctl", "list-timers", "--no-legend", "calypso-network-rollback*") == ""


def test_the_old_address_returns_when_calypso_was_killed(own_calypso: Managed, folder: Path) -> None:
    machine, before = own_calypso.machine, own_calypso.machine.ok("cat", FILE)
    change_address(own_calypso, LATER)
    wait_for(lambda: machine.reaches(OTHER), PATIENCE, "the new address")
    with own_calypso.box(OTHER) as box:
        pending(box)
    _kill(own_calypso)
    wait_for(lambda: machine.reaches(ADDRESS), PATIENCE, "the old address")
    assert machine.ok("cat", FILE) == before
    with managed(machine, folder) as again, again.box() as box:
        taken_back = box.until(lambda: box.events("system.NetworkChangeRolledBack"), "it is on record")[0]
        assert taken_back["data"]["cause"] == "timeout"


def test_killed_before_it_knew_that_the_change_was_made(own_calypso: Managed, folder: Path) -> None:
    """The box has the new address, Calypso dies before that is on record, and finds the old one back."""
    machine, before = own_calypso.machine, own_calypso.machine.ok("cat", FILE)
    with lingering(own_calypso, "calypso-network-rollback", "apply"):
        change_address(own_calypso, SOON)
        wait_for(lambda: machine.reaches(OTHER), PATIENCE, "the new address")
        _kill(own_calypso)
    wait_for(lambda: machine.reaches(ADDRESS), PATIENCE, "the old address")
    assert machine.ok("cat", FILE) == before
    with managed(machine, folder) as again, again.box() as box:
        operation = box.items("/operations")[0]
        with pytest.raises(Refused) as refused:
            box.ended(operation)
        assert refused.value.code == "change_over"
        assert "the old configuration is back" in refused.value.words
        assert box.get("/system/network")["pending"] is None
        assert machine.reaches(ADDRESS)


@contextmanager
def lingering(calypso: Managed, tool: str, verb: str) -> Iterator[None]:
    """Meanwhile a tool of the box, when it has done this, does not end for a while."""
    file = calypso.machine.folder / "tools" / tool
    text = file.read_text()
    file.write_text(text.replace("exec nsenter", "nsenter") + f'code=$?; [ "$1" != {verb} ] || sleep 20; exit $code\n')
    yield
    file.write_text(text)


def test_the_old_address_returns_when_the_box_was_reset(own_calypso: Managed, folder: Path) -> None:
    machine, before = own_calypso.machine, own_calypso.machine.ok("cat", FILE)
    change_address(own_calypso, LONG)
    wait_for(lambda: machine.reaches(OTHER), PATIENCE, "the new address")
    with own_calypso.box(OTHER) as box:
        pending(box)
    _kill(own_calypso)
    machine.reboot()
    assert machine.reaches(ADDRESS)
    assert machine.ok("cat", FILE) == before
    with managed(machine, folder) as again, again.box() as box:
        taken_back = box.until(lambda: box.events("system.NetworkChangeRolledBack"), "it is on record")[0]
        assert taken_back["data"]["cause"] == "boot"


def _kill(calypso: Managed) -> None:
    """Every process of it at once, without a word."""
    calypso.appliance.process.kill()
    for pid in processes_of(calypso.appliance.home):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not processes_of(calypso.appliance.home), 30, "it is gone")


def _addresses(box: Box) -> set[str]:
    found = box.get("/system/interfaces/eth0")["addresses"]
    return {each["address"] for each in found if not each["address"].startswith("fe80")}


def _diff_of(box: Box, operation: str) -> str:
    """All that the steps of an operation have on record."""
    return str(box.get(f"/operations/{operation}"))
