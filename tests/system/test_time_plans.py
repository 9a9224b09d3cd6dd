"""Plans of zone, NTP, name and DNS as golden text files: read golden/time/*.json like a change to the code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.system.domain.time import NtpServer
from apps.system.plans import names, time
from apps.system.plans.names import Resolver
from apps.system.plans.time import Clock
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Plan
from calypso.lab import etc
from tests.support import golden_plans

CHRONY, NTP = "/etc/chrony/chrony.conf", "/etc/ntpsec/ntp.conf"
CLOCK = Clock("Etc/UTC", ntp=True, can_ntp=True, service="chrony", running=True, path=CHRONY, unit="chrony.service")
THREE = [NtpServer(address=f"ntp{number}.example.org") for number in (1, 2, 3)]
RESOLVED = Resolver("resolved", "")

PLANS = {
    "zone": lambda: time.set_timezone(CLOCK, "Europe/Berlin", ["Europe/Berlin"]),
    "zone-as-it-is-now": lambda: time.set_timezone(replace(CLOCK, drifted=frozenset({"timezone"})), "Etc/UTC", ()),
    "servers": lambda: time.set_ntp(CLOCK, None, THREE),
    "servers-of-ntpd": lambda: time.set_ntp(
        replace(CLOCK, service="ntp", path=NTP, unit="ntpsec.service"), None, THREE
    ),
    "servers-of-a-stopped-service": lambda: time.set_ntp(replace(CLOCK, running=False), None, THREE),
    "no-servers": lambda: time.set_ntp(CLOCK, None, []),
    "servers-and-on": lambda: time.set_ntp(replace(CLOCK, ntp=False, running=False), True, THREE[:1]),
    "off": lambda: time.set_ntp(CLOCK, False, None),
    "hostname": lambda: names.set_hostname("appliance", "calypso1"),
    "hostname-of-an-unnamed-box": lambda: names.set_hostname("", "calypso1"),
    "dns-by-resolved": lambda: names.set_dns(RESOLVED, ["192.0.2.53"], ["example.org"]),
    "dns-by-the-file": lambda: names.set_dns(Resolver("file", ""), ["192.0.2.53"], []),
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    """A box as it is installed, with an ntpd beside."""
    settings.CALYPSO_BOX_ROOT = tmp_path / "root"
    etc.prepare(tmp_path / "root")
    ntp = tmp_path / "root" / NTP.lstrip("/")
    ntp.parent.mkdir()
    ntp.write_text("driftfile /var/lib/ntpsec/ntp.drift\nserver 127.127.28.0\npool 0.debian.pool.ntp.org iburst\n")
    resolv = tmp_path / "root/etc/resolv.conf"
    resolv.unlink()
    resolv.write_text("nameserver 192.0.2.1\n")
    return tmp_path / "root"


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("time", name, PLANS[name](), context="system")


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("time", PLANS, context="system")


def refusal(plan: Any) -> str:
    with pytest.raises(CalypsoError) as refused:
        made: Plan = plan()
        raise AssertionError(made.title)
    return refused.value.code


def test_refusals() -> None:
    nobody = replace(CLOCK, service="", path="", unit="", can_ntp=False, ntp=False)
    away = replace(CLOCK, code="bus_missing", message="There is no system bus.")
    assert refusal(lambda: time.set_ntp(nobody, None, THREE)) == "no_time_service"
    assert refusal(lambda: time.set_ntp(nobody, True, None)) == "no_time_service"
    assert refusal(lambda: time.set_ntp(away, False, None)) == "bus_missing"
    assert refusal(lambda: time.set_timezone(away, "Europe/Berlin", ())) == "bus_missing"
    assert refusal(lambda: names.set_dns(Resolver("other", "resolvconf"), [], [])) == "dns_managed_elsewhere"
    assert refusal(lambda: names.set_dns(RESOLVED, [f"192.0.2.{n}" for n in range(1, 10)], [])) == "too_many_servers"


def test_servers_of_a_stopped_service_can_be_named_without_a_bus() -> None:
    away = replace(CLOCK, code="bus_missing", message="There is no system bus.", ntp=False, running=False)
    assert refusal(lambda: time.set_ntp(replace(away, running=True), None, THREE)) == "bus_missing"
    assert [step.kind for step in time.set_ntp(away, None, THREE).steps] == ["write"]
