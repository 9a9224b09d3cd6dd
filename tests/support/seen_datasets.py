"""A pool with datasets, and what scans of it recorded."""

from __future__ import annotations

import pytest

from apps.storage.models.datasets import Dataset
from apps.storage.observe.scan import observe
from calypso.kernel import store
from tests.support.lab_box import Box
from tests.support.rest import nothing_recorded, types_after


@pytest.fixture
def data(tank: Box) -> Box:
    """tank with data, data/a and a volume, all seen."""
    tank.ok("zfs", "create", "tank/data")
    tank.ok("zfs", "create", "-o", "compression=zstd", "tank/data/a")
    tank.ok("zfs", "create", "-V", "64M", "tank/volume")
    observe()
    return tank


def recorded() -> list[str]:
    """Event types of one scan; a second one finds nothing more."""
    before = store.position()
    observe()
    found = types_after(before)
    with nothing_recorded():
        assert observe() == 0, "nothing is recorded twice"
    return found


def named(name: str) -> Dataset:
    return Dataset.objects.get(name=name)
