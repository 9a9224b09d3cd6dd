"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import destroying, disks, pools, scan, snapshots

__all__ = ["destroying", "disks", "pools", "scan", "snapshots"]
