"""The commands that mount and unmount file systems."""

from __future__ import annotations

from uuid import UUID

from apps.storage.commands.dataset_facts import below_facts, find_dataset, pool_of_row, users_of, whole_facts
from apps.storage.commands.datasets import DatasetCommand
from apps.storage.plans import mounts as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import command
from calypso.kernel.plans import Plan


@command("storage.MountDataset", Permission.ADMINISTER)
class MountDataset(DatasetCommand):
    """Mounts a file system at its mountpoint."""

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        return plans.mount(whole_facts(row), pool_of_row(row))


@command("storage.UnmountDataset", Permission.ADMINISTER)
class UnmountDataset(DatasetCommand):
    """Unmounts a file system; force: even when something uses it."""

    force: bool = False

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        return plans.unmount(whole_facts(row), pool_of_row(row), below_facts(row), users_of(row), force=self.force)
