"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import destroying, pools, scan, snapshots

__all__ = ["destroying", "pools", "scan", "snapshots"]
