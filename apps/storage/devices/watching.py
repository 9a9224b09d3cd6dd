"""A signal when block devices may have changed. An event only triggers: nothing is decided from what it says."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, Literal

import pyudev
import structlog

from apps.storage.devices.coalescing import Coalescer

log = structlog.get_logger(__name__)

POLL = 0.2  # seconds between looks at `stop`, at the lab's state and for a udev daemon that came or went
BUFFER = 8 * 1024 * 1024  # bytes; a shelf of disks makes thousands of uevents at once
BACK_OFF = (0.1, 5.0)  # seconds: first and longest wait after an error
Source = Literal["udev", "kernel"]
OnChange = Callable[[str], None]


def watch(stop: Event, on_change: OnChange, lab: bool = False) -> None:
    """Blocks until `stop` is set; calls on_change(reason) when block devices may have changed.

    The first call comes as soon as events are listened to, so who scans on it misses nothing; so after every gap.
    Many events close together make one call: after 50 ms of quiet, in a storm every 250 ms, never two within 100 ms.
    """
    reason, wait = "watch started", BACK_OFF[0]
    while not stop.is_set():
        opened = time.monotonic()
        try:
            _Watch(stop, on_change, lab).run(reason)
            reason = "event source changed"
        except Exception as error:
            wait = BACK_OFF[0] if time.monotonic() - opened > BACK_OFF[1] else min(wait * 2, BACK_OFF[1])
            log.warning("device_watch_failed", error=repr(error), retry_in=wait)
            stop.wait(wait)
            reason = "watch restarted"


def event_source() -> Source:
    """``udev`` events come when the daemon has done its rules and links; without it the kernel's own are there."""
    return "udev" if Path("/run/udev/control").exists() else "kernel"


class _Watch:
    """One opened event source, until `stop`, an error, or another source being the right one."""

    def __init__(self, stop: Event, on_change: OnChange, lab: bool) -> None:
        self.stop, self.on_change = stop, on_change
        self.source = event_source()
        self.monitor = open_monitor(self.source)
        self.state_version = lab_version() if lab else None
        self.lab = lab
        self.pending = Coalescer()

    def run(self, reason: str) -> None:
        """reason: why changes may have been missed before this source was open."""
        self.pending.note(reason, time.monotonic())
        next_look = 0.0
        while not self.stop.is_set():
            self._listen(min(POLL, self.pending.wait(time.monotonic())))
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + POLL
                self._look_at_lab()
                if event_source() != self.source:
                    return
            if self.pending.due(time.monotonic()):
                self._call(self.pending.take())
                self.pending.called(time.monotonic())

    def _listen(self, timeout: float) -> None:
        reason = next_reason(self.monitor, timeout)
        if reason:
            self.pending.note(reason, time.monotonic())

    def _look_at_lab(self) -> None:
        version = lab_version() if self.lab else None
        if version != self.state_version:
            self.state_version = version
            self.pending.note("lab", time.monotonic())

    def _call(self, reason: str) -> None:
        try:
            self.on_change(reason)
        except Exception as error:  # the caller's trouble must not end the watching
            log.error("device_change_not_handled", reason=reason, error=repr(error))


def open_monitor(source: Source) -> Any:
    """A started monitor of block devices."""
    monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source=source)
    monitor.filter_by(subsystem="block")
    try:
        monitor.set_receive_buffer_size(BUFFER)
    except OSError as error:  # without CAP_NET_ADMIN the default must do
        log.info("device_watch_small_buffer", error=repr(error))
    monitor.start()
    return monitor


def next_reason(monitor: Any, timeout: float) -> str:
    """The next event as ``<action> <kernel name>``, empty after `timeout` seconds. Lost events are a reason, too."""
    try:
        device = monitor.poll(timeout)
    except OSError as error:
        if error.errno == errno.ENOBUFS:
            return "events lost"
        raise
    return f"{device.action} {device.sys_name}" if device is not None else ""


def lab_version() -> object:
    """What changes whenever the lab's state does."""
    from calypso.lab.state import state_version  # an appliance on real hardware never loads the lab

    return state_version()
