"""Storage: disks and pools (ZFS)."""
