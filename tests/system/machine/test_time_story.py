"""The clock and the names of a real box are set, and read back from the box itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.box import REASON, Box, Json
from tests.machine.machine import FAR, Machine
from tests.machine.managed import Managed

pytestmark = pytest.mark.system

CHRONY = "/etc/chrony/chrony.conf"


@pytest.fixture
def box(calypso: Managed) -> Iterator[Box]:
    with calypso.box() as opened:
        opened.until(lambda: _sees(opened), "the clock is seen")
        yield opened


def _sees(box: Box) -> bool:
    return box.http.get("/system/time").status_code == 200 and box.http.get("/system/hostname").status_code == 200


def by_admin(box: Box, event: str) -> Json:
    """The latest event of such a type, which an administrator caused, with a reason."""
    found = box.events(event)[0]
    assert (found["actor"], found["reason"], found["kind"]) == ("user:admin", REASON, "configuration")
    return found


def recorded(box: Box, event: Json) -> str:
    """All that the operation behind an event has on record."""
    return str(box.get(f"/operations/{event['operation_id']}"))


def test_the_zone_is_set(machine: Machine, box: Box) -> None:
    box.ask("PUT", "/system/time", {"timezone": "Europe/Vienna"})
    assert machine.ok("timedatectl", "show", "--property=Timezone", "--value") == "Europe/Vienna\n"
    assert machine.ok("readlink", "/etc/localtime").endswith("/zoneinfo/Europe/Vienna\n")
    changed = by_admin(box, "system.TimezoneChanged")
    assert changed["data"]["timezone"] == "Europe/Vienna"
    assert "SetTimezone" in recorded(box, changed)
    box.until(lambda: box.get("/system/time")["timezone"] == "Europe/Vienna", "it is seen")


def test_the_servers_are_set_and_asked(machine: Machine, box: Box) -> None:
    before = machine.ok("cat", CHRONY)
    box.ask("PATCH", "/system/ntp", {"servers": [{"address": FAR}, {"address": "10.77.0.9", "prefer": True}]})
    after = machine.ok("cat", CHRONY)
    assert [line for line in after.splitlines() if line.startswith(("server", "pool"))] == [
        f"server {FAR} iburst",
        "server 10.77.0.9 iburst prefer",
    ]
    kept = [line for line in before.splitlines() if not line.startswith("pool")]
    assert [line for line in after.splitlines() if not line.startswith("server")] == kept
    assert FAR in machine.ok("chronyc", "-n", "sources")
    changed = by_admin(box, "system.NtpServersChanged")
    assert f"+server {FAR} iburst" in recorded(box, changed)
    box.until(lambda: {each["address"] for each in box.get("/system/ntp")["sources"]} == {FAR, "10.77.0.9"}, "asked")


def test_ntp_is_switched_off_and_on(machine: Machine, box: Box) -> None:
    box.ask("PATCH", "/system/ntp", {"enabled": False})
    assert machine.ok("timedatectl", "show", "--property=NTP", "--value") == "no\n"
    assert machine.run("systemctl", "is-active", "chrony").stdout == "inactive\n"
    assert "SetNTP" in recorded(box, by_admin(box, "system.NtpDisabled"))
    box.until(lambda: not box.get("/system/ntp")["enabled"], "it is seen off")
    box.ask("PATCH", "/system/ntp", {"enabled": True})
    assert machine.ok("systemctl", "is-active", "chrony") == "active\n"
    by_admin(box, "system.NtpEnabled")


def test_a_clock_that_nobody_keeps_is_told(box: Box) -> None:
    """No server answers here."""
    box.until(lambda: box.get("/system/ntp")["synchronised"] is False, "it is seen")
    assert box.get("/system/time")["why"]


def test_the_name_is_set(machine: Machine, box: Box) -> None:
    box.ask("PUT", "/system/hostname", {"hostname": "vault7"})
    assert machine.ok("hostnamectl", "hostname") == "vault7\n"
    assert machine.ok("cat", "/etc/hostname") == "vault7\n"
    assert "vault7" in machine.ok("cat", "/etc/hosts")
    assert by_admin(box, "system.HostnameChanged")["data"]["hostname"] == "vault7"


def test_dns_servers_are_set(machine: Machine, box: Box) -> None:
    box.ask("PUT", "/system/dns", {"servers": ["10.77.0.1", "10.77.0.8"], "search": ["example.org"]})
    text = machine.ok("cat", "/etc/resolv.conf")
    assert [line for line in text.splitlines() if line.startswith("nameserver")] == [
        "nameserver 10.77.0.1",
        "nameserver 10.77.0.8",
    ]
    assert "search example.org" in text
    by_admin(box, "system.DnsChanged")
