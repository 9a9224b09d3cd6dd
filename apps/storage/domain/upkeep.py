"""What is done to a pool as a whole to keep it: properties, features, checkpoints, errors, trim. Events; pure."""

from __future__ import annotations

from apps.storage.domain.disks import disk_address
from apps.storage.domain.pools import PoolEvent, pool_address
from calypso.kernel.events import Kind, event


@event("storage.PoolPropertiesSet.v1", Kind.CONFIGURATION)
class PoolPropertiesSet(PoolEvent):
    """``properties`` are those that were set, with their new values; the others are as before."""

    properties: dict[str, str]


@event("storage.PoolUpgraded.v1", Kind.CONFIGURATION)
class PoolUpgraded(PoolEvent):
    """All features of this version of ZFS are enabled in it."""


@event("storage.CheckpointMade.v1", Kind.CONFIGURATION)
class CheckpointMade(PoolEvent):
    pass


@event("storage.CheckpointDiscarded.v1", Kind.CONFIGURATION)
class CheckpointDiscarded(PoolEvent):
    pass


class DisksEvent(PoolEvent):
    """About some disks of the pool by their ids; none are named where it is about the whole pool."""

    disks: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(disk) for disk in self.disks))


@event("storage.PoolExpanded.v1", Kind.CONFIGURATION)
class PoolExpanded(DisksEvent):
    """It uses the whole of disks that grew."""


@event("storage.PoolCleared.v1", Kind.OBSERVATION)
class PoolCleared(DisksEvent):
    """Error counts are zero again, and I/O that was suspended goes on."""


@event("storage.TrimStarted.v1", Kind.OBSERVATION)
class TrimStarted(DisksEvent):
    pass


@event("storage.TrimSuspended.v1", Kind.OBSERVATION)
class TrimSuspended(DisksEvent):
    pass


@event("storage.TrimCancelled.v1", Kind.OBSERVATION)
class TrimCancelled(DisksEvent):
    pass


@event("storage.InitializeStarted.v1", Kind.OBSERVATION)
class InitializeStarted(DisksEvent):
    pass


@event("storage.InitializeSuspended.v1", Kind.OBSERVATION)
class InitializeSuspended(DisksEvent):
    pass


@event("storage.InitializeCancelled.v1", Kind.OBSERVATION)
class InitializeCancelled(DisksEvent):
    pass
