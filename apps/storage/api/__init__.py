"""REST of storage: one module a concern adds its routes to the router.

Order matters: /pools/importable and /pools/property-definitions stand before /pools/{name}, or that would take them.
"""

from apps.storage.api import transfer, upkeep  # isort: split

from apps.storage.api import (
    bookmarks,
    dataset_actions,
    dataset_keys,
    dataset_quotas,
    datasets,
    disks,
    disks_of_pools,
    drift,
    figures,
    pools,
    scan,
    schedules,
    snapshots,
    vdevs,
)
from apps.storage.api.router import router

__all__ = [
    "bookmarks",
    "dataset_actions",
    "dataset_keys",
    "dataset_quotas",
    "datasets",
    "disks",
    "disks_of_pools",
    "drift",
    "figures",
    "pools",
    "router",
    "scan",
    "schedules",
    "snapshots",
    "transfer",
    "upkeep",
    "vdevs",
]
