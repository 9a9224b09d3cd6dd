"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import (
    datasets,
    dependents,
    destroying,
    disks,
    disks_of_pools,
    encryption,
    mounts,
    pools,
    quotas,
    scan,
    schedules,
    snapshot_dependents,
    snapshots,
    transfer,
    upkeep,
    vdevs,
)

__all__ = [
    "datasets",
    "dependents",
    "destroying",
    "disks",
    "disks_of_pools",
    "encryption",
    "mounts",
    "pools",
    "quotas",
    "scan",
    "schedules",
    "snapshot_dependents",
    "snapshots",
    "transfer",
    "upkeep",
    "vdevs",
]
