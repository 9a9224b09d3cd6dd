"""The crash rule for each step on pools: its probe tells before from after, and its undo leads back.

The executor asks the probe after a crash, and repeats the step only where the effect is not there.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest

from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.observe.importing import find_pools
from apps.storage.observe.scan import observe
from calypso.kernel import box as kernel_box
from calypso.kernel import commands
from calypso.kernel.plans import Run
from calypso.lab.happenings import break_, repair
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, path_of

pytestmark = pytest.mark.django_db


def steps_of(command: str, **given: Any) -> list[Run]:
    asked = commands.registered()[f"storage.{command}"].model_validate({"name": "tank"} | given)
    return [step for step in commands.planned(asked, uuid4()).steps if isinstance(step, Run)]


def look(step: Run, since: float | None = None) -> bool | None:
    """``since``: when the step began, where it did."""
    return kernel_box.look(step.done, time.time() if since is None else since)


def carry_out(box: Box, step: Run, *, back: bool = True) -> None:
    """Not there, done, there; and where the plan says how, taken back and not there."""
    box.options(now=time.time())
    assert look(step) is False
    begun = time.time()
    box.ok(*step.argv)
    box.options(now=time.time())
    assert look(step, begun) is True
    if step.undo and back and not step.leaves_traces:
        box.ok(*step.undo)
        assert look(step, begun) is False


@pytest.fixture
def slow(tank: Box) -> Box:
    """A box on which work takes long."""
    tank.options(work_seconds=5000, resilver_seconds=5000, scrub_seconds=5000, now=time.time())
    return tank


def made(box: Box, name: str, *words: str) -> None:
    box.ok("zpool", "create", name, *words)
    observe()


def test_add(slow: Box) -> None:
    d = disk_ids(slow)
    [step] = steps_of("AddVdevs", vdevs=[{"type": "stripe", "disks": [d[2]], "role": "spare"}])
    carry_out(slow, step)
    both = [{"type": "stripe", "disks": [d[10]], "role": "cache"}, {"type": "stripe", "disks": [d[12]], "role": "log"}]
    [step] = steps_of("AddVdevs", vdevs=both)
    carry_out(slow, step)
    [step] = steps_of("AddVdevs", vdevs=[{"type": "mirror", "disks": d[2:4]}])
    assert step.undo == ()
    carry_out(slow, step)


def test_attach_and_detach(slow: Box) -> None:
    d = disk_ids(slow)
    [step] = steps_of("AttachDisk", to=d[0], disk=d[2])
    carry_out(slow, step)
    slow.options(resilver_seconds=0)
    slow.ok("zpool", "attach", "tank", d[0], path_of(d[2]))
    observe()
    [step] = steps_of("DetachDisk", disk=d[2])
    carry_out(slow, step)


def test_replace(slow: Box) -> None:
    d = disk_ids(slow)
    [step] = steps_of("ReplaceDisk", old=d[0], new=d[2], force=True)
    carry_out(slow, step)


def test_replace_by_a_spare_that_waits(slow: Box) -> None:
    d = disk_ids(slow)
    slow.ok("zpool", "add", "tank", "spare", path_of(d[2]))
    observe()
    [step] = steps_of("ReplaceDisk", old=d[0], new=d[2], force=True)
    carry_out(slow, step)


def test_grow_a_raidz(slow: Box) -> None:
    d = disk_ids(slow)
    made(slow, "vault", "raidz1", *map(path_of, d[2:5]))
    [step] = steps_of("AttachDisk", name="vault", to="raidz1-0", disk=d[5])
    assert step.undo == ()
    carry_out(slow, step)


@pytest.mark.parametrize(("role", "at"), [("spare", 2), ("cache", 10), ("log", 12)])
def test_remove_at_once(slow: Box, role: str, at: int) -> None:
    disk = disk_ids(slow)[at]
    slow.ok("zpool", "add", "tank", role, path_of(disk))
    observe()
    [step] = steps_of("RemoveVdev", vdev=disk)
    slow.options(now=time.time())
    assert look(step) is False
    slow.ok(*step.argv)
    assert look(step) is True
    slow.ok(*step.undo)  # it comes back under a new guid
    observe()
    [again] = steps_of("RemoveVdev", vdev=disk)
    assert look(again) is False


def test_remove_with_evacuation_and_cancel(slow: Box) -> None:
    slow.ok("zpool", "add", "tank", "mirror", *map(path_of, disk_ids(slow)[2:4]))
    observe()
    [step] = steps_of("RemoveVdev", vdev="mirror-1")
    carry_out(slow, step)
    slow.ok(*step.argv)
    observe()
    [step] = steps_of("RemoveVdev", action="cancel")
    carry_out(slow, step)


def test_offline_and_online(slow: Box) -> None:
    first = disk_ids(slow)[0]
    [step] = steps_of("OfflineDisk", disk=first)
    carry_out(slow, step)
    slow.ok(*step.argv)
    observe()
    [step] = steps_of("OnlineDisk", disk=first)
    carry_out(slow, step)


def test_clear(slow: Box) -> None:
    second = disk_ids(slow)[1]
    slow.ok("zpool", "offline", "-f", "tank", second)
    observe()
    [step] = steps_of("ClearPool", disk=second)
    carry_out(slow, step)


def test_clear_of_a_suspended_pool(slow: Box) -> None:
    for name in ("lab0", "lab1"):
        slow.disk(break_, name)
    observe()
    [step] = steps_of("ClearPool")
    assert look(step) is False
    assert slow.run(*step.argv).exit_code == 1
    for name in ("lab0", "lab1"):
        slow.disk(repair, name)
    slow.ok(*step.argv)
    assert look(step) is True


@pytest.mark.parametrize("kind", ["TrimPool", "InitializePool"])
def test_trim_and_initialize(slow: Box, kind: str) -> None:
    d = disk_ids(slow)
    made(slow, "fast", "mirror", *map(path_of, d[12:14]))
    for given in ({}, {"disks": [d[12]]}):
        [start] = steps_of(kind, name="fast", **given)
        carry_out(slow, start)
        slow.ok(*start.argv)
        for action in ("suspend", "cancel"):
            [step] = steps_of(kind, name="fast", action=action, **given)
            carry_out(slow, step)


def test_checkpoint(slow: Box) -> None:
    slow.options(work_seconds=0)
    [step] = steps_of("CheckpointPool")
    carry_out(slow, step)
    slow.ok(*step.argv)
    observe()
    [step] = steps_of("CheckpointPool", action="discard")
    carry_out(slow, step)


def test_upgrade(slow: Box) -> None:
    slow.ok("zpool", "create", "-d", "old", path_of(disk_ids(slow)[4]))
    observe()
    [step] = steps_of("UpgradePool", name="old")
    carry_out(slow, step)


def test_properties(slow: Box) -> None:
    steps = steps_of("SetPoolProperties", properties={"comment": "it's", "autotrim": "on", "cachefile": "none"})
    assert len(steps) == 3
    for step in steps:
        carry_out(slow, step)


def test_export_and_import(slow: Box) -> None:
    [step] = steps_of("ExportPool")
    carry_out(slow, step)
    observe()
    find_pools()
    asked = commands.registered()["storage.ImportPool"].model_validate({"guid": ImportablePool.objects.get().guid})
    [step] = commands.planned(asked, uuid4()).steps
    assert isinstance(step, Run)
    carry_out(slow, step)


def test_expand(slow: Box) -> None:
    """A disk whose place a bigger one took: there is something to gain until it was done."""
    d = disk_ids(slow)
    slow.options(resilver_seconds=0)
    slow.ok("zpool", "create", "grow", path_of(d[14]))
    slow.ok("zpool", "replace", "grow", d[14], path_of(d[4]))
    slow.advance(60)
    observe()
    [step] = steps_of("ExpandPool", name="grow")
    before = Pool.objects.get(name="grow").size
    carry_out(slow, step)
    observe()
    assert Pool.objects.get(name="grow").size > before


def test_a_pool_that_is_away_can_not_be_told_about(slow: Box) -> None:
    steps = [*steps_of("CheckpointPool"), *steps_of("OfflineDisk", disk=disk_ids(slow)[0])]
    slow.ok("zpool", "destroy", "tank")
    assert [look(step) for step in steps] == [None, None]
