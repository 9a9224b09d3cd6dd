"""The box as it is; importing this registers with the kernel what it may ask of the box."""

from apps.storage.observe import probes, scan

__all__ = ["probes", "scan"]
