"""The lab's logind, as far as the box's power goes: what is asked is kept, for a test or a person to see."""

from __future__ import annotations

from calypso.kernel.plans import Request
from calypso.lab.bus.errors import PROPERTIES, Answer, authorise, properties, unknown
from calypso.lab.state import State, clock

NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
ACTIONS = {"Reboot": "reboot", "PowerOff": "poweroff", "Halt": "halt"}


def answer(state: State, request: Request) -> Answer:
    if request.interface == PROPERTIES:
        preparing = bool(state.get("power", {}).get("action"))
        return properties(request, {"PreparingForShutdown": preparing, "PreparingForSleep": False}), []
    if request.member.removeprefix("Can") in ACTIONS and request.member.startswith("Can"):
        return ["challenge" if state["options"].get("bus") == "denies" else "yes"], []
    if request.member not in ACTIONS:
        unknown(request)
    authorise(state)
    state["power"] = {"action": ACTIONS[request.member], "at": clock(state)}
    return [], []
