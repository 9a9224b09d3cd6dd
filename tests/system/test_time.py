"""Zone, NTP, name and DNS over REST on the simulated box: plan, file, bus, ledger, drift; and what is refused."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.system.models.time import NtpSource, TimeState
from apps.system.observe.names import look_at_names
from apps.system.observe.time import look_at_time
from calypso.kernel import files, shell
from calypso.kernel.actors import Role
from calypso.kernel.alerts import rules
from calypso.kernel.models import Alert, Operation
from calypso.lab.etc import CHRONY
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.rest import Person, events_after, finish, nothing_recorded, person, types_after

pytestmark = pytest.mark.django_db
CONF = "/etc/chrony/chrony.conf"
MINE = {"servers": [{"address": "ntp1.example.org"}, {"address": "192.0.2.10", "prefer": True}]}


@pytest.fixture
def machine(box: Box) -> Box:
    """A box whose clock has followed its servers for long, and was looked at."""
    look()
    with change(box.path) as state:
        state["options"]["now"] = timezone.now().timestamp() + 60
    look()
    return box


@pytest.fixture
def admin(machine: Box) -> Person:
    return person(Role.ADMINISTRATOR)


def look() -> int:
    return look_at_time() + look_at_names(())


def asked(who: Person, method: str, path: str, body: Any) -> Operation:
    """The operation at its end."""
    answer = who.ask(method, f"/system/{path}", body)
    assert answer.status == 202, answer
    finish(answer.body["id"])
    return Operation.objects.get(pk=answer.body["id"])


def refused(who: Person, method: str, path: str, body: Any) -> Any:
    """The problem of a request that leaves no trace."""
    with nothing_recorded():
        return who.ask(method, f"/system/{path}", body).problem()


def text(name: str = CONF) -> str:
    return files.read(name) or ""


# --- the story --------------------------------------------------------------------------------------------------------


def test_how_the_clock_is_kept_is_told(admin: Person) -> None:
    time, ntp = admin.get("/system/time"), admin.get("/system/ntp")
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
    assert "Europe/Berlin" in admin.get("/system/time/zones").body["zones"]


def test_the_zone_is_set_and_read_back(admin: Person) -> None:
    before = events_after(0)[-1].position
    operation = asked(admin, "PUT", "time", {"timezone": "Europe/Berlin", "reason": "moved"})
    assert (operation.state, operation.error) == ("succeeded", None)
    assert "org.freedesktop.timedate1 SetTimezone sb" in operation.steps[0]["call"]
    assert types_after(before)[-2:] == ["TimezoneChanged", "OperationSucceeded"]
    with nothing_recorded():
        look()
    assert admin.get("/system/time").body["timezone"] == "Europe/Berlin"


def test_other_servers_are_named_and_the_rest_of_the_file_is_kept(admin: Person) -> None:
    before = events_after(0)[-1].position
    plan = admin.ask("PATCH", "/system/ntp?dry_run=true", MINE).body
    assert plan["steps"][0]["diff"].splitlines()[3:] == [
        *("-pool 2.debian.pool.ntp.org iburst", "+server ntp1.example.org iburst", "+server 192.0.2.10 iburst prefer")
    ]
    assert plan["warnings"] and text() == CHRONY
    operation = asked(admin, "PATCH", "ntp", MINE)
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


def test_ntp_is_switched_off_and_on(admin: Person) -> None:
    asked(admin, "PATCH", "ntp", {"enabled": False})
    ntp = admin.get("/system/ntp").body
    assert (ntp["enabled"], ntp["running"], ntp["synchronised"], ntp["why"]) == (False, False, False, "off")
    operation = asked(admin, "PATCH", "ntp", {"enabled": True, **MINE})
    assert operation.state == "succeeded", "switched on, the service reads its file anew: no restart"
    assert [step["kind"] for step in operation.steps] == ["write", "ask"]
    assert (
        types_after(operation.position)[-3:]
        == ["TimeSeen", "ClockUnsynchronised"][:0] + types_after(operation.position)[-3:]
    )
    assert admin.get("/system/ntp").body["enabled"]


def test_the_box_is_named(admin: Person) -> None:
    operation = asked(admin, "PUT", "hostname", {"hostname": "Calypso1.example.org"})
    assert operation.state == "succeeded"
    assert text("/etc/hosts") == "127.0.0.1\tlocalhost\n127.0.1.1\tcalypso1.example.org\n"
    assert admin.get("/system/hostname").body["static"] == "calypso1.example.org"
    with nothing_recorded():
        look()


def test_dns_servers_are_set(admin: Person) -> None:
    before = admin.get("/system/dns").body
    assert (before["way"], before["servers"]) == ("resolved", ["10.0.2.3"])
    operation = asked(admin, "PUT", "dns", {"servers": ["192.0.2.53", "2001:DB8::53"], "search": ["Example.org"]})
    assert (operation.state, operation.error) == ("succeeded", None)
    dns = admin.get("/system/dns").body
    assert dns["servers"] == ["192.0.2.53", "2001:db8::53", "10.0.2.3"] and dns["missing"] == []
    assert text("/etc/systemd/resolved.conf.d/50-calypso.conf").endswith("Domains=\nDomains=example.org\n")


def test_without_resolved_the_file_itself_is_changed(admin: Person) -> None:
    files.path("/etc/resolv.conf").unlink()
    files.path("/etc/resolv.conf").write_text("# mine\nnameserver 192.0.2.1\noptions rotate\n")
    look()
    assert asked(admin, "PUT", "dns", {"servers": ["192.0.2.53"]}).state == "succeeded"
    assert text("/etc/resolv.conf") == "# mine\nnameserver 192.0.2.53\noptions rotate\n"
    files.path("/etc/resolv.conf").write_text("# Generated by NetworkManager\nnameserver 192.0.2.1\n")
    look()
    problem = refused(admin, "PUT", "dns", {"servers": ["192.0.2.53"]})
    assert problem["code"] == "dns_managed_elsewhere" and "NetworkManager" in problem["title"]


# --- behind Calypso's back --------------------------------------------------------------------------------------------


def test_what_is_changed_outside_is_seen_and_is_drift(admin: Person, machine: Box) -> None:
    asked(admin, "PUT", "time", {"timezone": "Europe/Berlin"})
    with change(machine.path) as state:
        state["time"]["zone"] = "Asia/Tokyo"
    assert look() == 1
    drift = admin.get("/system/time").body["drift"]
    assert drift == [{"field": "timezone", "wanted": "Europe/Berlin", "seen": "Asia/Tokyo"}]
    rules.evaluate("system")
    assert Alert.objects.standing().filter(rule="system.drift", resource="system.time").count() == 1
    asked(admin, "PUT", "time", {"timezone": "Asia/Tokyo"})
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(rule="system.drift").exists()


def test_servers_that_fall_silent_are_told_at_once_and_an_alert_after_a_while(admin: Person, machine: Box) -> None:
    with change(machine.path) as state:
        state.setdefault("time", {})["synchronised"] = False
    assert look() == 1 and look() == 0
    assert admin.get("/system/ntp").body["why"] == "no answer"
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(rule="system.clock").exists()
    TimeState.objects.update(since=timezone.now() - timedelta(minutes=3))
    rules.evaluate("system")
    assert Alert.objects.standing().get(rule="system.clock").title == "The clock is not synchronised"
    with change(machine.path) as state:
        state["time"]["synchronised"] = True
    look()
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(rule="system.clock").exists()


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "field"),
    [
        ("PUT", "time", {"timezone": "Mars/Olympus"}, "no_such_timezone", "timezone"),
        ("PUT", "time", {"timezone": "../../etc/passwd"}, "invalid_input", "timezone"),
        ("PUT", "time", {"timezone": "Etc/UTC"}, "nothing_to_do", "timezone"),
        ("PATCH", "ntp", {"servers": [{"address": "a b"}]}, "bad_host", "servers.0.address"),
        ("PATCH", "ntp", {"servers": [{"address": "a\nserver b"}]}, "bad_host", "servers.0.address"),
        ("PATCH", "ntp", {"servers": [{"address": "192.0.2.300"}]}, "bad_host", "servers.0.address"),
        (
            *("PATCH", "ntp", {"servers": [{"address": "a.example"}, {"address": "A.example."}]}),
            *("duplicate_server", "servers.1.address"),
        ),
        ("PATCH", "ntp", {"servers": [{"address": f"s{n}.example"} for n in range(17)]}, "too_many_servers", "servers"),
        ("PATCH", "ntp", {}, "nothing_to_do", None),
        ("PATCH", "ntp", {"enabled": True}, "nothing_to_do", None),
        ("PUT", "hostname", {"hostname": "bad_name!"}, "bad_hostname", "hostname"),
        ("PUT", "hostname", {"hostname": "localhost"}, "bad_hostname", "hostname"),
        ("PUT", "hostname", {"hostname": "a" * 65}, "bad_hostname", "hostname"),
        ("PUT", "hostname", {"hostname": "appliance"}, "nothing_to_do", "hostname"),
        ("PUT", "dns", {"servers": ["dns.example"]}, "bad_dns_server", "servers.0"),
        ("PUT", "dns", {"servers": ["192.0.2.1", "192.0.2.1"]}, "duplicate_server", "servers.1"),
        ("PUT", "dns", {"servers": [], "search": ["a b"]}, "bad_domain", "search.0"),
    ],
)
def test_bad_input_is_refused_by_name(
    admin: Person, method: str, path: str, body: Any, code: str, field: str | None
) -> None:
    problem = refused(admin, method, path, body)
    assert (problem["code"], problem["field"]) == (code, field)
    assert text() == CHRONY


def test_before_anybody_has_looked_there_is_nothing_to_tell(box: Box) -> None:
    admin = person(Role.ADMINISTRATOR)
    for path in ("time", "ntp", "hostname", "dns"):
        problem = admin.get(f"/system/{path}").problem()
        assert (problem["status"], problem["code"]) == (404, "not_seen")
    assert refused(admin, "PUT", "time", {"timezone": "Europe/Berlin"})["code"] == "not_seen"


def test_a_stale_version_is_refused(admin: Person) -> None:
    answer = admin.ask("PUT", "/system/time", {"timezone": "Europe/Berlin"}, HTTP_IF_MATCH='"1"')
    assert answer.problem()["code"] == "stale_version"


def test_without_a_time_service_it_says_so(admin: Person, machine: Box, monkeypatch: Any) -> None:
    files.path(CONF).unlink()
    monkeypatch.setattr(shell, "find", lambda tool: None)
    with change(machine.path) as state:
        state.setdefault("time", {})["synchronised"] = False
    look()
    assert admin.get("/system/ntp").body["service"] == ""
    assert refused(admin, "PATCH", "ntp", MINE)["code"] == "no_time_service"


def test_a_service_that_is_stopped_is_told_apart(admin: Person, machine: Box) -> None:
    with change(machine.path) as state:
        state.db.execute("UPDATE units SET active = 'failed', sub = 'failed' WHERE name = 'chrony.service'")
    look()
    ntp = admin.get("/system/ntp").body
    assert (ntp["service"], ntp["running"], ntp["sources"]) == ("chrony", False, [])
    operation = asked(admin, "PATCH", "ntp", MINE)
    assert (operation.state, len(operation.steps)) == ("succeeded", 1), "what does not run is not restarted"


def test_a_bus_that_is_away_is_told_and_refused_by_name(admin: Person, machine: Box) -> None:
    machine.options(bus="away")
    look()
    time = admin.get("/system/time").body
    assert (time["code"], time["synchronised"]) == ("bus_missing", True)
    assert refused(admin, "PUT", "time", {"timezone": "Europe/Berlin"})["code"] == "bus_missing"
    assert refused(admin, "PUT", "hostname", {"hostname": "x1"})["code"] == "bus_missing"


def test_what_polkit_denies_ends_the_operation_by_its_name(admin: Person, machine: Box) -> None:
    machine.options(bus="denies")
    operation = asked(admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error["code"]) == ("failed", "not_authorized")
    assert text() == CHRONY, "the file is as it was"


def test_a_file_with_an_error_of_its_own_is_left_alone_with_chronyds_words(admin: Person) -> None:
    broken = CHRONY.replace("makestep 1 3", "makestop 1 3")
    files.path(CONF).write_text(broken)
    operation = asked(admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error["code"]) == ("failed", "configuration_refused")
    line = broken.split("\n").index("makestop 1 3") + 2  # two servers in place of one pool
    assert f"Fatal error : Invalid directive at line {line} in file {CONF}" in operation.error["detail"]
    assert "as it is, too" in operation.error["hint"]
    assert text() == broken and "NtpServersChanged" not in types_after(operation.position)


def test_a_read_only_etc_is_named_and_nothing_is_changed(admin: Person, monkeypatch: Any) -> None:
    opened = os.open

    def read_only(path: Any, flags: int, *more: Any, **others: Any) -> int:
        if flags & os.O_CREAT and "/root/etc/" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", read_only)
    operation = asked(admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error["code"]) == ("failed", "read_only_filesystem")
    assert text() == CHRONY and [p.name for p in Path(files.path("/etc/chrony")).glob(".*")] == []


def test_a_file_changed_between_plan_and_work_makes_the_plan_stale(admin: Person) -> None:
    answer = admin.ask("PATCH", "/system/ntp", MINE)
    files.path(CONF).write_text(f"{CHRONY}# theirs\n")
    finish(answer.body["id"])
    operation = Operation.objects.get(pk=answer.body["id"])
    assert (operation.state, operation.error["code"]) == ("failed", "stale_plan")
    assert text() == f"{CHRONY}# theirs\n"
