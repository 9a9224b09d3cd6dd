"""Zone, NTP, name and DNS over REST on the simulated box: plan, file, bus, ledger, drift; and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.system.models.time import NtpSource, TimeState
from apps.system.observe.names import look_at_names
from calypso.kernel import files
from calypso.kernel.alerts import rules
from calypso.kernel.models import Alert
from calypso.lab.etc import CHRONY
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.rest import Person, events_after, nothing_recorded, types_after
from tests.support.time_story import CONF, MINE, asked, look, refused, text

pytestmark = pytest.mark.django_db

# --- the story --------------------------------------------------------------------------------------------------------


def test_how_the_clock_is_kept_is_told(clock_admin: Person) -> None:
    time, ntp = clock_admin.get("/system/time"), clock_admin.get("/system/ntp")
    assert time.body["timezone"] == "Etc/UTC" and time.body["synchronised"] and time.body["utc_offset"] == 0
    assert time.headers["etag"] == f'"{time.body["version"]}"'
    assert (ntp.body["service"], ntp.body["path"], ntp.body["running"], ntp.body["enabled"]) == (
        *("chrony", CONF, True),
        True,
    )
    assert ntp.body["servers"] == [
        {"address": "2.debian.pool.ntp.org", "kind": "pool", "iburst": True, "prefer": False}
    ]
    assert [source["state"] for source in ntp.body["sources"]] == ["selected", *["combined"] * 3]
    assert abs(ntp.body["clock"]["offset"]) < 0.001 and ntp.body["drift"] == []
    assert "Europe/Berlin" in clock_admin.get("/system/time/zones").body["zones"]


def test_the_zone_is_set_and_read_back(clock_admin: Person) -> None:
    before = events_after(0)[-1].position
    operation = asked(clock_admin, "PUT", "time", {"timezone": "Europe/Berlin", "reason": "moved"})
    assert (operation.state, operation.error) == ("succeeded", None)
    assert "org.freedesktop.timedate1 SetTimezone sb" in operation.steps[0]["call"]
    assert types_after(before)[-2:] == ["TimezoneChanged", "OperationSucceeded"]
    with nothing_recorded():
        look()
    assert clock_admin.get("/system/time").body["timezone"] == "Europe/Berlin"


def test_other_servers_are_named_and_the_rest_of_the_file_is_kept(clock_admin: Person) -> None:
    before = events_after(0)[-1].position
    plan = clock_admin.ask("PATCH", "/system/ntp?dry_run=true", MINE).body
    assert plan["steps"][0]["diff"].splitlines()[3:] == [
        *("-pool 2.debian.pool.ntp.org iburst", "+server ntp1.example.org iburst", "+server 192.0.2.10 iburst prefer")
    ]
    assert plan["warnings"] and text() == CHRONY
    operation = asked(clock_admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error) == ("succeeded", None)
    assert [step["kind"] for step in operation.steps] == ["write", "ask"]
    new = "server ntp1.example.org iburst\nserver 192.0.2.10 iburst prefer\n"
    assert text() == CHRONY.replace("pool 2.debian.pool.ntp.org iburst\n", new)
    [changed] = events_after(before, "system.NtpServersChanged")
    assert [server["address"] for server in changed.data["servers"]] == ["ntp1.example.org", "192.0.2.10"]
    assert list(NtpSource.objects.order_by("number").values_list("address", flat=True)) == [
        *("ntp1.example.org", "192.0.2.10")
    ]
    with nothing_recorded():
        look_at_names(())


def test_ntp_is_switched_off_and_on(clock_admin: Person) -> None:
    asked(clock_admin, "PATCH", "ntp", {"enabled": False})
    ntp = clock_admin.get("/system/ntp").body
    assert (ntp["enabled"], ntp["running"], ntp["synchronised"], ntp["why"]) == (False, False, False, "off")
    operation = asked(clock_admin, "PATCH", "ntp", {"enabled": True, **MINE})
    assert operation.state == "succeeded", "switched on, the service reads its file anew: no restart"
    assert [step["kind"] for step in operation.steps] == ["write", "ask"]
    assert clock_admin.get("/system/ntp").body["enabled"]


def test_the_box_is_named(clock_admin: Person) -> None:
    operation = asked(clock_admin, "PUT", "hostname", {"hostname": "Calypso1.example.org"})
    assert operation.state == "succeeded"
    assert text("/etc/hosts") == "127.0.0.1\tlocalhost\n127.0.1.1\tcalypso1.example.org\n"
    assert clock_admin.get("/system/hostname").body["static"] == "calypso1.example.org"
    with nothing_recorded():
        look()


def test_dns_servers_are_set(clock_admin: Person) -> None:
    before = clock_admin.get("/system/dns").body
    assert (before["way"], before["servers"]) == ("resolved", ["10.0.2.3"])
    operation = asked(clock_admin, "PUT", "dns", {"servers": ["192.0.2.53", "2001:DB8::53"], "search": ["Example.org"]})
    assert (operation.state, operation.error) == ("succeeded", None)
    dns = clock_admin.get("/system/dns").body
    assert dns["servers"] == ["192.0.2.53", "2001:db8::53", "10.0.2.3"] and dns["missing"] == []
    assert text("/etc/systemd/resolved.conf.d/50-calypso.conf").endswith("Domains=\nDomains=example.org\n")


def test_without_resolved_the_file_itself_is_changed(clock_admin: Person) -> None:
    files.path("/etc/resolv.conf").unlink()
    files.path("/etc/resolv.conf").write_text("# mine\nnameserver 192.0.2.1\noptions rotate\n")
    look()
    assert asked(clock_admin, "PUT", "dns", {"servers": ["192.0.2.53"]}).state == "succeeded"
    assert text("/etc/resolv.conf") == "# mine\nnameserver 192.0.2.53\noptions rotate\n"
    files.path("/etc/resolv.conf").write_text("# Generated by NetworkManager\nnameserver 192.0.2.1\n")
    look()
    problem = refused(clock_admin, "PUT", "dns", {"servers": ["192.0.2.53"]})
    assert problem["code"] == "dns_managed_elsewhere" and "NetworkManager" in problem["title"]


# --- behind Calypso's back --------------------------------------------------------------------------------------------


def test_what_is_changed_outside_is_seen_and_is_drift(clock_admin: Person, clock_box: Box) -> None:
    asked(clock_admin, "PUT", "time", {"timezone": "Europe/Berlin"})
    with change(clock_box.path) as state:
        state["time"]["zone"] = "Asia/Tokyo"
    assert look() == 1
    drift = clock_admin.get("/system/time").body["drift"]
    assert drift == [{"field": "timezone", "wanted": "Europe/Berlin", "seen": "Asia/Tokyo"}]
    rules.evaluate("system")
    assert Alert.objects.standing().filter(rule="system.drift", resource="system.time").count() == 1
    asked(clock_admin, "PUT", "time", {"timezone": "Asia/Tokyo"})
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(rule="system.drift").exists()


def test_servers_that_fall_silent_are_told_at_once_and_an_alert_after_a_while(
    clock_admin: Person, clock_box: Box
) -> None:
    with change(clock_box.path) as state:
        state.setdefault("time", {})["synchronised"] = False
    assert look() == 1 and look() == 0
    assert clock_admin.get("/system/ntp").body["why"] == "no answer"
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(rule="system.clock").exists()
    TimeState.objects.update(since=timezone.now() - timedelta(minutes=3))
    rules.evaluate("system")
    assert Alert.objects.standing().get(rule="system.clock").title == "The clock is not synchronised"
    with change(clock_box.path) as state:
        state["time"]["synchronised"] = True
    look()
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(rule="system.clock").exists()
