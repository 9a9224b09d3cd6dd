"""The system as it is; importing this registers with the kernel what it may ask of the box."""

from apps.system.observe import power

__all__ = ["power"]
