"""The command that makes a dataset of a snapshot."""

from __future__ import annotations

from typing import Literal, cast
from uuid import UUID

from pydantic import Field

from apps.storage.commands import snapshot_facts as facts
from apps.storage.commands.snapshots import FullName, version_of
from apps.storage.domain.dataset_names import check_dataset_name
from apps.storage.domain.datasets import parent_of
from apps.storage.domain.property_values import normalised
from apps.storage.domain.schedules import DatasetName
from apps.storage.models.datasets import Dataset
from apps.storage.plans.rollback import Origin, clone
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.plans import Plan


@command("storage.CloneSnapshot", Permission.ADMINISTER)
class CloneSnapshot(Command):
    """Makes a dataset that begins as a snapshot is and shares its blocks."""

    snapshot: FullName
    name: DatasetName = Field(description="The new dataset's full name, in the same pool.")
    properties: dict[str, str] = Field(default={}, max_length=100)

    def plan(self, operation: UUID) -> Plan:
        [snapshot] = facts.find_snapshots([self.snapshot], "snapshot")
        check_dataset_name(self.name)
        row = Dataset.objects.get(pk=snapshot.of.id)
        kind = cast(Literal["filesystem", "volume"], row.type)
        return clone(
            snapshot,
            mint(operation, "clone"),
            self.name,
            normalised(self.properties, kind, creating=True),
            Origin(kind, row.volsize, row.encryption, row.encryption_root),
            taken=Dataset.objects.named(self.name) is not None,
            parent_known=Dataset.objects.filter(name=parent_of(self.name), type="filesystem").exists(),
        )

    def version(self) -> int | None:
        return version_of(self.snapshot.partition("@")[0])
