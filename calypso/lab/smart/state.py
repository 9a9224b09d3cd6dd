"""The SMART values of a disk: what the state keeps (faults, tests), and what follows from its name and the clock."""

from __future__ import annotations

import math
import os
import zlib
from dataclasses import dataclass
from typing import Any

from calypso.lab.bays import Disk
from calypso.lab.state import State, clock

VARIABLE = "CALYPSO_LAB_SELFTEST_SECONDS"
SECONDS = {"short": 20.0, "long": 120.0, "conveyance": 40.0}  # of the lab; a real long test takes hours
YEAR_2026 = 1_767_225_600
MOST_HOURS = 20_000  # that a disk may have run before 2026
KEPT = 20  # self-tests in a disk's log
TEMPERATURES = {"hdd": 31.0, "ssd": 35.0, "nvme": 38.0}


@dataclass(frozen=True)
class Test:
    """A self-test. result: running, passed, failed or aborted; share: how much of it is done, 0 to 1."""

    kind: str
    result: str
    share: float
    hours: int


@dataclass(frozen=True)
class Smart:
    """A disk now. temperature: Celsius. tests: the newest first."""

    kind: str
    passed: bool
    temperature: int
    hours: int
    cycles: int
    reallocated: int
    pending: int
    media_errors: int
    used: int
    tests: tuple[Test, ...]

    @property
    def running(self) -> Test | None:
        return next((test for test in self.tests if test.result == "running"), None)

    @property
    def ended(self) -> tuple[Test, ...]:
        return tuple(test for test in self.tests if test.result != "running")


def kind_of(disk: Disk) -> str:
    return "nvme" if disk["transport"] == "nvme" else "hdd" if disk["rotational"] else "ssd"


def smart_of(state: State, disk: Disk) -> Smart:
    """All values of a disk."""
    kept = disk.get("smart", {})
    chance = zlib.crc32(disk["serial"].encode())
    hours = chance % MOST_HOURS + max(0, int((clock(state) - YEAR_2026) / 3600))
    return Smart(
        kind=kind_of(disk),
        passed=not kept.get("failing", False),
        temperature=_temperature(state, disk, chance),
        hours=hours,
        cycles=7 + chance % 90,
        reallocated=kept.get("reallocated", 0),
        pending=kept.get("pending", 0),
        media_errors=kept.get("media_errors", 0),
        used=kept.get("used", chance // 97 % 20),
        tests=tuple(_test(state, test, hours) for test in kept.get("tests", [])),
    )


def _temperature(state: State, disk: Disk, chance: int) -> int:
    """Warmer in the afternoon, a little up and down within the hour; or what a person set."""
    wanted = disk.get("smart", {}).get("temperature")
    if wanted is not None:
        return int(wanted)
    now, phase = clock(state), chance % 3600
    base = TEMPERATURES[kind_of(disk)] + chance % 5
    day = 1.8 * math.sin((now % 86_400 / 86_400 - 0.25) * 2 * math.pi)
    return round(base + day + 0.9 * math.sin((now + phase) / 1_700))


def _test(state: State, test: dict[str, Any], hours: int) -> Test:
    until = test.get("aborted_at") or clock(state)
    share = min(1.0, max(0.0, (until - test["start"]) / test["seconds"])) if test["seconds"] else 1.0
    result = "aborted" if test.get("aborted_at") else test["outcome"] if share >= 1 else "running"
    return Test(test["kind"], result, share, min(hours, test["hours"]))


def begin_test(state: State, disk: Disk, kind: str) -> None:
    """A disk whose sectors can't be read fails its test."""
    smart = smart_of(state, disk)
    kept = disk.setdefault("smart", {})
    wanted = state["options"].get("selftest_seconds", os.environ.get(VARIABLE))
    bad = smart.pending or not smart.passed or smart.media_errors
    test = {"kind": kind, "start": clock(state), "seconds": SECONDS[kind] if wanted is None else float(wanted)}
    test |= {"hours": smart.hours, "outcome": "failed" if bad else "passed"}
    kept["tests"] = [test, *kept.get("tests", [])][:KEPT]


def abort_test(state: State, disk: Disk) -> None:
    if smart_of(state, disk).running:
        disk["smart"]["tests"][0]["aborted_at"] = clock(state)


def supported(disk: Disk) -> bool:
    """Emulated disks tell nothing."""
    return not disk["model"].startswith("QEMU") or disk["transport"] == "nvme"
