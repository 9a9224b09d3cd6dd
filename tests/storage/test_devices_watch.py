"""When to look at the devices again: the watch over the kernel's events and the lab's changes."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.storage.devices import all_disks, real_disks, watch, watching
from apps.storage.devices.coalescing import GAP, LONGEST, QUIET, Coalescer
from tests.support.devices import device_of, losetup, needs_loop, until

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("real_tools")]  # asks the machine itself: blkid, losetup


def test_coalescer_waits_for_quiet_but_not_for_ever() -> None:
    pending = Coalescer()
    assert not pending.due(0.0)
    pending.note("add sda", 0.0)
    assert not pending.due(QUIET / 2)
    assert pending.due(QUIET)
    for tick in range(1, 40):
        pending.note("change sda", tick / 100)
    assert pending.due(LONGEST)
    assert pending.take() == "add sda, change sda"
    pending.called(1.0)
    pending.note("remove sda", 1.0)
    assert not pending.due(1.0 + GAP * 0.9)
    assert pending.due(1.0 + GAP * 1.1)


class FakeMonitor:
    """Raises the errors in turn, and has no event."""

    def __init__(self) -> None:
        self.errors: list[OSError] = []

    def poll(self, timeout: float) -> None:
        if self.errors:
            raise self.errors.pop(0)
        time.sleep(min(timeout, 0.01))


@pytest.fixture
def watched() -> Iterator[Callable[..., list[tuple[float, str]]]]:
    """Starts a watch in a thread; gives the list that its calls are put on."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(lab: bool = False, fail: bool = False) -> list[tuple[float, str]]:
        calls: list[tuple[float, str]] = []

        def on_change(reason: str) -> None:
            calls.append((time.monotonic(), reason))
            if fail:
                raise RuntimeError("the caller's own trouble")

        threads.append(threading.Thread(target=watch, args=(stop, on_change, lab)))
        threads[-1].start()
        until(lambda: calls)
        assert calls.pop()[1] == "watch started"
        return calls

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=3)
        assert not thread.is_alive()


def test_lost_events_and_errors_lead_to_a_rescan(monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]) -> None:
    monitor = FakeMonitor()
    monkeypatch.setattr(watching, "open_monitor", lambda source: monitor)
    calls = watched()
    monitor.errors = [OSError(errno.ENOBUFS, "overflow")]
    until(lambda: [reason for _, reason in calls] == ["events lost"])
    monitor.errors = [OSError(errno.EBADF, "closed")]
    until(lambda: [reason for _, reason in calls] == ["events lost", "watch restarted"])


def test_a_udev_daemon_that_appears_is_listened_to(
    monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]
) -> None:
    opened: list[str] = []
    sources = ["kernel"]
    monkeypatch.setattr(watching, "open_monitor", lambda source: opened.append(source) or FakeMonitor())
    monkeypatch.setattr(watching, "event_source", lambda: sources[0])
    calls = watched(fail=True)
    sources[0] = "udev"
    until(lambda: [reason for _, reason in calls] == ["event source changed"])
    assert opened == ["kernel", "udev"]


def test_a_change_of_the_lab_is_seen(monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]) -> None:
    version = [1]
    monkeypatch.setattr(watching, "open_monitor", lambda source: FakeMonitor())
    monkeypatch.setattr(watching, "lab_version", lambda: version[0])
    calls = watched(lab=True)
    version[0] = 2
    until(lambda: [reason for _, reason in calls] == ["lab"], seconds=0.5)


# --- this machine ---


@pytest.mark.root
@needs_loop
def test_the_watch_sees_a_loop_device_come_and_go(image: Path, watched: Callable[..., list]) -> None:
    calls = watched()
    for action in ("--show --find", "--detach"):
        calls.clear()
        started = time.monotonic()
        losetup(*action.split(), str(image) if "find" in action else device_of(image))
        until(lambda: calls, seconds=0.5)
        print(f"losetup {action}: seen after {1000 * (calls[0][0] - started):.0f} ms ({calls[0][1]})")
        time.sleep(0.3)


# --- the lab's disks ---


def test_the_labs_disks_stand_beside_the_real_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: Callable[..., list]
) -> None:
    from calypso.lab import state

    path = tmp_path / "state.db"
    monkeypatch.setenv(state.VARIABLE, str(path))
    monkeypatch.setattr(watching, "open_monitor", lambda source: FakeMonitor())
    calls = watched(lab=True)
    with state.change(path) as content:
        content["disks"][0]["broken"] = True
    until(lambda: [reason for _, reason in calls] == ["lab"], seconds=0.5)
    simulated = [disk for disk in all_disks(lab=True) if disk.simulated]
    assert simulated[0].broken
    assert len({disk.id for disk in simulated}) == len(simulated) > 1
    assert any(use.kind == "filesystem" for disk in simulated for use in disk.uses)
    assert not any(disk.system for disk in simulated)
    assert all_disks(lab=False) == real_disks()
