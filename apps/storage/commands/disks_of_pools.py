"""Commands on disks where they are in a pool: offline, online, clear, expand, trim, initialize."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from apps.storage.commands.base import MEMBER, MemberName, OnPool, PoolRequest
from apps.storage.plans import disks_of_pools as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import command
from calypso.kernel.plans import Plan

SLOWEST, FASTEST = 1024**2, 1024**5  # bytes a second


class OfflineRequest(PoolRequest):
    """A disk to be taken offline."""

    disk: MemberName = Field(description=MEMBER)
    temporary: bool = Field(False, description="Until the pool is imported again, for example at the next start.")


@command("storage.OfflineDisk", Permission.ADMINISTER)
class OfflineDisk(OfflineRequest, OnPool):
    """Stops using a disk, as long as the others have its data."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return plans.offline_disk(pool, self.disk, self.known_disks(pool), temporary=self.temporary)


class OnlineRequest(PoolRequest):
    """A disk to be used again."""

    disk: MemberName = Field(description=MEMBER)
    expand: bool = Field(False, description="Use the whole of it if it is bigger than before.")


@command("storage.OnlineDisk", Permission.OPERATE)
class OnlineDisk(OnlineRequest, OnPool):
    """Uses a disk again, and brings its data up to date."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return plans.online_disk(pool, self.disk, self.known_disks(pool), expand=self.expand)


class ClearRequest(PoolRequest):
    """Whose errors to clear."""

    disk: MemberName | None = Field(None, description=f"{MEMBER} All of the pool where none is named.")


@command("storage.ClearPool", Permission.OPERATE)
class ClearPool(ClearRequest, OnPool):
    """Sets error counts to zero, takes faulted disks back, and lets suspended I/O go on."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return plans.clear_pool(pool, self.disk, self.known_disks(pool))


class ExpandRequest(PoolRequest):
    """Which disks to use whole."""

    disks: tuple[MemberName, ...] = Field((), max_length=255, description="All of the pool where none is named.")


@command("storage.ExpandPool", Permission.ADMINISTER)
class ExpandPool(ExpandRequest, OnPool):
    """Uses all of disks that are bigger than what the pool uses of them."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return plans.expand_pool(pool, self.disks, self.known_disks(pool))


class InitializeRequest(PoolRequest):
    """What to do about an initialisation, and of which disks."""

    action: plans.ActivityAction = "start"
    disks: tuple[MemberName, ...] = Field((), max_length=255, description="All of the pool where none is named.")


class TrimRequest(InitializeRequest):
    """What to do about a trim, and of which disks."""

    rate: int | None = Field(None, ge=SLOWEST, le=FASTEST, description="Bytes a second and disk, at most.")


@command("storage.TrimPool", Permission.ADMINISTER)
class TrimPool(TrimRequest, OnPool):
    """Tells disks which blocks are free: starts (or goes on), suspends or cancels it."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return plans.trim_pool(pool, self.action, self.disks, self.known_disks(pool), rate=self.rate)


@command("storage.InitializePool", Permission.ADMINISTER)
class InitializePool(InitializeRequest, OnPool):
    """Writes to all free space of disks once: starts (or goes on), suspends or cancels it."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return plans.initialize_pool(pool, self.action, self.disks, self.known_disks(pool))
