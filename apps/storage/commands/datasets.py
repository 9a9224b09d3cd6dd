"""The commands that make, change, name, promote and destroy datasets."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.storage.commands.dataset_facts import (
    below_facts,
    find_dataset,
    known_facts,
    pool_of_row,
    pool_state,
    snapshot_facts,
    surroundings,
    users_of,
    whole_facts,
)
from apps.storage.domain.datasets import DatasetType, Key
from apps.storage.domain.inheritance import ancestors_of
from apps.storage.domain.property_values import parse_size
from apps.storage.models.datasets import Dataset
from apps.storage.plans import dataset_properties
from apps.storage.plans import datasets as plans
from apps.storage.plans.dataset_destroy import destroy_dataset
from calypso.kernel import secrets
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.plans import Plan

DatasetPath = Annotated[str, StringConstraints(min_length=1, max_length=255)]
PropertyName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Values = dict[PropertyName, Annotated[str, StringConstraints(max_length=8191)]]
Cipher = Literal["aes-256-gcm", "aes-192-gcm", "aes-128-gcm", "aes-256-ccm", "aes-192-ccm", "aes-128-ccm"]
KeyFormat = Literal["passphrase", "hex"]
MOST_PROPERTIES = 100


class KeyWish(BaseModel):
    """A new key by its reference: a passphrase that somebody gave, or a hex key that Calypso made and keeps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: KeyFormat
    secret: secrets.SecretRef

    def key(self, cipher: str) -> Key:
        """As it is recorded: of a passphrase nothing, which could be guessed by its fingerprint."""
        if self.format == "passphrase":
            return Key(encryption=cipher, format=self.format, location="prompt")
        known = secrets.fingerprint_of(self.secret)
        return Key(encryption=cipher, format=self.format, location="prompt", secret=self.secret, fingerprint=known)


class DatasetCommand(Command):
    """On one dataset, by its id."""

    dataset: UUID

    def version(self) -> int | None:
        return find_dataset(self.dataset).version


@command("storage.CreateDataset", Permission.ADMINISTER)
class CreateDataset(Command):
    """Makes a file system or a volume."""

    name: DatasetPath
    type: DatasetType = "filesystem"
    volsize: int | str | None = None
    thin: bool = False
    parents: bool = False
    properties: Values = Field(default_factory=dict, max_length=MOST_PROPERTIES)
    cipher: Cipher | None = None
    key: KeyWish | None = None

    def plan(self, operation: UUID) -> Plan:
        size = parse_size(self.volsize, "volsize") if isinstance(self.volsize, str) else self.volsize
        wish = plans.NewDataset(
            name=self.name,
            type=self.type,
            volsize=size,
            thin=self.thin,
            parents=self.parents,
            properties=self.properties,
            key=self.key.key(self.cipher or "aes-256-gcm") if self.key else None,
            key_input=self.key.secret if self.key else "",
        )
        known = known_facts([self.name, *ancestors_of(self.name)])
        return plans.create_dataset(wish, pool_state(self.name), known, lambda name: mint(operation, name))


@command("storage.SetDatasetProperties", Permission.ADMINISTER)
class SetDatasetProperties(DatasetCommand):
    """Changes what is set on a dataset, and what it inherits."""

    properties: Values = Field(default_factory=dict, max_length=MOST_PROPERTIES)
    inherit: tuple[PropertyName, ...] = Field((), max_length=MOST_PROPERTIES)

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        mounted = Dataset.objects.below(row.name).filter(mounted=True).count()
        return dataset_properties.set_properties(
            whole_facts(row), pool_of_row(row), self.properties, self.inherit, mounted_below=mounted
        )


@command("storage.RenameDataset", Permission.ADMINISTER)
class RenameDataset(DatasetCommand):
    """Gives a dataset and all below it another place in its pool."""

    name: DatasetPath
    parents: bool = False

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        return plans.rename_dataset(
            whole_facts(row),
            self.name,
            parents=self.parents,
            pool=pool_of_row(row),
            known=known_facts([self.name, *ancestors_of(self.name)]),
            below=[below.name for below in below_facts(row)],
            users=[user for user in users_of(row) if user.kind != "mount"],
            mint=lambda name: mint(operation, name),
        )


@command("storage.PromoteClone", Permission.ADMINISTER)
class PromoteClone(DatasetCommand):
    """Makes a clone independent: what it was made from becomes its clone."""

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        former = Dataset.objects.named(row.origin.partition("@")[0])
        own = [snapshot.name.partition("@")[2] for snapshot in snapshot_facts([row])]
        return plans.promote_clone(
            whole_facts(row),
            whole_facts(former) if former else None,
            pool_of_row(row),
            snapshot_facts([former]) if former else (),
            own,
        )


@command("storage.DestroyDataset", Permission.ADMINISTER)
class DestroyDataset(DatasetCommand):
    """Destroys a dataset; recursive: with all below it and all snapshots; clones: with what was made from these."""

    recursive: bool = False
    clones: bool = False

    def plan(self, operation: UUID) -> Plan:
        return destroy_dataset(surroundings(find_dataset(self.dataset)), recursive=self.recursive, clones=self.clones)
