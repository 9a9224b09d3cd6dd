"""The commands on the keys of datasets, and the one look at a key that Calypso keeps."""

from __future__ import annotations

from uuid import UUID, uuid4

from apps.storage.commands.dataset_facts import below_facts, find_dataset, kept_key, pool_of_row, users_of, whole_facts
from apps.storage.commands.datasets import DatasetCommand, KeyWish
from apps.storage.domain.datasets import KeyExported, parent_of
from apps.storage.models.datasets import Dataset, KeptKey
from apps.storage.plans import encryption as plans
from calypso.kernel import secrets, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.commands import command
from calypso.kernel.errors import Conflict
from calypso.kernel.events import Change
from calypso.kernel.plans import Plan
from calypso.kernel.projections import append


@command("storage.LoadKey", Permission.ADMINISTER)
class LoadKey(DatasetCommand):
    """Opens an encrypted dataset, by the reference of what was given or by the key that Calypso keeps."""

    secret: secrets.SecretRef | None = None
    mount: bool = True

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        return plans.load_key(
            whole_facts(row), pool_of_row(row), below_facts(row), self.secret or "", mounts=self.mount
        )


@command("storage.UnloadKey", Permission.ADMINISTER)
class UnloadKey(DatasetCommand):
    """Locks an encrypted dataset: it is unmounted, and its key forgotten by ZFS. force: even when something uses it."""

    force: bool = False

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        return plans.unload_key(whole_facts(row), pool_of_row(row), below_facts(row), users_of(row), force=self.force)


@command("storage.ChangeKey", Permission.ADMINISTER)
class ChangeKey(DatasetCommand):
    """Gives a dataset another key; without one it takes its parent's."""

    key: KeyWish | None

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        it, pool = whole_facts(row), pool_of_row(row)
        if self.key is not None:
            return plans.change_key(it, pool, self.key.key(it.encryption), self.key.secret)
        parent = Dataset.objects.named(parent_of(row.name))
        return plans.inherit_key(it, pool, whole_facts(parent) if parent else None)


def export_key(dataset: UUID, actor: Actor, reason: str) -> tuple[str, str]:
    """A kept key and its fingerprint, shown once: a second time is refused. On record as a security event."""
    row = find_dataset(dataset)
    ref = kept_key(row)
    if not ref:
        raise Conflict(
            f"Calypso keeps no key of “{row.name}”.",
            code="key_not_kept",
            hint="Only a key that Calypso made can be exported, and at its encryption root.",
        )
    key = secrets.get(ref)
    fact = KeyExported(dataset=row.id, pool=row.pool, name=row.name, key=ref, fingerprint=secrets.fingerprint(key))
    with store.writing():
        if KeptKey.objects.filter(pk=ref, exported_at__isnull=False).exists():
            raise Conflict(
                f"The key of “{row.name}” was exported already.",
                code="key_exported",
                hint="It is shown once. Change the key to have another one to export.",
            )
        append([Change(uuid4(), fact)], actor.metadata(reason))
    return key, fact.fingerprint
