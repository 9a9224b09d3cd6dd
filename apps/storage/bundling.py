"""Storage in a support bundle."""

from __future__ import annotations

from typing import Any

from apps.storage.models.datasets import Dataset
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.models.schedules import Schedule
from apps.storage.models.smart import DiskHealth
from apps.storage.models.snapshots import Snapshot
from apps.storage.models.zfs import ZfsState
from calypso.kernel.bundles import part

MOST = 1000  # rows of a kind
TABLES = {
    "pools.json": (Pool, "name"),
    "disks.json": (Disk, "id"),
    "disk-health.json": (DiskHealth, "pk"),
    "datasets.json": (Dataset, "name"),
    "schedules.json": (Schedule, "name"),
    "zfs.json": (ZfsState, "pk"),
}


@part("storage", "pools, disks, datasets, schedules as they are seen", *TABLES, "counts.json")
def tell(file: str, hours: int) -> Any:
    if file == "counts.json":
        return {model.__name__: model._default_manager.count() for model in (Pool, Disk, Dataset, Snapshot)}
    model, order = TABLES[file]
    return list(model._default_manager.order_by(order).values()[:MOST])
