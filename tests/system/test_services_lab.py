"""Services from the lab's systemd to REST: discovered, acted upon, failing, refused, and told of when they change."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps.system.models.services import Service, ServiceManager
from apps.system.observe import unit_signals, units
from calypso.kernel import executor, store
from calypso.kernel.actors import Role
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Operation
from calypso.lab.bus import units as lab_units
from calypso.lab.state import change
from tests.support.rest import Person, person

pytestmark = pytest.mark.process


@pytest.fixture
def systemd(db: None, box: Any) -> Any:
    """The lab's units, seen once."""
    assert units.look_at_all() == 2, "systemd answers, and its units were found"
    return box


def happens(unit: str, what: str, **options: Any) -> None:
    with change() as state:
        found = lab_units.find(state, unit)
        assert found is not None
        getattr(lab_units, what)(state, found, **options)


def types(after: int = 0) -> list[str]:
    rows = store.query("SELECT type FROM ledger.event WHERE position > %s ORDER BY position", [after])
    return [row[0].split(".")[1] for row in rows]


def ran(who: Person, unit: str, action: str, **body: Any) -> Operation:
    answer = who.post(f"/system/services/{unit}/{action}", {"reason": "test", **body})
    assert answer.status == 202, answer.body
    executor.run(answer.body["id"])
    return Operation.objects.get(pk=answer.body["id"])


def test_units_are_discovered_and_those_that_calypso_manages_come_first(systemd: Any) -> None:
    answer = person(Role.VIEWER).get("/system/services?limit=500").body
    names = [item["unit"] for item in answer["items"]]
    assert names[:2] == ["zfs-import-cache.service", "zfs-import-scan.service"]
    assert {"chrony.service", "ssh.service", "mhvtl.target", "sudo.service"} <= set(names)
    assert answer["manager"]["ok"] and answer["manager"]["systemd_version"].startswith("252")
    ranks = list(Service.objects.order_by("rank", "unit").values_list("part", flat=True))
    assert ranks.index("") > ranks.index("Time") > ranks.index("ZFS")
    before = store.position()
    assert units.look_at_all() == 0
    assert store.position() == before, "a look that finds nothing new writes nothing"


def test_one_unit_tells_its_properties_and_dependencies(systemd: Any) -> None:
    found = person(Role.VIEWER).get("/system/services/bacula-director.service").body
    assert (found["active"], found["sub"], found["file_state"]) == ("active", "running", "enabled")
    assert found["dependencies"]["requires"] == ["postgresql.service"]
    assert found["properties"]["MainPID"] > 0


def test_a_service_is_restarted_and_each_call_is_on_record(systemd: Any) -> None:
    before = store.position()
    operation = ran(person(Role.OPERATOR), "chrony.service", "restart")
    assert (operation.state, operation.error) == ("succeeded", None)
    step = operation.steps[0]
    assert step["call"].endswith('Manager RestartUnit ss "chrony.service" "replace"')
    assert step["exit_code"] == 0 and '"done"' in step["stdout"]
    assert types(before)[-3:] == ["ServiceActionDone", "OperationSucceeded", "ServiceStarted"]


def test_a_service_that_fails_tells_why(systemd: Any) -> None:
    happens("rsync.service", "put", broken="exit-code")
    operation = ran(person(Role.OPERATOR), "rsync.service", "start")
    assert (operation.state, operation.error["code"]) == ("failed", "unit_failed")
    assert "exited with status 1" in operation.error["message"]
    found = person(Role.VIEWER).get("/system/services/rsync.service").body
    assert (found["active"], found["why"]) == ("failed", "its main process exited with status 1")
    assert types().count("ServiceFailed") == 1 and types().count("AlertRaised") == 1


