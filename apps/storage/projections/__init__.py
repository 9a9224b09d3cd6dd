"""The only writers of the read models; importing this registers them."""

from apps.storage.projections import disks, pools, schedules, smart, snapshots, zfs

__all__ = [
    "disks",
    "pools",
    "schedules",
    "smart",
    "snapshots",
    "zfs",
]
