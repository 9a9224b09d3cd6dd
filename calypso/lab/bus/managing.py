"""The lab's systemd (PID 1) as it answers on the bus: the manager's methods, and units as objects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from calypso.kernel.plans import Request
from calypso.lab import etc
from calypso.lab.bus import units
from calypso.lab.bus.errors import BUS, PROPERTIES, SYSTEMD, Answer, Body, Failed, authorise, properties, unknown
from calypso.lab.bus.units import Unit
from calypso.lab.state import State

NAME, PATH = SYSTEMD, "/org/freedesktop/systemd1"
MANAGER = f"{SYSTEMD}.Manager"
_VALID = re.compile(r"[A-Za-z0-9:_.\\@-]{1,255}\.(service|socket|target|timer|mount|device|path|slice|scope|swap)")


def answer(state: State, request: Request) -> Answer:
    if request.interface == PROPERTIES:
        if request.path == PATH:
            return properties(request, {"Version": "252.39-1~deb12u2", "SystemState": _system_state(state)}), []
        return properties(request, shown(_at(state, request.path))), []
    if request.member in JOBS:
        authorise(state)
        return _job(state, request)
    if request.member in FILES:
        authorise(state)
        return FILES[request.member](state, request), []
    if request.member in READS:
        return READS[request.member](state, request), []
    return unknown(request)


def path_of(name: str) -> str:
    """The object of a unit: what is no letter or digit is escaped (systemd's bus_path_encode)."""
    safe = "".join(
        c if c.isascii() and c.isalnum() and (i or not c.isdigit()) else f"_{ord(c):02x}" for i, c in enumerate(name)
    )
    return f"{PATH}/unit/{safe}"


def name_of(path: str) -> str:
    return re.sub(r"_([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), path.rpartition("/")[2])


def row(unit: Unit) -> list[Any]:
    """The unit as ListUnits has it."""
    states = [unit["load"], unit["active"], unit["sub"], ""]
    return [unit["name"], unit["description"], *states, path_of(unit["name"]), 0, "", "/"]


def shown(unit: Unit) -> dict[str, Any]:
    """All properties of a unit that Calypso looks at."""
    since = int(unit["since"] * 1_000_000)
    active = unit["active"] == "active"
    return {
        "Id": unit["name"],
        "Names": [unit["name"]],
        "Description": unit["description"],
        "LoadState": unit["load"],
        "LoadError": ["", ""],
        "ActiveState": unit["active"],
        "SubState": unit["sub"],
        "UnitFileState": unit["file_state"],
        "UnitFilePreset": "enabled",
        "FragmentPath": f"/lib/systemd/system/{unit['name']}" if unit["load"] == "loaded" else "",
        "StateChangeTimestamp": since,
        "ActiveEnterTimestamp": since if active else 0,
        "InactiveEnterTimestamp": 0 if active else since,
        "InvocationID": list(bytes.fromhex(unit["invocation"])),
        "CanStart": unit["load"] == "loaded",
        "CanStop": unit["load"] == "loaded",
        "CanReload": bool(unit["reloads"]),
        "RefuseManualStart": False,
        "RefuseManualStop": unit["name"] in ("dbus.service", "systemd-journald.service"),
        "NeedDaemonReload": False,
        "Requires": json.loads(unit["needs"]),
        "Wants": [],
        "RequiredBy": [],
        "WantedBy": ["multi-user.target"] if unit["file_state"] == "enabled" else [],
        "After": json.loads(unit["needs"]),
        "Before": [],
        "Result": unit["result"],
        "ExecMainCode": unit["code"],
        "ExecMainStatus": unit["status"],
        "ExecMainPID": unit["pid"],
        "MainPID": unit["pid"],
        "NRestarts": unit["restarts"],
        "MemoryCurrent": 8_388_608 if unit["pid"] else 2**64 - 1,
        "CPUUsageNSec": 12_000_000 if unit["pid"] else 2**64 - 1,
        "TasksCurrent": 2 if unit["pid"] else 2**64 - 1,
        "Restart": "on-failure",
        "Type": "simple",
        "StatusText": "",
    }


def changed(unit: Unit) -> tuple[str, str, str, Body]:
    """The signal that tells of a unit's change."""
    values = {"ActiveState": unit["active"], "SubState": unit["sub"], "StateChangeTimestamp": int(unit["since"] * 1e6)}
    return path_of(unit["name"]), PROPERTIES, "PropertiesChanged", (f"{SYSTEMD}.Unit", values, [])


def _at(state: State, path: str) -> Unit:
    name = name_of(path)
    found = units.find(state, name)
    if found is None and not _VALID.fullmatch(name):
        raise Failed(f"{BUS}.UnknownObject", f"Unknown object '{path}'.")
    return found or _absent(name)


def _absent(name: str) -> Unit:
    empty = {"description": name, "load": "not-found", "active": "inactive", "sub": "dead", "file_state": ""}
    numbers = {"code": 0, "status": 0, "since": 0.0, "pid": 0, "restarts": 0, "reloads": 0, "changed": 0}
    return {"name": name, **empty, **numbers, "result": "success", "invocation": "", "needs": "[]", "broken": ""}


def _loaded(state: State, name: str, words: str = "not found") -> Unit:
    if not _VALID.fullmatch(name):
        raise Failed(f"{BUS}.InvalidArgs", f"Unit name {name} is neither a valid invocation ID nor unit name.")
    unit = units.find(state, name)
    if unit is None:
        raise Failed(f"{SYSTEMD}.NoSuchUnit", f"Unit {name} {words}.")
    return unit


def _job(state: State, request: Request) -> Answer:
    """A job that has ended when its reply is read: systemd's is only begun by then, and ends with the same signal."""
    name, verb = str(request.body[0]), JOBS[request.member]
    unit = _loaded(state, name, "not loaded" if verb in ("stop", "reload") else "not found")
    if unit["load"] == "masked" and verb != "stop":
        raise Failed(f"{SYSTEMD}.UnitMasked", f"Unit {name} is masked.")
    if unit["load"] == "error":
        words = f"Unit {name} failed to load properly, please adjust/correct and reload service manager: Bad message"
        raise Failed(f"{SYSTEMD}.BadUnitSetting", words)
    if verb == "reload" and not unit["reloads"]:
        words = f"Job type reload is not applicable for unit {name}."
        raise Failed(f"{SYSTEMD}.JobTypeNotApplicable", words)
    result = _carried_out(state, unit, verb)
    number = int(state.get("jobs", 100)) + 1
    state["jobs"] = number
    job = f"{PATH}/job/{number}"
    return [job], [(PATH, MANAGER, "JobRemoved", (number, job, name, result))]


def _carried_out(state: State, unit: Unit, verb: str) -> str:
    if verb == "start" and unit["active"] == "active":
        return "done"
    if verb == "stop":
        return units.stop(state, unit) if unit["active"] != "inactive" else "done"
    if verb == "reload":
        units.put(state, unit)
        return "done"
    result = units.start(state, unit)
    if result == "done":
        etc.started(unit["name"])
    return result


def _files(file_state: str, link: str) -> Callable[[State, Request], list[Any]]:
    def change(state: State, request: Request) -> list[Any]:
        changes = []
        for name in request.body[0]:
            unit = units.find(state, name)
            if unit is None:
                raise Failed(f"{BUS}.FileNotFound", f"Unit file {name} does not exist.")
            if unit["file_state"] == "masked" and file_state == "enabled":
                raise Failed(f"{SYSTEMD}.UnitMasked", f"Unit {name} is masked.")
            if unit["file_state"] not in ("static", file_state) or file_state == "masked":
                load = "masked" if file_state == "masked" else "loaded"
                units.put(state, unit, file_state=file_state, load=load)
                folder = "" if "mask" in request.member.lower() else "multi-user.target.wants/"
                changes.append([link, f"/etc/systemd/system/{folder}{name}", ""])
        return [True, changes] if request.member == "EnableUnitFiles" else [changes]

    return change


def _list_files(state: State, request: Request) -> list[Any]:
    return [[[f"/lib/systemd/system/{u['name']}", u["file_state"]] for u in units.everything(state) if u["file_state"]]]


def _by_names(state: State, request: Request) -> list[Any]:
    return [[row(units.find(state, name) or _absent(name)) for name in request.body[0]]]


def _list(state: State, request: Request) -> list[Any]:
    """Those that are loaded: what is neither active nor wanted by something is not."""
    return [[row(u) for u in units.everything(state) if u["active"] != "inactive" or u["file_state"] == "enabled"]]


def _reset_failed(state: State, request: Request) -> list[Any]:
    authorise(state)
    unit = _loaded(state, str(request.body[0]), "not loaded")
    if unit["active"] == "failed":
        units.put(state, unit, active="inactive", sub="dead", result="success")
    return []


def _system_state(state: State) -> str:
    return "degraded" if any(u["active"] == "failed" for u in units.everything(state)) else "running"


JOBS = {"StartUnit": "start", "StopUnit": "stop", "RestartUnit": "restart", "ReloadUnit": "reload"}
FILES = {
    "EnableUnitFiles": _files("enabled", "symlink"),
    "DisableUnitFiles": _files("disabled", "unlink"),
    "MaskUnitFiles": _files("masked", "symlink"),
    "UnmaskUnitFiles": _files("disabled", "unlink"),
}
READS: dict[str, Callable[[State, Request], list[Any]]] = {
    "ListUnits": _list,
    "ListUnitsByNames": _by_names,
    "ListUnitFiles": _list_files,
    "GetUnit": lambda state, request: [path_of(_loaded(state, str(request.body[0]), "not loaded")["name"])],
    "LoadUnit": lambda state, request: [path_of(str(request.body[0]))],
    "ResetFailedUnit": _reset_failed,
    "Subscribe": lambda state, request: [],
    "Reload": lambda state, request: [],
}
