"""What is done to a service → a plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.system.adapters.systemd import calls
from apps.system.domain.services import (
    Action,
    ServiceActionDone,
    ServiceEvent,
    UnitDisabled,
    UnitEnabled,
    UnitMasked,
    UnitUnmasked,
    service_address,
    service_stream,
)
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Ask, Call, Dependent, Outcome, Plan, Probe, Request, Step

JOB_DEADLINE, FILE_DEADLINE = 600.0, 60.0  # seconds; units have deadlines of their own, 90 s unless they say otherwise
NO_INSTALL = ("static", "generated", "transient", "indirect", "alias", "")
_MEMBERS = {"start": "StartUnit", "stop": "StopUnit", "restart": "RestartUnit", "reload": "ReloadUnit"}
_TITLES = {"start": "Start", "stop": "Stop", "restart": "Restart", "reload": "Reload the configuration of"}


@dataclass(frozen=True)
class ServiceFacts:
    """A unit as it is known. ``needed_by``: units that run and can't without it; ``branch``: why one would miss it."""

    unit: str
    load: str
    active: str
    file_state: str
    branch: str = ""
    needed_by: tuple[str, ...] = ()
    can_reload: bool = True
    refuses_start: bool = False
    refuses_stop: bool = False


def act(it: ServiceFacts, action: Action) -> Plan:
    """Start, stop, restart or reload. Raises Conflict."""
    _check_action(it, action)
    probe = {"start": "system.unit_active", "stop": "system.unit_stopped"}.get(action, "system.unit_started_since")
    if action == "reload":
        probe = "system.unit_reloaded"
    steps: list[Step] = [
        _ask(f"{_TITLES[action]} {it.unit}", calls.job(_MEMBERS[action], it.unit), probe, it, deadline=JOB_DEADLINE)
    ]
    if action in ("start", "restart"):
        steps.append(Call(title=f"See that {it.unit} runs", function="system.see_it_run", args={"unit": it.unit}))
    stops = it.needed_by if action in ("stop", "restart") else ()
    cuts = action in ("stop", "restart") and bool(it.branch)
    return _plan(it, steps, ServiceActionDone(unit=it.unit, action=action), stops=stops, cuts=cuts)


def _check_action(it: ServiceFacts, action: Action) -> None:
    if action != "stop":
        _check_startable(it)
    if action == "reload" and not it.can_reload:
        raise Conflict(f"“{it.unit}” can't reload its configuration.", code="not_reloadable", hint="Restart it.")
    if action == "reload" and it.active not in ("active", "reloading"):
        raise Conflict(f"“{it.unit}” does not run.", code="not_running", hint="Start it.")
    if (it.refuses_start and action in ("start", "restart")) or (it.refuses_stop and action in ("stop", "restart")):
        raise Conflict(f"“{it.unit}” is started and stopped by other units only.", code="not_by_hand")


def _check_startable(it: ServiceFacts) -> None:
    if it.load == "masked":
        raise Conflict(f"“{it.unit}” is masked: nothing can start it.", code="unit_masked", hint="Unmask it first.")
    if it.load in ("error", "bad-setting"):
        raise Conflict(
            f"The file of “{it.unit}” is not right.",
            code="bad_unit",
            hint="Correct the file; systemd's words are in its log.",
        )


def enable(it: ServiceFacts) -> Plan:
    """Has it started with the box. Raises Conflict."""
    if it.load == "masked":
        raise Conflict(f"“{it.unit}” is masked: nothing can start it.", code="unit_masked", hint="Unmask it first.")
    _check_installable(it)
    if it.file_state == "enabled":
        raise Conflict(f"“{it.unit}” is enabled already.", code="nothing_to_do")
    step = _ask(f"Enable {it.unit}", calls.enable(it.unit), "system.unit_file", it, state="enabled")
    return _file_plan(it, step, calls.disable(it.unit), UnitEnabled(unit=it.unit, file_state="enabled"))


def disable(it: ServiceFacts) -> Plan:
    """Has it not started with the box any more; it goes on running. Raises Conflict."""
    if it.load == "masked":
        raise Conflict(f"“{it.unit}” is masked.", code="unit_masked", hint="Unmask it first.")
    _check_installable(it)
    if it.file_state == "disabled":
        raise Conflict(f"“{it.unit}” is disabled already.", code="nothing_to_do")
    step = _ask(f"Disable {it.unit}", calls.disable(it.unit), "system.unit_file", it, state="disabled")
    fact = UnitDisabled(unit=it.unit, file_state="disabled")
    return _file_plan(it, step, calls.enable(it.unit), fact, cuts=bool(it.branch))


def mask(it: ServiceFacts) -> Plan:
    """Makes it impossible to start; what runs goes on running. Raises Conflict."""
    if it.file_state == "masked":
        raise Conflict(f"“{it.unit}” is masked already.", code="nothing_to_do")
    step = _ask(f"Mask {it.unit}", calls.mask(it.unit), "system.unit_file", it, state="masked")
    fact = UnitMasked(unit=it.unit, file_state="masked")
    return _file_plan(it, step, calls.unmask(it.unit), fact, cuts=bool(it.branch))


def unmask(it: ServiceFacts) -> Plan:
    """Makes it what it was before it was masked. Raises Conflict."""
    if it.file_state != "masked":
        raise Conflict(f"“{it.unit}” is not masked.", code="nothing_to_do")
    step = _ask(f"Unmask {it.unit}", calls.unmask(it.unit), "system.unit_file_other", it, state="masked")
    return _file_plan(it, step, calls.mask(it.unit), UnitUnmasked(unit=it.unit))


def _check_installable(it: ServiceFacts) -> None:
    if it.file_state in NO_INSTALL:
        raise Conflict(
            f"“{it.unit}” can't be enabled or disabled: its file does not say what should start it.",
            code="not_installable",
            hint="Other units start it, or nothing does." if it.file_state else "",
        )


def _file_plan(it: ServiceFacts, step: Ask, undo: Request, fact: ServiceEvent, *, cuts: bool = False) -> Plan:
    """systemd reads its files anew after each change of them, as systemctl has it do."""
    read = _ask("Have systemd read its files again", calls.reload_files(), "system.files_read", it)
    return _plan(it, [step.model_copy(update={"undo": undo}), read], fact, cuts=cuts)


def _ask(
    title: str, request: Request, probe: str, it: ServiceFacts, *, deadline: float = FILE_DEADLINE, **args: Any
) -> Ask:
    done = Probe(name=probe, args={"unit": it.unit, **args})
    return Ask(title=title, deadline=deadline, done=done, **dict(request))


def _plan(
    it: ServiceFacts, steps: list[Step], fact: ServiceEvent, *, stops: tuple[str, ...] = (), cuts: bool = False
) -> Plan:
    address = service_address(it.unit)
    warnings = [f"“{it.unit}” would be missed: {it.branch}."] if cuts else []
    if stops:
        warnings.append("Units that need it are stopped with it: " + ", ".join(stops) + ".")
    return Plan(
        title=steps[0].title,
        resources=(address,),
        steps=tuple(steps),
        outcome=(Outcome.of(service_stream(it.unit), fact),),
        stops=tuple(Dependent(kind="unit", name=unit, address=service_address(unit)) for unit in stops),
        warnings=tuple(warnings),
        confirm=it.unit if cuts else None,
        cuts=cuts,
    )
