"""Plans on services as golden text files (GOLDEN=write writes them anew), what is refused, and the names of units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.system.adapters.systemd import calls, errors
from apps.system.domain.services import why_failed
from apps.system.domain.units import OTHER, branch_of, checked_name, is_shown, part_of
from apps.system.plans import services as plans
from apps.system.plans.services import ServiceFacts
from calypso.kernel.errors import CalypsoError, Invalid
from calypso.kernel.plans import Plan
from tests.support import golden_plans

CHRONY = ServiceFacts(unit="chrony.service", load="loaded", active="active", file_state="enabled")
DATABASE = replace(
    CHRONY,
    unit="postgresql.service",
    branch=branch_of("postgresql.service"),
    needed_by=("bacula-director.service",),
)
RSYNC = replace(CHRONY, unit="rsync.service", active="inactive", file_state="disabled")
MASKED = replace(RSYNC, load="masked", file_state="masked")

PLANS: dict[str, Callable[[], Plan]] = {
    "start": lambda: plans.act(RSYNC, "start"),
    "stop": lambda: plans.act(CHRONY, "stop"),
    "restart-what-others-need": lambda: plans.act(DATABASE, "restart"),
    "reload": lambda: plans.act(CHRONY, "reload"),
    "enable": lambda: plans.enable(RSYNC),
    "disable": lambda: plans.disable(CHRONY),
    "mask-what-would-be-missed": lambda: plans.mask(DATABASE),
    "unmask": lambda: plans.unmask(MASKED),
}


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_as_they_were_read(name: str) -> None:
    golden_plans.check("services", name, PLANS[name](), context="system")


def test_each_golden_plan_is_of_some_plan() -> None:
    golden_plans.nothing_left_over("services", PLANS, context="system")


REFUSED: list[tuple[str, Callable[[], Plan]]] = [
    ("unit_masked", lambda: plans.act(MASKED, "start")),
    ("unit_masked", lambda: plans.enable(MASKED)),
    ("unit_masked", lambda: plans.disable(MASKED)),
    ("bad_unit", lambda: plans.act(replace(CHRONY, load="bad-setting"), "restart")),
    ("not_reloadable", lambda: plans.act(replace(CHRONY, can_reload=False), "reload")),
    ("not_running", lambda: plans.act(RSYNC, "reload")),
    ("not_by_hand", lambda: plans.act(replace(CHRONY, refuses_stop=True), "restart")),
    ("not_by_hand", lambda: plans.act(replace(CHRONY, refuses_start=True), "start")),
    ("not_installable", lambda: plans.enable(replace(CHRONY, file_state="static"))),
    ("nothing_to_do", lambda: plans.enable(CHRONY)),
    ("nothing_to_do", lambda: plans.disable(RSYNC)),
    ("nothing_to_do", lambda: plans.mask(MASKED)),
    ("nothing_to_do", lambda: plans.unmask(RSYNC)),
]


@pytest.mark.parametrize(("code", "make"), REFUSED)
def test_what_makes_no_sense_is_refused(code: str, make: Callable[[], Plan]) -> None:
    with pytest.raises(CalypsoError) as caught:
        make()
    assert (caught.value.code, caught.value.status) == (code, 409)


def test_a_confirmed_loss_says_what_would_be_missed() -> None:
    plan = plans.act(DATABASE, "stop")
    assert (plan.confirm, plan.cuts, plan.destroys) == ("postgresql.service", True, None)
    assert "keeps its records" in plan.warnings[0]
    assert plan.stops[0].name == "bacula-director.service"
    assert plans.act(DATABASE, "start").confirm is None


# --- names ---

BAD = [
    "",
    "ssh",
    "a/b.service",
    "../x.service",
    "a..b.service",
    "..service",
    "x.service\n",
    "x y.service",
    "-rf",
    "x.nothing",
    "é.service",
    "x" * 250 + ".service",
    "*.service",
    "$(x).service",
    "a;b.service",
    "x.service\x00",
]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_name_of_a_unit_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_name(name)
    assert (caught.value.code, caught.value.field) == ("bad_unit_name", "name")


@pytest.mark.parametrize("name", ["ssh.service", "getty@tty1.service", "-.mount", "dev-sda\\x2d1.swap", "a:b_c.target"])
def test_a_name_of_a_unit_is_taken(name: str) -> None:
    assert checked_name(name) == name


def test_the_path_of_a_unit_is_systemds() -> None:
    """As recorded from `busctl introspect`."""
    assert calls.path_of("ssh.service") == "/org/freedesktop/systemd1/unit/ssh_2eservice"
    assert calls.path_of("9p.service") == "/org/freedesktop/systemd1/unit/_39p_2eservice"


@given(st.text("aZ09:_.\\@-", min_size=1, max_size=40).map("{}.service".format))
def test_a_unit_is_found_again_by_its_path(name: str) -> None:
    assert calls.unit_of(calls.path_of(name)) == name


def test_units_belong_to_parts_and_templates_are_no_units() -> None:
    assert [part_of(name)[1] for name in ("zfs-zed.service", "vtltape@11.service", "bareos-dir.service")] == [
        "ZFS",
        "MHVTL",
        "Bacula",
    ]
    assert part_of("ssh.service") == (OTHER, "") and branch_of("ssh.service") and not branch_of("cron.service")
    assert is_shown("mhvtl.target") and is_shown("ssh.service")
    assert not any(is_shown(name) for name in ("vtltape@.service", "multi-user.target", "dev-sda.device"))


# --- errors ---


@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("org.freedesktop.systemd1.NoSuchUnit", "Unit nope.service not found.", "no_such_unit"),
        ("org.freedesktop.DBus.Error.FileNotFound", "Unit file nope.service does not exist.", "no_such_unit"),
        ("org.freedesktop.systemd1.UnitMasked", "Unit smartmontools.service is masked.", "unit_masked"),
        ("org.freedesktop.systemd1.UnitExists", "File /etc/x already exists.", "unit_file_in_the_way"),
        ("org.freedesktop.systemd1.Manager.JobRemoved.failed", "it ended with “failed”", "unit_failed"),
        ("org.freedesktop.systemd1.Manager.JobRemoved.timeout", "it ended with “timeout”", "unit_timeout"),
    ],
)
def test_systemds_errors_are_named(name: str, message: str, code: str) -> None:
    request = calls.job("StartUnit", "nope.service")
    error = errors.error_from(request, name, message, "its main process exited with status 1")
    assert error is not None
    assert (error.code, "nope.service" in error.message, message in error.detail) == (code, True, True)
    assert errors.error_from(request, "org.freedesktop.DBus.Error.AccessDenied", "no") is None
    assert errors.unit_of_call(calls.enable("a.service")) == "a.service"


def test_the_reason_of_a_failure_is_told_in_words() -> None:
    """203: as recorded for a unit whose program is missing."""
    assert "could not be executed" in why_failed("exit-code", 203)
    assert why_failed("exit-code", 3) == "its main process exited with status 3"
    assert why_failed("signal", 9) == "its main process was ended by signal 9"
    assert why_failed("success", 0) == ""
    assert "new-result" in why_failed("new-result", 0)
