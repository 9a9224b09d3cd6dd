"""The box as it is; importing this registers with the kernel what it may ask of the box."""

from apps.storage.observe import diffs, lights, probes, scan, scheduling, smart, snapshots, wiping

__all__ = ["diffs", "lights", "probes", "scan", "scheduling", "smart", "snapshots", "wiping"]
