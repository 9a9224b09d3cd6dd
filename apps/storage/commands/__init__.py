"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import disks, pools, scan

__all__ = ["disks", "pools", "scan"]
