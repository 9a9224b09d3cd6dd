"""The vdevs and disks that a pool is made of: what joins, leaves and takes another's place. Events; pure."""

from __future__ import annotations

from apps.storage.domain.disks import disk_address
from apps.storage.domain.pools import PoolEvent, pool_address
from apps.storage.domain.vdevs import VdevWish
from calypso.kernel.events import Kind, event


@event("storage.VdevsAdded.v1", Kind.CONFIGURATION)
class VdevsAdded(PoolEvent):
    vdevs: tuple[VdevWish, ...]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(d) for v in self.vdevs for d in v.disks))


class MemberEvent(PoolEvent):
    """About one member: its ``guid`` in the pool, and the ``disk`` that it is; "" where that is away."""

    guid: str
    disk: str

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *([disk_address(self.disk)] if self.disk else []))


@event("storage.DiskAttachedToVdev.v1", Kind.CONFIGURATION)
class DiskAttachedToVdev(PoolEvent):
    """``disk`` joined the mirror of ``vdev``'s disk, or the raidz ``vdev``. ``guid`` is that of the vdev or disk."""

    disk: str
    vdev: str
    guid: str

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), disk_address(self.disk))


@event("storage.DiskDetachedFromVdev.v1", Kind.CONFIGURATION)
class DiskDetachedFromVdev(MemberEvent):
    pass


@event("storage.DiskReplaced.v1", Kind.CONFIGURATION)
class DiskReplaced(MemberEvent):
    """``by`` takes its place as soon as it has a copy of the data."""

    by: str

    def keys(self) -> tuple[str, ...]:
        return (*super().keys(), disk_address(self.by))


@event("storage.VdevRemoved.v1", Kind.CONFIGURATION)
class VdevRemoved(PoolEvent):
    """A top-level vdev leaves; one that holds data is first copied to the others. ``vdev`` is the name it had."""

    vdev: str
    guid: str
    disks: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(disk) for disk in self.disks))


@event("storage.VdevRemovalCancelled.v1", Kind.CONFIGURATION)
class VdevRemovalCancelled(PoolEvent):
    """The vdev whose data was being copied away stays."""


@event("storage.DiskTakenOffline.v1", Kind.OBSERVATION)
class DiskTakenOffline(MemberEvent):
    """``temporary``: until the pool is imported again."""

    temporary: bool


@event("storage.DiskBroughtOnline.v1", Kind.OBSERVATION)
class DiskBroughtOnline(MemberEvent):
    pass
