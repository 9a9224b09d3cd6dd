"""`manage.py lab`: what befalls units, the bus over which they are asked for, and NTP servers."""

from __future__ import annotations

from typing import Any

from calypso.lab import journal
from calypso.lab.bus import units
from calypso.lab.state import State

VERBS = ("unit", "bus", "ntp")
ACTIONS = {
    "start": "start it, as if by hand",
    "stop": "stop it",
    "fail": "let it fail",
    "break": "let each start of it fail from now on",
    "mend": "let it start again",
    "flap": "let it fail and start so many times",
    "log": "let it write a line so many times",
    "rotate": "keep only so many lines of the whole journal",
    "add": "a further unit of this name, or so many of such names",
}
CONDITIONS = ("ok", "away", "hangs", "denies")


def add_verbs(actions: Any) -> None:
    """The sub-commands."""
    unit = actions.add_parser("unit", help="what befalls a unit: " + ", ".join(ACTIONS))
    unit.add_argument("what", choices=ACTIONS)
    unit.add_argument("unit", help="its whole name, such as cron.service")
    unit.add_argument("text", nargs="?", default="", help="what it writes, or why it fails: exit-code, signal, timeout")
    unit.add_argument("--times", type=int, default=1)
    unit.add_argument("--priority", type=int, default=6, help="0 emerg … 7 debug")
    bus = actions.add_parser("bus", help="how the system's bus goes: " + ", ".join(CONDITIONS))
    bus.add_argument("condition", choices=CONDITIONS)
    ntp = actions.add_parser("ntp", help="whether the NTP servers answer")
    ntp.add_argument("condition", choices=("answers", "lost"))


def act(state: State, action: str, options: dict[str, Any]) -> str:
    """Do it; what to tell. Raises LookupError for a unit that is not there."""
    if action == "bus":
        state["options"]["bus"] = options["condition"]
        return f"bus: {options['condition']}"
    if action == "ntp":
        state.setdefault("time", {})["synchronised"] = options["condition"] == "answers"
        return f"NTP servers: {options['condition']}"
    units.ensure(state)
    return _unit(state, options["what"], options["unit"], options)


def _unit(state: State, what: str, name: str, options: dict[str, Any]) -> str:
    times, text = options["times"], options["text"]
    if what == "rotate":
        journal.rotate(state, times)
        return f"journal: {times} lines kept"
    if what == "add":
        for number in range(times):
            units.add(state, name if times == 1 else name.replace(".", f"-{number:03}.", 1))
        return f"{times} units added"
    unit = units.find(state, name)
    if unit is None:
        raise LookupError(f"There is no unit “{name}” in the lab.")
    if what == "log":
        for number in range(times):
            line = f"{text} {number}" if times > 1 else text
            identifier = name.partition(".")[0]
            journal.write(
                state, name, line, priority=options["priority"], identifier=identifier, pid=unit["pid"] or 999
            )
        return f"{name}: {times} lines written"
    if what == "flap":
        for _ in range(times):
            units.fail(state, unit, text or "exit-code")
            units.start(state, unit)
    elif what in ("start", "stop"):
        (units.start if what == "start" else units.stop)(state, unit)
    elif what == "fail":
        units.fail(state, unit, text or "exit-code")
    else:
        units.put(state, unit, broken="" if what == "mend" else text or "exit-code")
    return f"{name}: {unit['active']} ({unit['sub']})"
