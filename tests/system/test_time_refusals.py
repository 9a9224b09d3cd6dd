"""What of the clock, the name and DNS is refused, and what then stays as it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from calypso.kernel import files, shell
from calypso.kernel.actors import Role
from calypso.kernel.models import Operation
from calypso.lab.etc import CHRONY
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.rest import Person, finish, person, types_after
from tests.support.time_story import CONF, MINE, asked, look, refused, text

pytestmark = pytest.mark.django_db


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
    clock_admin: Person, method: str, path: str, body: Any, code: str, field: str | None
) -> None:
    problem = refused(clock_admin, method, path, body)
    assert (problem["code"], problem["field"]) == (code, field)
    assert text() == CHRONY


def test_before_anybody_has_looked_there_is_nothing_to_tell(box: Box) -> None:
    clock_admin = person(Role.ADMINISTRATOR)
    for path in ("time", "ntp", "hostname", "dns"):
        problem = clock_admin.get(f"/system/{path}").problem()
        assert (problem["status"], problem["code"]) == (404, "not_seen")
    assert refused(clock_admin, "PUT", "time", {"timezone": "Europe/Berlin"})["code"] == "not_seen"


def test_a_stale_version_is_refused(clock_admin: Person) -> None:
    answer = clock_admin.ask("PUT", "/system/time", {"timezone": "Europe/Berlin"}, HTTP_IF_MATCH='"1"')
    assert answer.problem()["code"] == "stale_version"


def test_without_a_time_service_it_says_so(clock_admin: Person, clock_box: Box, monkeypatch: Any) -> None:
    files.path(CONF).unlink()
    monkeypatch.setattr(shell, "find", lambda tool: None)
    with change(clock_box.path) as state:
        state.setdefault("time", {})["synchronised"] = False
    look()
    assert clock_admin.get("/system/ntp").body["service"] == ""
    assert refused(clock_admin, "PATCH", "ntp", MINE)["code"] == "no_time_service"


def test_a_service_that_is_stopped_is_told_apart(clock_admin: Person, clock_box: Box) -> None:
    with change(clock_box.path) as state:
        state.db.execute("UPDATE units SET active = 'failed', sub = 'failed' WHERE name = 'chrony.service'")
    look()
    ntp = clock_admin.get("/system/ntp").body
    assert (ntp["service"], ntp["running"], ntp["sources"]) == ("chrony", False, [])
    operation = asked(clock_admin, "PATCH", "ntp", MINE)
    assert (operation.state, len(operation.steps)) == ("succeeded", 1), "what does not run is not restarted"


def test_a_bus_that_is_away_is_told_and_refused_by_name(clock_admin: Person, clock_box: Box) -> None:
    clock_box.options(bus="away")
    look()
    time = clock_admin.get("/system/time").body
    assert (time["code"], time["synchronised"]) == ("bus_missing", True)
    assert refused(clock_admin, "PUT", "time", {"timezone": "Europe/Berlin"})["code"] == "bus_missing"
    assert refused(clock_admin, "PUT", "hostname", {"hostname": "x1"})["code"] == "bus_missing"


def test_what_polkit_denies_ends_the_operation_by_its_name(clock_admin: Person, clock_box: Box) -> None:
    clock_box.options(bus="denies")
    operation = asked(clock_admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error["code"]) == ("failed", "not_authorized")
    assert text() == CHRONY, "the file is as it was"


def test_a_file_with_an_error_of_its_own_is_left_alone_with_chronyds_words(clock_admin: Person) -> None:
    broken = CHRONY.replace("makestep 1 3", "makestop 1 3")
    files.path(CONF).write_text(broken)
    operation = asked(clock_admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error["code"]) == ("failed", "configuration_refused")
    line = broken.split("\n").index("makestop 1 3") + 2  # two servers in place of one pool
    assert f"Fatal error : Invalid directive at line {line} in file {CONF}" in operation.error["detail"]
    assert "as it is, too" in operation.error["hint"]
    assert text() == broken and "NtpServersChanged" not in types_after(operation.position)


def test_a_read_only_etc_is_named_and_nothing_is_changed(clock_admin: Person, monkeypatch: Any) -> None:
    opened = os.open

    def read_only(path: Any, flags: int, *more: Any, **others: Any) -> int:
        if flags & os.O_CREAT and "/root/etc/" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", read_only)
    operation = asked(clock_admin, "PATCH", "ntp", MINE)
    assert (operation.state, operation.error["code"]) == ("failed", "read_only_filesystem")
    assert text() == CHRONY and [p.name for p in Path(files.path("/etc/chrony")).glob(".*")] == []


def test_a_file_changed_between_plan_and_work_makes_the_plan_stale(clock_admin: Person) -> None:
    answer = clock_admin.ask("PATCH", "/system/ntp", MINE)
    files.path(CONF).write_text(f"{CHRONY}# theirs\n")
    finish(answer.body["id"])
    operation = Operation.objects.get(pk=answer.body["id"])
    assert (operation.state, operation.error["code"]) == ("failed", "stale_plan")
    assert text() == f"{CHRONY}# theirs\n"
