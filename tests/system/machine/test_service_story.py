"""A service of a real box is started, fails, is restarted, masked; who did it and what systemd said is on record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.box import REASON, Box, Refused
from tests.machine.managed import Managed
from tests.support.appliance import wait_for

pytestmark = pytest.mark.system

UNIT = "story.service"
TEXT = """[Unit]
Description=A service that needs a file
[Service]
Type=exec
ExecStart=/bin/sh -c 'test -e /run/story || exit 3; echo "the story begins"; exec sleep 3600'
[Install]
WantedBy=multi-user.target
"""


@pytest.fixture(scope="module")
def unit(calypso: Managed) -> Iterator[str]:
    """A unit that an administrator has put there, seen by Calypso; gone afterwards."""
    machine = calypso.machine
    machine.ok("sh", "-c", f"cat >/usr/lib/systemd/system/{UNIT} && systemctl daemon-reload", stdin=TEXT)
    with calypso.box() as box:
        box.until(lambda: box.items("/system/services", search=UNIT), "the unit is seen")
    yield UNIT
    machine.run("systemctl", "unmask", UNIT)
    machine.run("systemctl", "stop", UNIT)
    machine.ok("sh", "-c", f"rm /usr/lib/systemd/system/{UNIT} && systemctl daemon-reload")


@pytest.fixture
def box(calypso: Managed) -> Iterator[Box]:
    with calypso.box() as opened:
        yield opened


def active(box: Box, state: str) -> None:
    box.until(lambda: box.get(f"/system/services/{UNIT}")["active"] == state, f"{UNIT} is {state}")


def act(box: Box, action: str) -> None:
    box.ask("POST", f"/system/services/{UNIT}/{action}")


def test_started_failed_restarted(calypso: Managed, unit: str, box: Box) -> None:
    machine = calypso.machine
    with pytest.raises(Refused) as refused:
        act(box, "start")
    assert refused.value.operation is not None
    assert "3" in refused.value.words, refused.value.problem
    active(box, "failed")
    seen = box.get(f"/system/services/{unit}")
    assert (seen["result"], seen["exit_status"]) == ("exit-code", 3)
    failed = box.until(lambda: box.events("system.ServiceFailed", f"system.service.{unit}"), "it is on record")[0]
    assert failed["kind"] == "observation"
    assert "3" in failed["data"]["why"]

    machine.ok("touch", "/run/story")
    act(box, "restart")
    assert machine.ok("systemctl", "is-active", unit) == "active\n"
    active(box, "active")
    done = box.events("system.ServiceActionDone", f"system.service.{unit}")[0]
    assert (done["actor"], done["reason"], done["data"]["action"]) == ("user:admin", REASON, "restart")
    operation = str(box.get(f"/operations/{done['operation_id']}"))
    assert "org.freedesktop.systemd1" in operation
    assert "RestartUnit" in operation

    machine.ok("systemctl", "kill", "--signal=KILL", unit)
    active(box, "failed")
    again = box.events("system.ServiceFailed", f"system.service.{unit}")[0]
    assert again["position"] > done["position"]
    assert again["data"]["state"]["result"] == "signal"
    act(box, "start")
    active(box, "active")


def test_its_journal_is_read(unit: str, box: Box, calypso: Managed) -> None:
    calypso.machine.ok("touch", "/run/story")
    act(box, "restart")

    def read() -> str:
        return str(box.get(f"/system/services/{unit}/log"))

    box.until(lambda: "the story begins" in read(), "what it said is read")


def test_masked_it_can_not_be_started(calypso: Managed, unit: str, box: Box) -> None:
    act(box, "mask")
    assert calypso.machine.run("systemctl", "is-enabled", unit).stdout == "masked\n"
    box.until(lambda: box.get(f"/system/services/{unit}")["file_state"] == "masked", "it is seen masked")
    with pytest.raises(Refused) as refused:
        act(box, "restart")
    assert refused.value.code == "unit_masked"
    masked = box.events("system.UnitMasked", f"system.service.{unit}")[0]
    assert (masked["actor"], masked["reason"], masked["kind"]) == ("user:admin", REASON, "configuration")
    act(box, "unmask")
    wait_for(lambda: calypso.machine.run("systemctl", "is-enabled", unit).stdout == "disabled\n", 60, "unmasked")


def test_what_would_cut_the_branch_takes_its_name_again(calypso: Managed, box: Box) -> None:
    with pytest.raises(Refused) as refused:
        box.ask("POST", "/system/services/systemd-networkd.service/stop")
    assert "confirm" in refused.value.code, refused.value.problem
    assert calypso.machine.ok("systemctl", "is-active", "systemd-networkd") == "active\n"


@pytest.mark.parametrize(
    ("name", "code"), [("no-such.service", "no_such_unit"), ("..%2Fpasswd.service", "bad_unit_name")]
)
def test_names_that_are_none(box: Box, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        box.ask("POST", f"/system/services/{name}/start")
    assert refused.value.code == code
