"""smartctl(8)'s command line. It prints JSON only: nothing in Calypso reads the text form."""

from __future__ import annotations

import getopt
import json
import os
import re
import sys
import time
from types import ModuleType
from typing import Any

from calypso.lab import disks
from calypso.lab.bays import Disk
from calypso.lab.options import UNPRIVILEGED
from calypso.lab.smart import ata, nvme, scsi
from calypso.lab.smart.state import Smart, abort_test, begin_test, kind_of, smart_of, supported
from calypso.lab.state import VARIABLE, State, change, clock, read

SHORT = "hVq:d:T:b:r:s:o:S:n:g:iHcAl:axv:P:BF:t:CXj"
LONG = (
    "help", "version", "all", "xall", "info", "health", "capabilities", "attributes", "log=", "test=", "abort",
    "nocheck=", "device=", "smart=", "json", "scan", "scan-open", "tolerance=", "captive",
)  # fmt: skip
NAMES = {
    "--all": "-a", "--xall": "-x", "--info": "-i", "--health": "-H", "--capabilities": "-c", "--attributes": "-A",
    "--log": "-l", "--test": "-t", "--abort": "-X", "--nocheck": "-n", "--device": "-d", "--json": "-j",
}  # fmt: skip
KINDS = {"short": "short", "long": "long", "extended": "long", "conveyance": "conveyance"}
USAGE, NOT_OPENED, COMMAND_FAILED, FAILING, PREFAIL, BAD_TESTS = 1, 2, 4, 8, 16, 128
PROTOCOLS = {"scsi": "SCSI", "sat": "ATA", "nvme": "NVMe"}
MODULES: dict[str, ModuleType] = {"scsi": scsi, "sat": ata, "nvme": nvme}


class Answer:
    """The JSON document; it is printed with the exit code in it."""

    def __init__(self, argv: list[str]) -> None:
        self.about: dict[str, Any] = {"version": [7, 3], "svn_revision": "5338"}
        self.about |= {"platform_info": "x86_64-linux-6.1.0-56-amd64", "build_info": "(local build)"}
        self.about["argv"] = ["smartctl", *argv]
        self.messages: list[dict[str, str]] = []
        self.rest: dict[str, Any] = {}

    def error(self, words: str, severity: str = "error") -> None:
        self.messages.append({"string": words, "severity": severity})

    def done(self, code: int, now: float | None) -> int:
        about = self.about | ({"messages": self.messages} if self.messages else {}) | {"exit_status": code}
        found: dict[str, Any] = {"json_format_version": [1, 0], "smartctl": about}
        if now is not None:
            asctime = time.strftime("%a %b %e %H:%M:%S %Y %Z", time.localtime(now))
            found["local_time"] = {"time_t": int(now), "asctime": asctime}
        sys.stdout.write(json.dumps(found | self.rest, indent=2) + "\n")
        return code


def main(argv: list[str]) -> int:
    """Run one command line; the exit code (a bit mask)."""
    if VARIABLE not in os.environ:
        sys.stderr.write(f"This is a stand-in of the lab: {VARIABLE} must name its state file\n")
        return USAGE
    answer = Answer(argv)
    try:
        pairs, operands = getopt.gnu_getopt(argv, SHORT, LONG)
    except getopt.GetoptError as error:
        sys.stdout.write(f"=======> UNRECOGNIZED OPTION: {error.opt}\n\nUse smartctl -h to get a usage summary\n\n")
        return USAGE
    options = [(NAMES.get(name, name), value) for name, value in pairs]
    given = {name for name, _ in options}
    if "-V" in given or "--version" in given:
        sys.stdout.write("smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.1.0-56-amd64] (local build)\n")
        return 0
    if "-j" not in given:
        sys.stderr.write("This stand-in of the lab prints JSON only: add -j\n")
        return USAGE
    state = read()
    if given & {"--scan", "--scan-open"}:
        answer.rest["devices"] = [_device(_controller(disk), disk) for disk in state["disks"] if _scanned(disk)]
        return answer.done(0, None)
    if len(operands) != 1:
        words = "smartctl requires a device name as the final command-line argument."
        answer.error(f"ERROR: {words}" if not operands else f"ERROR: smartctl takes ONE device name: {words}")
        return answer.done(USAGE, None)
    return _one(state, answer, operands[0], options)


def _scanned(disk: Disk) -> bool:
    return bool(disk["attached"] and disk["model"] != "virtio")


