"""A real loop device wiped by the real tools, through the command and the executor; and what must never be wiped."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.storage.commands.disks import WipeDisk
from apps.storage.commands.pools import CreatePool
from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskWipe
from apps.storage.observe.scan import observe
from calypso.kernel import commands, shell
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Operation, OperationProgress
from tests.support.devices import losetup, needs_loop
from tests.support.rest import events_after, finish

pytestmark = [pytest.mark.root, pytest.mark.process, needs_loop, pytest.mark.usefixtures("bare")]

SARI = Actor("user:sari", "session", "", frozenset(Permission))
SIZE = 64 * 1024**2
TOOLS = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def bare(settings: Any, request: pytest.FixtureRequest) -> None:
    """No lab: the machine as it is. In `db` unless there's a fresh database."""
    if "fresh_database" not in request.fixturenames:
        request.getfixturevalue("db")
    settings.CALYPSO_LAB = False
    settings.CALYPSO_TOOL_PATH = TOOLS


def attached(image: Path) -> Disk:
    """A loop device full of letters and with an ext4 on it, as the scan found it."""
    image.write_bytes(b"secret! " * (SIZE // 8))
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "nodiscard", "-L", "hello", str(image)], check=True, timeout=60)
    name = Path(losetup("--find", "--show", str(image))).name
    observe()
    return Disk.objects.get(name=name)


def wiped(disk: Disk, method: Any) -> Operation:
    operation = commands.dispatch(WipeDisk(disk=disk.id, method=method), SARI, confirm=disk.serial or disk.id)
    finish(operation.pk)
    operation.refresh_from_db()
    return operation


needs_ext4 = pytest.mark.skipif(shutil.which("mkfs.ext4") is None, reason="mkfs.ext4 is not installed")


@needs_ext4
@pytest.mark.parametrize("method", ["quick", "discard", "zero"])
def test_a_disk_is_wiped_and_then_seen_as_blank(image: Path, method: str) -> None:
    disk = attached(image)
    assert {"kind": "filesystem", "name": "hello"} in disk.uses
    operation = wiped(disk, method)
    assert operation.state == "succeeded", operation.error
    disk.refresh_from_db()
    assert [use["kind"] for use in disk.uses] == ["loop_backing"]
    assert DiskWipe.objects.get(pk=disk.id).state == "wiped"
    if method != "discard":  # what a disk shows after a discard is its own affair
        assert set(image.read_bytes()) == {0}
    assert not OperationProgress.objects.filter(pk=operation.pk).exists()


@needs_ext4
def test_a_mounted_disk_is_not_wiped(image: Path, tmp_path: Path) -> None:
    disk = attached(image)
    (tmp_path / "mnt").mkdir()
    subprocess.run(["mount", disk.path, str(tmp_path / "mnt")], check=True, timeout=20)
    try:
        observe()
        with pytest.raises(CalypsoError) as refused:
            wiped(disk, "zero")
        assert refused.value.code == "disk_in_use"
    finally:
        subprocess.run(["umount", str(tmp_path / "mnt")], check=True, timeout=20)


@needs_ext4
def test_mounted_behind_calypsos_back_the_plan_is_stale(image: Path, tmp_path: Path) -> None:
    disk = attached(image)
    operation = commands.dispatch(WipeDisk(disk=disk.id, method="zero"), SARI, confirm=disk.serial or disk.id)
    (tmp_path / "mnt").mkdir()
    subprocess.run(["mount", disk.path, str(tmp_path / "mnt")], check=True, timeout=20)
    try:
        finish(operation.pk)
        operation.refresh_from_db()
        assert operation.state == "failed" and operation.error["code"] == "disk_in_use"
        assert not operation.begun
        assert not DiskWipe.objects.exists()
    finally:
        subprocess.run(["umount", str(tmp_path / "mnt")], check=True, timeout=20)


@needs_ext4
def test_the_kernel_refuses_what_the_scan_did_not_see(image: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Between the last look and the tool somebody mounts it: wipefs opens the disk alone, and so nothing is lost."""
    disk = attached(image)
    operation = commands.dispatch(WipeDisk(disk=disk.id, method="zero"), SARI, confirm=disk.serial or disk.id)
    (tmp_path / "mnt").mkdir()
    run = shell.run

    def first_mounted(argv: Any, **how: Any) -> Any:
        if argv[:2] == ("wipefs", "-a"):
            subprocess.run(["mount", disk.path, str(tmp_path / "mnt")], check=True, timeout=20)
        return run(argv, **how)

    monkeypatch.setattr(shell, "run", first_mounted)
    try:
        finish(operation.pk)
        operation.refresh_from_db()
        assert operation.state == "failed" and operation.error["code"] == "disk_in_use"
        assert not DiskWipe.objects.exists(), "nothing was overwritten, and nothing else is said"
    finally:
        subprocess.run(["umount", str(tmp_path / "mnt")], check=True, timeout=20)


def test_the_disk_of_the_running_system_is_not_wiped_and_no_pool_is_made_of_it() -> None:
    observe()
    system = list(Disk.objects.filter(system=True))
    if not system:
        pytest.skip("the root file system is on no disk that this machine shows")
    for disk in system:
        with pytest.raises(CalypsoError) as refused:
            wiped(disk, "quick")
        assert refused.value.code == "system_disk"
        vdevs = [{"type": "stripe", "disks": [disk.id]}]
        with pytest.raises(CalypsoError) as refused:
            commands.dispatch(CreatePool.model_validate({"name": "tank", "vdevs": vdevs, "force": True}), SARI)
        assert refused.value.code == "system_disk"
    assert events_after(0, "operations") == []


@needs_ext4
def test_a_wipe_is_cancelled_within_a_second_and_says_what_it_left(
    image: Path, monkeypatch: Any, fresh_database: str
) -> None:
    """A dd that is slow: a real one with less than a block a read, stopped while it writes."""
    disk = attached(image)
    run = shell.run

    def slowly(argv: Any, **how: Any) -> Any:
        if argv[0] == "dd":
            argv = tuple("bs=512" if word.startswith("bs=") else word for word in argv)
            argv = tuple("oflag=direct,sync" if word == "oflag=direct" else word for word in argv)
        return run(argv, **how)

    monkeypatch.setattr(shell, "run", slowly)
    operation = commands.dispatch(WipeDisk(disk=disk.id, method="zero"), SARI, confirm=disk.serial or disk.id)

    def work() -> None:
        finish(operation.pk)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    until = time.monotonic() + 30
    sample = None
    while sample is None and time.monotonic() < until:
        time.sleep(0.1)
        sample = Operation.objects.get(pk=operation.pk).progress
    assert sample is not None and sample.total == SIZE and sample.done, "progress is told while it runs"
    asked = time.monotonic()
    commands.cancel(operation, SARI)
    worker.join(10)
    assert time.monotonic() - asked < 3
    operation.refresh_from_db()
    assert operation.state == "cancelled"
    left = DiskWipe.objects.get(pk=disk.id)
    assert (left.state, left.step) == ("partly", "Overwrite the disk with zeros")
    assert left.done and left.done < SIZE
    content = image.read_bytes()
    assert set(content[: left.done]) == {0}, "as much as it says is gone"
    assert b"secret!" in content[left.done :], "and the rest is there"
