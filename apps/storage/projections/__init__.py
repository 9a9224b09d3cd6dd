"""The only writers of the read models; importing this registers them."""

from apps.storage.projections import disks, pools, smart, zfs

__all__ = ["disks", "pools", "smart", "zfs"]
