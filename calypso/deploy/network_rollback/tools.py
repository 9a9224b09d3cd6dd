"""The box's own tools: those that read the files of the network, and systemd with its timers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .files import STATE, Box, Change, Refused, put_if_new

NAME = "calypso-network-rollback"
UNITS = "etc/systemd/system"
TOOL_SECONDS = 60.0  # that one tool may take
MADE_SECONDS = 10  # until a new interface is there
RENDERERS = ("netplan", "networkmanager", "ifupdown")


def put_in_force(change: Change, *, gone: list[str], back: bool) -> str:
    """Has the box's own tools read the files. Virtual interfaces that are no more are removed. What failed, or ""."""
    words = []
    for argv, needed in tools(change, gone, back):
        failed = run(argv)
        if failed and needed:
            words.append(failed)
            if not back:
                break
    return "\n".join(words)


def missing(names: list[str]) -> list[str]:
    """Interfaces that were to be made and are not there after a while: the kernel may not know their kind."""
    left = names
    for attempt in range(MADE_SECONDS):
        if attempt:
            time.sleep(1)
        left = [name for name in left if run(["ip", "link", "show", "dev", name])]
        if not left:
            break
    return left


def tools(change: Change, gone: list[str], back: bool) -> list[tuple[list[str], bool]]:
    """The commands, and whether their failure matters."""
    there = [name for name in change["interfaces"] if name not in gone]
    delete = [(["ip", "link", "delete", "dev", name], False) for name in gone]
    if change["renderer"] == "netplan":
        return [*delete, (["netplan", "apply"], True)]
    if change["renderer"] == "networkmanager":
        up = [(["nmcli", "--wait", "30", "connection", "up", "ifname", name], True) for name in there]
        return [(["nmcli", "connection", "reload"], True), *delete, *up]
    down = [(["ifdown", "--force", name], False) for name in [*gone, *there]]
    flush = [(["ip", "address", "flush", "dev", name, "scope", "global"], False) for name in there]
    return [*down, *flush, *delete, *((["ifup", name], True) for name in there)]


# --- systemd ----------------------------------------------------------------------------------------------------------


def install(box: Box) -> None:
    """A copy of this program, and the check at boot, where Calypso's own folder may not be there yet."""
    here, unit = Path(__file__).resolve().parent, f"{NAME}.service"
    for module in here.glob("*.py"):
        put_if_new(box.state / here.name / module.name, module.read_bytes(), 0o644)
    put_if_new(box.state / NAME, (here.parent / NAME).read_bytes(), 0o755)
    if put_if_new(box.root / UNITS / unit, (here.parent / "systemd" / unit).read_bytes(), 0o644):
        must(["systemctl", "daemon-reload"])
        must(["systemctl", "enable", unit])


def start_timer(box: Box, change: Change, seconds: int) -> None:
    """A timer of its own for each time, so that there is no moment without one."""
    before = list(change.get("timers", []))
    name = f"{NAME}-{change['id'][:8]}-{len(before)}"
    must(
        [
            "systemd-run",
            f"--unit={name}",
            f"--on-active={seconds}s",
            "--timer-property=AccuracySec=250ms",
            "--collect",
            "--quiet",
            "--",
            interpreter(),
            f"/{STATE}/{NAME}",
            "rollback",
            change["id"],
            "--cause",
            "timeout",
        ]
    )
    change["timers"] = [*before, name]
    box.keep(change)
    for old in before:
        run(["systemctl", "stop", f"{old}.timer"])


def stop_timers(change: Change) -> None:
    for name in change.get("timers", []):
        run(["systemctl", "stop", f"{name}.timer"])


def interpreter() -> str:
    """The system's own Python: Calypso's may be gone."""
    return "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


def must(argv: list[str]) -> None:
    if failed := run(argv):
        raise Refused("no_timer", f"systemd does not take the timer, so that nothing was changed. {failed}")


def run(argv: list[str]) -> str:
    """What a tool said when it failed, or ""."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=TOOL_SECONDS, check=False)
    except FileNotFoundError:
        return f"{argv[0]} is not on this machine."
    except subprocess.TimeoutExpired:
        return f"{argv[0]} did not finish in {TOOL_SECONDS:g} s."
    words = (done.stderr or done.stdout).strip()[-1500:]
    return "" if done.returncode == 0 else f"{' '.join(argv)}: exit code {done.returncode}. {words}".strip()
