"""ledctl(8) of ledmon 0.97: the locate lights of the bays. NVMe disks of the lab are in no enclosure."""

from __future__ import annotations

import sys

from calypso.lab import disks
from calypso.lab.state import State, change, read

CONTROLLER = "/sys/devices/pci0000:00/0000:00:05.0"
PATTERNS = ("locate", "locate_off", "normal", "off")
MISSING = 1


def main(argv: list[str]) -> int:
    words = [word for word in argv if not word.startswith("-")]
    given = {word for word in argv if word.startswith("-")}
    if given & {"-L", "--list-controllers"}:
        sys.stdout.write(f"{CONTROLLER} (SCSI)\n")
        return 0
    if "--list-slots" in given:
        return _slots(read())
    if not words:
        sys.stderr.write("Usage: ledctl [OPTIONS] pattern=list_of_devices ...\n")
        return MISSING
    with change() as state:
        return max(_switch(state, *word.partition("=")[::2]) for word in words)


def _switch(state: State, pattern: str, paths: str) -> int:
    if pattern not in PATTERNS:
        sys.stderr.write(f"ledctl: {pattern}: unknown pattern name.\n")
        return MISSING
    for path in paths.strip("{} ").replace(",", " ").split():
        disk = disks.by_path(state, path)
        if disk is None:
            sys.stderr.write(f"ledctl: Could not find {path}\n")
            return MISSING
        if disk["transport"] == "nvme":
            sys.stderr.write(f"ledctl: {path}: device not supported\n")
            return MISSING
        disk["locate"] = pattern == "locate"
    return 0


def _slots(state: State) -> int:
    for disk in state["disks"]:
        if disk["transport"] != "nvme":
            word = "LOCATE" if disk.get("locate") else "NORMAL"
            where = f"/dev/{disk['name']}" if disk["attached"] else "(empty)"
            sys.stdout.write(f"slot: {disk['slot']:<6} led state: {word:<12} device: {where}\n")
    return 0
