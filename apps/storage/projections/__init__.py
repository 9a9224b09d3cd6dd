"""The only writers of the read models; importing this registers them."""

from apps.storage.projections import datasets, disks, observed, pools, schedules, smart, snapshots, zfs

__all__ = ["datasets", "disks", "observed", "pools", "schedules", "smart", "snapshots", "zfs"]
