"""Support bundles: archives of what somebody who is to help needs to know. Pure."""

from __future__ import annotations

from uuid import UUID

from calypso.kernel.events import Event, Kind, event
from calypso.kernel.plans import Frozen


def bundle_address(bundle: UUID) -> str:
    return f"system.bundle.{bundle}"


class BundledFile(Frozen):
    """``sha256`` of what is in the archive."""

    path: str
    bytes: int
    sha256: str


class BundleEvent(Event):
    bundle: UUID

    def keys(self) -> tuple[str, ...]:
        return ("system.bundle", bundle_address(self.bundle))


@event("system.SupportBundleMade.v1", Kind.OBSERVATION)
class SupportBundleMade(BundleEvent):
    """``bytes`` and ``sha256`` of the archive."""

    bytes: int
    sha256: str
    files: tuple[BundledFile, ...]


@event("system.SupportBundleDownloaded.v1", Kind.SECURITY)
class SupportBundleDownloaded(BundleEvent):
    """It left the box."""


@event("system.SupportBundleDeleted.v1", Kind.OBSERVATION)
class SupportBundleDeleted(BundleEvent):
    pass
