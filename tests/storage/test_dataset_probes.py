"""Each step on datasets is looked for by its probe before and after it, and taken back by its undo."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.storage.commands import datasets, encryption, mounts, quotas
from apps.storage.commands.datasets import KeyWish
from apps.storage.models.datasets import Dataset
from apps.storage.observe.scan import observe
from calypso.kernel import box, secrets, shell
from calypso.kernel.commands import Command
from calypso.kernel.plans import Run
from tests.support.lab_box import Box

pytestmark = pytest.mark.django_db
FIRST, SECOND = "correct horse battery", "another horse battery"


@pytest.fixture(autouse=True)
def ground(tank: Box, tmp_path: Path, settings: Any) -> None:
    settings.HOME = replace(settings.HOME, root=tmp_path / "home")
    for folder in settings.HOME.folders:
        folder.mkdir(parents=True)
    tank.ok("zfs", "create", "-o", "atime=on", "tank/a")
    tank.ok("zfs", "create", "tank/a/b")
    tank.ok("zfs", "create", "-V", "64M", "tank/v")
    tank.ok("zfs", "snapshot", "tank/a@s")
    tank.ok("zfs", "clone", "tank/a@s", "tank/c")
    typed = ("-o", "encryption=on", "-o", "keyformat=passphrase")
    for name in ("tank/open", "tank/open/own", "tank/shut"):
        tank.run("zfs", "create", *typed, name, stdin=f"{FIRST}\n".encode())
    tank.ok("zfs", "unmount", "tank/shut")
    tank.ok("zfs", "unload-key", "tank/shut")
    tank.ok("zfs", "create", "-o", "canmount=noauto", "tank/idle")
    observe()


def id_of(name: str) -> UUID:
    return Dataset.objects.get(name=name).id


def kept(value: str) -> str:
    ref = secrets.reference()
    secrets.put(ref, value, once=False)
    return ref


def wish(value: str) -> KeyWish:
    return KeyWish(format="passphrase", secret=kept(value))


COMMANDS: dict[str, Callable[[], Command]] = {
    "create": lambda: datasets.CreateDataset(name="tank/x/y", parents=True, properties={"quota": "1G"}),
    "create encrypted": lambda: datasets.CreateDataset(name="tank/k", key=wish(SECOND)),
    "set": lambda: datasets.SetDatasetProperties(
        dataset=id_of("tank/a"), properties={"atime": "off", "compression": "zstd", "quota": "1G"}
    ),
    "inherit": lambda: datasets.SetDatasetProperties(dataset=id_of("tank/a"), inherit=("atime",)),
    "resize": lambda: datasets.SetDatasetProperties(dataset=id_of("tank/v"), properties={"volsize": "128M"}),
    "rename": lambda: datasets.RenameDataset(dataset=id_of("tank/a"), name="tank/z"),
    "promote": lambda: datasets.PromoteClone(dataset=id_of("tank/c")),
    "destroy": lambda: datasets.DestroyDataset(dataset=id_of("tank/a"), recursive=True, clones=True),
    "mount": lambda: mounts.MountDataset(dataset=id_of("tank/idle")),
    "unmount": lambda: mounts.UnmountDataset(dataset=id_of("tank/a")),
    "load key": lambda: encryption.LoadKey(dataset=id_of("tank/shut"), secret=kept(FIRST)),
    "unload key": lambda: encryption.UnloadKey(dataset=id_of("tank/open/own")),
    "change key": lambda: encryption.ChangeKey(dataset=id_of("tank/open"), key=wish(SECOND)),
    "inherit key": lambda: encryption.ChangeKey(dataset=id_of("tank/open/own"), key=None),
    "quotas": lambda: quotas.SetQuotas(
        dataset=id_of("tank/a"),
        quotas=(quotas.QuotaWish(who="ann", space="1G"), quotas.QuotaWish(who="bea", objects=9)),
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_step_is_seen_and_taken_back(name: str, tank: Box) -> None:
    steps = [step for step in COMMANDS[name]().plan(uuid4()).steps if isinstance(step, Run)]
    since = time.time() - 1
    for step in steps:
        assert box.look(step.done, time.time() + 60 if "made" in step.done.name else since) is False, step.title
        with secrets.opened(step.stdin) as stdin:
            result = shell.run(step.argv, deadline=60, stdin=stdin)
        assert result.ok, result.stderr
        assert box.look(step.done, since) is True, step.title
    final = not steps[-1].undo  # what it did is not taken back, nor what came before it
    for step in [] if final else reversed(steps):
        assert shell.run(step.undo, deadline=60).ok, step.title
        assert box.look(step.done, since) is False, step.title


def test_somebody_elses_of_the_same_name_is_not_ours(tank: Box) -> None:
    [*_, step] = COMMANDS["create"]().plan(uuid4()).steps
    assert isinstance(step, Run)
    tank.ok("zfs", "create", "-p", "tank/x/y")
    assert box.look(step.done, time.time() + 60) is False