def test_enabling_is_configuration_and_can_be_planned_first(systemd: Any) -> None:
    admin = person(Role.ADMINISTRATOR)
    plan = admin.post("/system/services/rsync.service/enable?dry_run=true", {})
    assert plan.status == 200
    assert [step["member"] for step in plan.body["steps"]] == ["EnableUnitFiles", "Reload"]
    assert plan.body["steps"][0]["undo"]["member"] == "DisableUnitFiles"
    assert ran(admin, "rsync.service", "enable").state == "succeeded"
    assert Service.objects.get(pk="rsync.service").file_state == "enabled"
    assert ran(admin, "rsync.service", "mask").state == "succeeded"
    assert admin.post("/system/services/rsync.service/start", {}).body["code"] == "unit_masked"
    assert ran(admin, "rsync.service", "unmask").state == "succeeded"
    assert Service.objects.get(pk="rsync.service").load == "loaded"


def test_what_cuts_the_branch_takes_the_name_again(systemd: Any) -> None:
    operator = person(Role.OPERATOR)
    refused = operator.post("/system/services/systemd-networkd.service/restart", {})
    assert (refused.status, refused.body["code"]) == (422, "confirmation_needed")
    assert "network" in refused.body["title"]
    done = ran(operator, "systemd-networkd.service", "restart", confirm="systemd-networkd.service")
    assert done.state == "succeeded"


@pytest.mark.parametrize(
    ("unit", "action", "status", "code"),
    [
        ("nope.service", "start", 404, "no_such_unit"),
        ("sudo.service", "start", 409, "unit_masked"),
        ("../etc.service", "start", 422, "bad_unit_name"),
        ("a%2Fb.service", "stop", 422, "bad_unit_name"),
        ("a..b.service", "start", 422, "bad_unit_name"),
        ("ssh", "start", 422, "bad_unit_name"),
        ("chrony.service", "reload", 409, "not_reloadable"),
        ("dbus.service", "stop", 409, "not_by_hand"),
        ("fstrim.service", "enable", 409, "not_installable"),
        ("ssh.service", "enable", 409, "nothing_to_do"),
    ],
)
def test_what_can_not_be_done_is_refused_with_a_reason(
    systemd: Any, unit: str, action: str, status: int, code: str
) -> None:
    answer = person(Role.ADMINISTRATOR).post(f"/system/services/{unit}/{action}", {"confirm": unit})
    assert (answer.status, answer.body["code"]) == (status, code)


def set_bus(condition: str) -> None:
    with change() as state:
        state["options"]["bus"] = condition


@pytest.mark.parametrize(("condition", "code"), [("denies", "not_authorized"), ("away", "bus_missing")])
def test_a_bus_that_refuses_or_is_away_ends_the_operation_with_its_name(
    systemd: Any, condition: str, code: str
) -> None:
    set_bus(condition)
    operation = ran(person(Role.OPERATOR), "cron.service", "restart")
    assert (operation.state, operation.error["code"]) == ("failed", code)


def test_a_bus_that_is_away_is_recorded_once_and_its_return_too(systemd: Any) -> None:
    set_bus("away")
    for _ in range(2):
        with pytest.raises(CalypsoError):
            units.look_at_all()
    assert ServiceManager.objects.get().code == "bus_missing"
    set_bus("ok")
    before = store.position()
    units.look_at_all()
    assert types(before) == ["ServiceManagerChanged"]
    assert types().count("ServiceManagerChanged") == 3


def test_a_thousand_changes_are_heard_and_told_once(systemd: Any) -> None:
    """The observer's two threads, on the lab's signals: each change is heard, the unit is looked at at most twice."""
    from calypso.kernel import bus

    pace, stop, ready = unit_signals.Pace(), threading.Event(), threading.Event()
    heard = threading.Event()
    count = 0

    def hear(signal: bus.Signal) -> None:
        nonlocal count
        pace.hear(signal)
        count += 1
        if count >= 1:
            heard.set()

    def listen() -> None:
        bus.follow(unit_signals.RULES, stop, hear, on_ready=ready.set)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(20)
    for _ in range(20):
        happens("cron.service", "fail")
        happens("cron.service", "start")
    happens("cron.service", "fail")
    assert heard.wait(20)
    stop.set()
    thread.join(20)
    before = store.position()
    taken = pace.take()
    assert set(taken) == {"cron.service"}
    assert units.look_at(list(taken), taken) == 1
    assert types(before) == ["ServiceFailed"]
    assert pace.take() == {}
