"""The lab's hostnamed."""

from __future__ import annotations

from typing import Any

from calypso.kernel.plans import Request
from calypso.lab.bus.errors import PROPERTIES, Answer, authorise, unknown
from calypso.lab.bus.errors import properties as answered
from calypso.lab.state import State

NAME, PATH = "org.freedesktop.hostname1", "/org/freedesktop/hostname1"
SETTERS = {
    "SetHostname": "Hostname",
    "SetStaticHostname": "StaticHostname",
    "SetPrettyHostname": "PrettyHostname",
    "SetDeployment": "Deployment",
    "SetLocation": "Location",
}


def answer(state: State, request: Request) -> Answer:
    if request.interface == PROPERTIES:
        return answered(request, properties(state)), []
    if request.member not in SETTERS:
        unknown(request)
    authorise(state)
    kept = state.setdefault("host", {})
    kept[SETTERS[request.member]] = str(request.body[0])
    if request.member == "SetStaticHostname":
        kept["Hostname"] = str(request.body[0])
    return [], []


def properties(state: State) -> dict[str, Any]:
    return {
        "Hostname": "appliance",
        "StaticHostname": "appliance",
        "PrettyHostname": "",
        "Deployment": "",
        "Location": "",
        "Chassis": "server",
        "KernelName": "Linux",
        "OperatingSystemPrettyName": "Debian GNU/Linux 12 (bookworm)",
        **state.get("host", {}),
    }
