"""`zpool events -f`: ZFS tells that something happened. An event only triggers a scan; nothing is taken from it.

At its start the tool repeats what the kernel has kept, up to 512 events. Their ids begin anew with each load of the
module, so what was heard is known by the boot and the event's own time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from calypso.kernel import shell
from calypso.kernel.errors import CalypsoError

log = structlog.get_logger("calypso.storage")

ARGV = ("zpool", "events", "-f", "-H")
BACK_OFF = (1.0, 60.0)  # seconds: first and longest wait after the tool ended
QUIET = ("sysevent.fs.zfs.config_sync",)  # comes with every other event, and by itself


def follow_zfs(stop: threading.Event, on_change: Callable[[], None]) -> None:
    """Calls ``on_change`` for each event that was not heard before, until told to stop. A thread of the observer."""
    heard, wait = Heard(), BACK_OFF[0]
    while not stop.is_set():
        started = time.monotonic()
        try:
            code = shell.follow(ARGV, stop.is_set, lambda line: on_change() if heard.new(line) else None)
            if code is not None:
                log.info("zpool events ended", exit_code=code, retry_in=wait)
        except CalypsoError as error:
            log.info("zpool events can't be followed", error=error.message, retry_in=wait)
        except Exception:
            log.exception("following zpool events failed")
        wait = BACK_OFF[0] if time.monotonic() - started > BACK_OFF[1] else min(wait * 2, BACK_OFF[1])
        stop.wait(wait)


class Heard:
    """Which events were heard: those up to a moment, and of that moment these lines."""

    def __init__(self) -> None:
        self.boot, self.lines = "", set[str]()

    def new(self, line: str) -> bool:
        """Whether this line of `zpool events -H` tells of something that was not heard before."""
        _, _, kind = line.partition("\t")
        if not kind or kind.strip() in QUIET:
            return False
        if (boot := boot_id()) != self.boot:
            self.boot, self.lines = boot, set()
        if line in self.lines:
            return False
        if len(self.lines) >= 4096:  # the kernel keeps 512
            self.lines.clear()
        self.lines.add(line)
        return True


def boot_id() -> str:
    """Which start of the machine this is; "" where the kernel does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
