"""The commands on drift at their end: what is configured and what is there agree, and a fresh look finds no more."""

from __future__ import annotations

import pytest

from apps.storage.models.datasets import Dataset
from apps.storage.observe.scan import observe
from calypso.kernel import commands
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.models import Operation
from tests.support.lab_box import Box
from tests.support.rest import finish, nothing_recorded

pytestmark = pytest.mark.django_db
SARI = Actor("user:sari", "session", "", frozenset(Permission))


@pytest.mark.parametrize(("command", "value"), [("storage.AcceptDrift", "off"), ("storage.RestoreDrift", "zstd")])
def test_either_way_out_ends_in_agreement(tank: Box, command: str, value: str) -> None:
    tank.ok("zfs", "create", "-o", "compression=zstd", "tank/data")
    observe()
    tank.ok("zfs", "set", "compression=off", "tank/data")
    observe()
    asked = commands.registered()[command].model_validate({"address": "storage.dataset.tank/data"})
    operation = commands.dispatch(asked, SARI)
    finish(operation.pk)
    assert Operation.objects.get(pk=operation.pk).state == "succeeded"
    row = Dataset.objects.get(name="tank/data")
    assert row.wanted["compression"] == row.properties["compression"]["value"] == value and row.drift == []
    with nothing_recorded():
        assert observe() == 0
