"""systemd-run(1) of the lab: with --on-active, a timer that runs its command once."""

from __future__ import annotations

import sys

from calypso.lab.state import change, clock


def main(argv: list[str]) -> int:
    options = dict(word[2:].partition("=")[::2] for word in argv if word.startswith("--"))
    command = argv[argv.index("--") + 1 :] if "--" in argv else []
    seconds = options.get("on-active", "")
    if not command or not seconds.endswith("s"):
        sys.stderr.write("Command line to execute required.\n")
        return 1
    program = command[1:] if command[0].endswith("python3") else command
    with change() as state:
        due = clock(state) + float(seconds.removesuffix("s"))
        state.setdefault("timers", []).append({"unit": options["unit"], "due": due, "argv": program})
    return 0
