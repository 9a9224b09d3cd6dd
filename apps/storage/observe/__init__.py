"""The box as it is; importing this registers with the kernel what it may ask of the box."""

from apps.storage.observe import diffs, probes, scan, snapshots

__all__ = ["diffs", "probes", "scan", "snapshots"]
