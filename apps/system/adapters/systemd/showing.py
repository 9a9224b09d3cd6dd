"""What systemd shows of units, as values of ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.system.domain.services import UnitState
from apps.system.domain.units import is_shown

NOT_SET = 2**64 - 1  # what systemd shows of a figure that it does not have

DEPENDENCIES = {
    "requires": ("Requires", "Requisite", "BindsTo"),
    "wants": ("Wants",),
    "required_by": ("RequiredBy", "RequisiteOf", "BoundBy"),
    "wanted_by": ("WantedBy",),
    "part_of": ("PartOf",),
    "consists_of": ("ConsistsOf",),
    "after": ("After",),
    "before": ("Before",),
    "triggered_by": ("TriggeredBy",),
}
FIGURES = ("MainPID", "NRestarts", "MemoryCurrent", "CPUUsageNSec", "TasksCurrent")
ABILITIES = ("CanStart", "CanStop", "CanReload", "RefuseManualStart", "RefuseManualStop", "NeedDaemonReload")
WORDS = (
    "Type",
    "Restart",
    "FragmentPath",
    "SourcePath",
    "StatusText",
    "UnitFilePreset",
    "Documentation",
    "DropInPaths",
)


@dataclass(frozen=True)
class Listed:
    """A unit as lists have it. None: the list does not tell."""

    load: str | None
    active: str | None
    sub: str | None
    file_state: str | None


def listed(units: Sequence[Sequence[Any]], files: Sequence[Sequence[str]]) -> dict[str, Listed]:
    """The units to be shown, of ListUnits' and ListUnitFiles' replies. An alias is no unit of its own.

    A unit that is only named by others (not-found) is left out, unless it runs although its file is gone.
    """
    states = {path.rpartition("/")[2]: state for path, state in files}
    found = {
        name: Listed(load=None, active=None, sub=None, file_state=state)
        for name, state in states.items()
        if is_shown(name) and state != "alias"
    }
    for name, _, load, active, sub, *_ in units:
        if is_shown(name) and (load != "not-found" or active != "inactive"):
            found[name] = Listed(load=load, active=active, sub=sub, file_state=states.get(name))
    return found


def state_of(unit: str, shown: Mapping[str, Any]) -> UnitState:
    """A unit in full, of its properties."""
    since = int(shown.get("StateChangeTimestamp", 0))
    return UnitState(
        unit=unit,
        description=str(shown.get("Description", "")),
        load=str(shown.get("LoadState", "")),
        active=str(shown.get("ActiveState", "")),
        sub=str(shown.get("SubState", "")),
        file_state=str(shown.get("UnitFileState", "")),
        result=str(shown.get("Result", "success")),
        exit_code=int(shown.get("ExecMainCode", 0)),
        exit_status=int(shown.get("ExecMainStatus", 0)),
        since=datetime.fromtimestamp(since / 1_000_000, UTC) if since else None,
    )


def is_there(state: UnitState) -> bool:
    """Whether it is more than a name that somebody asked for."""
    return state.load != "not-found" or state.active != "inactive"


def details_of(shown: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Properties by their names with systemd, figures null where it has none; and dependencies by kind."""
    figures = {name: value if (value := shown.get(name)) != NOT_SET else None for name in FIGURES}
    others = {name: shown[name] for name in (*ABILITIES, *WORDS) if name in shown}
    problem = shown.get("LoadError", ["", ""])
    dependencies = {
        kind: sorted({str(unit) for name in names for unit in shown.get(name, ())})
        for kind, names in DEPENDENCIES.items()
    }
    return {**figures, **others, "LoadError": problem[1] if len(problem) > 1 else ""}, dependencies
