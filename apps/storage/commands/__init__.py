"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import (
    destroying,
    disks,
    disks_of_pools,
    pools,
    scan,
    schedules,
    snapshot_dependents,
    snapshots,
    transfer,
    upkeep,
    vdevs,
)

__all__ = [
    "destroying",
    "disks",
    "disks_of_pools",
    "pools",
    "scan",
    "schedules",
    "snapshot_dependents",
    "snapshots",
    "transfer",
    "upkeep",
    "vdevs",
]