def _controller(disk: Disk) -> str:
    """NVMe disks are found by their controllers."""
    return "/dev/" + re.sub(r"(nvme\d+)n\d+$", r"\1", disk["name"])


def _type(disk: Disk) -> str:
    return "nvme" if disk["transport"] == "nvme" else "sat" if disk["transport"] == "sata" else "scsi"


def _device(path: str, disk: Disk) -> dict[str, Any]:
    kind = _type(disk)
    return {
        "name": path,
        "info_name": path + (" [SAT]" if kind == "sat" else ""),
        "type": kind,
        "protocol": PROTOCOLS[kind],
    }


def _one(state: State, answer: Answer, path: str, options: list[tuple[str, str]]) -> int:
    disk, now = disks.by_path(state, path), clock(state)
    wrong = "No such device" if disk is None else "Permission denied" if os.environ.get(UNPRIVILEGED) else ""
    if disk is not None and not wrong and disk["broken"]:
        wrong = "INQUIRY failed"
    if disk is None or wrong:
        answer.error(f"Smartctl open device: {path} failed: {wrong}")
        return answer.done(NOT_OPENED, now)
    if disk["model"] == "virtio":
        answer.error(f"{path}: Unable to detect device type")
        return answer.done(USAGE, now)
    answer.rest["device"] = _device(path, disk)
    code = 0
    for name, value in options:
        if name in ("-t", "-X"):
            code |= _test(answer, disk, name, value)
    if not any(name in ("-t", "-X") for name, _ in options):
        code |= _report(state, answer, disk, options)
    return answer.done(code, now)


def _test(answer: Answer, disk: Disk, name: str, kind: str) -> int:
    if name == "-t" and kind.split(",", maxsplit=1)[0] not in KINDS:
        answer.error(f"=======> INVALID ARGUMENT TO -t: {kind}")
        return USAGE
    if not supported(disk):
        return COMMAND_FAILED
    with change() as state:
        now = disks.named(state, disk["name"])
        running = smart_of(state, now).running
        if name == "-X":
            abort_test(state, now)
        elif running:
            left = 100 - int(100 * running.share)
            answer.error(f"Can't start self-test without aborting current test ({left}% remaining)")
            return COMMAND_FAILED
        elif kind == "conveyance" and _type(disk) != "sat":
            answer.error("Conveyance self-test not supported")
            return COMMAND_FAILED
        else:
            begin_test(state, now, KINDS[kind.split(",", maxsplit=1)[0]])
    return 0


def _report(state: State, answer: Answer, disk: Disk, options: list[tuple[str, str]]) -> int:
    given = {name for name, _ in options}
    logs = {value.split(",")[0] for name, value in options if name == "-l"}
    everything = bool(given & {"-a", "-x"})
    module, smart = MODULES[_type(disk)], smart_of(state, disk)
    if everything or "-i" in given:
        answer.rest |= module.info(disk, smart)
    if not supported(disk):
        if everything or "-A" in given:
            answer.rest |= scsi.attributes(disk, smart)
        return COMMAND_FAILED if everything or given & {"-H", "-A", "-l", "-c"} else 0
    if everything or "-H" in given:
        answer.rest |= module.health(smart)
    if (everything or "-c" in given) and module is ata:
        answer.rest |= ata.capabilities(disk, smart)
    if everything or "-A" in given:
        answer.rest |= module.attributes(disk, smart)
    if (everything or "error" in logs) and module is not nvme:
        answer.rest |= module.error_log(smart)
    if everything or "selftest" in logs:
        answer.rest |= module.tests(disk, smart)
    return _bits(module, smart, everything or "-H" in given, everything or "selftest" in logs)


def _bits(module: ModuleType, smart: Smart, health: bool, tests: bool) -> int:
    code = FAILING if health and not smart.passed else 0
    code |= PREFAIL if health and module is ata and ata.prefail(smart) else 0
    last = smart.ended[0] if smart.ended else None
    return code | (BAD_TESTS if tests and last and last.result == "failed" else 0)


def describe(state: State, disk: Disk) -> str:
    """One line for a person: health, temperature, hours."""
    smart = smart_of(state, disk)
    words = ["passed" if smart.passed else "failing", f"{smart.temperature} C", f"{smart.hours} h"]
    return f"{disk['name']} {kind_of(disk)}: {', '.join(words)}, {smart.reallocated} reallocated"
