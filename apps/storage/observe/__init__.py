"""The box as it is; importing this registers with the kernel what it may ask of the box."""

from apps.storage.observe import lights, probes, scan, smart, wiping

__all__ = ["lights", "probes", "scan", "smart", "wiping"]
