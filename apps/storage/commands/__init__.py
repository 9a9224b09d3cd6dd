"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import destroying, disks, pools, scan, schedules, snapshot_dependents, snapshots

__all__ = ["destroying", "disks", "pools", "scan", "schedules", "snapshot_dependents", "snapshots"]
