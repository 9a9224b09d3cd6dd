"""What is read of a disk's self-tests, whatever its protocol."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = 21  # entries: the size of the log of an ATA disk


@dataclass(frozen=True)
class LoggedTest:
    """One entry of the log. passed: None where it did not come to an end; hours: power-on hours at its end."""

    kind: str
    status: str
    passed: bool | None
    hours: int | None


@dataclass(frozen=True)
class SelfTests:
    """running: kind of the test that runs ("" for none, "test" where the disk does not say which); percent: done.

    log: those that ended, the latest first.
    """

    running: str = ""
    percent: int | None = None
    log: tuple[LoggedTest, ...] = ()
