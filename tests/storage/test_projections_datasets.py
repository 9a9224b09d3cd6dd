"""For each command on datasets: the read model after its own events is what a fresh look at the box gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.storage.compare import datasets as compare
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.observe.datasets import known, read_datasets
from apps.storage.observe.scan import observe
from calypso.kernel import box, commands, secrets
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.models import Operation
from tests.support.lab_box import Box
from tests.support.rest import finish

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, settings: Any) -> None:
    settings.HOME = replace(settings.HOME, root=tmp_path / "home")
    for folder in settings.HOME.folders:
        folder.mkdir(parents=True)


@pytest.fixture
def carry_out(tank: Box, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Carries a command out without the scan after it, which would hide what its events lack, and looks afresh."""
    observe()

    def carried_out(command: str, confirm: str | None = None, **given: Any) -> None:
        asked = commands.registered()[command].model_validate(given)
        operation = commands.dispatch(asked, SARI, confirm=confirm)
        with monkeypatch.context() as patch:
            patch.setattr(box, "observe", lambda _: None)
            finish(operation.pk)
        ended = Operation.objects.get(pk=operation.pk)
        assert ended.state == "succeeded", ended.error
        assert differing() == compare.Found([], [], [], [], []), command

    return carried_out


def differing() -> compare.Found:
    """What a scan would find now."""
    pool = Pool.objects.get().id
    return compare.compare(pool, known(pool, ""), read_datasets(["tank"], changed=True)["tank"])


def id_of(name: str) -> Any:
    return Dataset.objects.get(name=name).id


def test_datasets(carry_out: Any, tank: Box) -> None:
    carry_out("storage.CreateDataset", name="tank/a", properties={"compression": "zstd"})
    carry_out("storage.CreateDataset", name="tank/v", type="volume", volsize="1G", thin=True)
    carry_out(
        "storage.SetDatasetProperties", dataset=id_of("tank/a"), properties={"atime": "on"}, inherit=("compression",)
    )
    carry_out("storage.SetQuotas", dataset=id_of("tank/a"), quotas=[{"kind": "user", "who": "1000", "space": "1G"}])
    carry_out("storage.SampleQuotas", dataset=id_of("tank/a"))
    carry_out("storage.UnmountDataset", dataset=id_of("tank/a"))
    carry_out("storage.MountDataset", dataset=id_of("tank/a"))
    carry_out("storage.RenameDataset", dataset=id_of("tank/a"), name="tank/b")
    carry_out("storage.DestroyDataset", dataset=id_of("tank/b"), confirm="tank/b")


def passphrase(words: str) -> str:
    reference = secrets.reference("a test", words)
    secrets.put(reference, words, once=True)
    return reference


def test_keys(carry_out: Any, tank: Box) -> None:
    key = {"format": "passphrase", "secret": passphrase("correct horse")}
    carry_out("storage.CreateDataset", name="tank/s", cipher="aes-256-gcm", key=key)
    key = {"format": "passphrase", "secret": passphrase("battery staple")}
    carry_out("storage.ChangeKey", dataset=id_of("tank/s"), key=key)
    carry_out("storage.UnloadKey", dataset=id_of("tank/s"))
    carry_out("storage.LoadKey", dataset=id_of("tank/s"), secret=passphrase("battery staple"))
