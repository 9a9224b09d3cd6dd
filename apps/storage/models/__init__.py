"""Read models: one module a concern. Django finds them here."""

from apps.storage.models.datasets import Dataset, DatasetUsage, KeptKey, QuotaUsage
from apps.storage.models.disks import Disk
from apps.storage.models.pools import ImportablePool, Pool, PoolUsage
from apps.storage.models.samples import CapacitySample, Holder, IoSample
from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.models.smart import DiskBay, DiskHealth, DiskSmart, DiskTemperature, DiskWipe
from apps.storage.models.snapshots import Bookmark, DiffEntry, Snapshot, SnapshotDiff, SnapshotUsage
from apps.storage.models.zfs import ZfsState

__all__ = [
    "Bookmark",
    "CapacitySample",
    "Dataset",
    "DatasetUsage",
    "DiffEntry",
    "Disk",
    "DiskBay",
    "DiskHealth",
    "DiskSmart",
    "DiskTemperature",
    "DiskWipe",
    "Holder",
    "ImportablePool",
    "IoSample",
    "KeptKey",
    "Pool",
    "PoolUsage",
    "QuotaUsage",
    "Schedule",
    "ScheduleRun",
    "Snapshot",
    "SnapshotDiff",
    "SnapshotUsage",
    "ZfsState",
]
