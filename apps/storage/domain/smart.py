"""What disks tell of themselves (SMART): their events. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from apps.storage.domain.disks import DiskEvent
from calypso.kernel.events import Kind, event

SelfTestKind = Literal["short", "long"]


class SelfTest(BaseModel):
    """One entry of a disk's own log. ``hours``: power-on hours at its end; ``passed``: None if not finished."""

    model_config = ConfigDict(frozen=True)
    kind: str
    status: str
    passed: bool | None
    hours: int | None


@event("storage.DiskHealthChanged.v1", Kind.OBSERVATION)
class DiskHealthChanged(DiskEvent):
    """The disk's own verdict or its counts of bad places changed. ``fields`` names what; None: the disk doesn't tell.

    Of a disk that was always well there is no such event.
    """

    serial: str
    passed: bool | None
    reallocated: int | None
    pending: int | None
    uncorrectable: int | None
    media_errors: int | None
    fields: tuple[str, ...]


@event("storage.SelfTestStarted.v1", Kind.OBSERVATION)
class SelfTestStarted(DiskEvent):
    kind: SelfTestKind


@event("storage.SelfTestAborted.v1", Kind.OBSERVATION)
class SelfTestAborted(DiskEvent):
    pass


@event("storage.SelfTestEnded.v1", Kind.OBSERVATION)
class SelfTestEnded(DiskEvent):
    """A self-test came to its end, whoever started it; the disk's own words."""

    serial: str
    test: SelfTest
