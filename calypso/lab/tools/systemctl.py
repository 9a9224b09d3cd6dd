"""systemctl(1) of the lab, for the timers of systemd-run alone; services are asked for over D-Bus."""

from __future__ import annotations

import sys

from calypso.lab.state import change


def main(argv: list[str]) -> int:
    if argv[:1] in (["daemon-reload"], ["enable"]):
        return 0
    if argv[:1] == ["stop"]:
        names = {word.removesuffix(".timer") for word in argv[1:]}
        with change() as state:
            before = state.get("timers", [])
            state["timers"] = [timer for timer in before if timer["unit"] not in names]
        return 0
    sys.stderr.write(f"Unknown command verb {argv[0] if argv else ''}.\n")
    return 1
