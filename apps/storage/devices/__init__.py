"""The device source: which disks the box has, what is on them, and a signal when that may have changed.

It reads udev, sysfs and /proc; it knows neither read models nor events. Disks of the lab stand beside the real ones.
"""

from __future__ import annotations

from apps.storage.devices.model import BlockDevice, Use
from apps.storage.devices.real import real_disks
from apps.storage.devices.simulated import lab_disks
from apps.storage.devices.watching import watch

__all__ = ["BlockDevice", "Use", "all_disks", "lab_disks", "real_disks", "watch"]


def all_disks(lab: bool) -> list[BlockDevice]:
    """The real disks, and in the lab the simulated ones after them."""
    return real_disks() + (lab_disks() if lab else [])
