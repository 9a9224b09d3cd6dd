"""Wiping disks and finding them by their light: events. Pure."""

from __future__ import annotations

from typing import Literal

from apps.storage.domain.disks import DiskEvent
from calypso.kernel.events import Kind, event

WipeMethod = Literal["quick", "discard", "zero"]


class WipeEvent(DiskEvent):
    serial: str
    method: WipeMethod
    size: int


@event("storage.DiskWiped.v1", Kind.OBSERVATION)
class DiskWiped(WipeEvent):
    """What was on the disk is gone, as far as the method goes. ``size`` of the disk in bytes."""


@event("storage.DiskWipeAborted.v1", Kind.OBSERVATION)
class DiskWipeAborted(WipeEvent):
    """A wipe ended before its end: part of the disk is overwritten, the rest still holds what it held.

    ``step``: the step that it ended in; ``done``: bytes of that step that its tool had told of, None when it hadn't.
    """

    step: str
    done: int | None


@event("storage.LocateLightSwitched.v1", Kind.OBSERVATION)
class LocateLightSwitched(DiskEvent):
    on: bool
