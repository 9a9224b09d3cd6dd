"""Commands by which vdevs and disks join a pool, leave it, and take another's place."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.conf import settings
from pydantic import Field

from apps.storage.commands.base import CONFIRM, FORCE_DISK, MEMBER, MemberName, OnPool, PoolName, PoolRequest
from apps.storage.domain.disks import DiskId
from apps.storage.domain.vdevs import VdevWish
from apps.storage.plans import mirrors, vdevs
from calypso.kernel.actors import Permission
from calypso.kernel.commands import command
from calypso.kernel.errors import Invalid
from calypso.kernel.plans import Plan


class AddRequest(PoolRequest):
    """The vdevs to add."""

    vdevs: tuple[VdevWish, ...] = Field(min_length=1, max_length=255)
    force: bool = Field(
        False, description="Override: less redundant or unlike vdevs, unlike sizes, traces of former use on a disk."
    )
    confirm: PoolName | None = Field(None, description=CONFIRM)


@command("storage.AddVdevs", Permission.ADMINISTER)
class AddVdevs(AddRequest, OnPool):
    """Adds vdevs to a pool: space, a log, a cache, spares. Their disks lose what is on them."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        disks = self.known_disks(pool, *(disk for vdev in self.vdevs for disk in vdev.disks))
        return vdevs.add_vdevs(pool, self.vdevs, disks, lab=settings.CALYPSO_LAB, force=self.force)


class AttachRequest(PoolRequest):
    """A disk to join, and what it is to join."""

    to: MemberName = Field(description="A disk by its id or guid, or a mirror or raidz by its name or guid.")
    disk: DiskId
    force: bool = Field(False, description=FORCE_DISK)
    confirm: PoolName | None = Field(None, description=CONFIRM)


@command("storage.AttachDisk", Permission.ADMINISTER)
class AttachDisk(AttachRequest, OnPool):
    """Makes a disk one more side of a mirror, or one more disk of a raidz. It loses what is on it."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        disks = self.known_disks(pool, self.disk)
        return mirrors.attach_disk(pool, self.to, self.disk, disks, lab=settings.CALYPSO_LAB, force=self.force)


class DetachRequest(PoolRequest):
    """A disk to leave its mirror."""

    disk: MemberName = Field(description=MEMBER)
    force: bool = Field(False, description="Detach although no redundancy is left then.")


@command("storage.DetachDisk", Permission.ADMINISTER)
class DetachDisk(DetachRequest, OnPool):
    """Takes a disk out of its mirror, or ends a replacement or a spare's service."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        return mirrors.detach_disk(pool, self.disk, self.known_disks(pool), force=self.force)


class ReplaceRequest(PoolRequest):
    """A disk to go, and the one that takes its place."""

    old: MemberName = Field(description=MEMBER)
    new: DiskId
    force: bool = Field(False, description=f"Replace a healthy disk. {FORCE_DISK}")
    confirm: PoolName | None = Field(None, description=CONFIRM)


@command("storage.ReplaceDisk", Permission.ADMINISTER)
class ReplaceDisk(ReplaceRequest, OnPool):
    """Puts a disk in another's place. The new one loses what is on it; the old one leaves when the new has a copy."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        disks = self.known_disks(pool, self.new)
        return mirrors.replace_disk(pool, self.old, self.new, disks, lab=settings.CALYPSO_LAB, force=self.force)


class RemoveRequest(PoolRequest):
    """A vdev to leave the pool, or a removal to be cancelled."""

    action: Literal["start", "cancel"] = "start"
    vdev: MemberName | None = Field(
        None, description="To start: a top-level vdev by its name or guid; a log, cache or spare also by its disk's id."
    )


@command("storage.RemoveVdev", Permission.ADMINISTER)
class RemoveVdev(RemoveRequest, OnPool):
    """Removes a log, cache or spare; a mirror or single disk with data is first copied to the others."""

    def plan(self, operation: UUID) -> Plan:
        pool = self.facts()
        if self.action == "cancel":
            return vdevs.cancel_removal(pool)
        if self.vdev is None:
            raise Invalid("Name the vdev to remove.", field="vdev", code="nothing_to_do")
        return vdevs.remove_vdev(pool, self.vdev, self.known_disks(pool))
