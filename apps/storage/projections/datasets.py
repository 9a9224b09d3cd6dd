"""The read model of datasets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from apps.storage.domain.datasets import (
    DatasetCreated,
    DatasetDestroyed,
    DatasetEvent,
    DatasetMounted,
    DatasetPromoted,
    DatasetPropertiesSet,
    DatasetRenamed,
    DatasetUnmounted,
    Key,
    KeyChanged,
    KeyExported,
    KeyLoaded,
    KeyUnloaded,
    QuotasSet,
    parent_of,
    root_dataset,
)
from apps.storage.domain.observed import PoolForgotten
from apps.storage.domain.pools import PoolCreated, PoolDestroyed, PoolDiscovered, PoolEvent
from apps.storage.domain.snapshots import SnapshotCloned
from apps.storage.domain.transfer import PoolExported, PoolImported
from apps.storage.models.datasets import Dataset, KeptKey
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("datasets", 2, lambda: [Dataset, KeptKey])


def new_row(e: Recorded[Any], dataset: UUID, pool: UUID, name: str, created_by: str) -> Row:
    """A dataset of which nothing else is known yet. Its version is the position of its last change: some come by
    events of its parents, which are of other streams."""
    return {
        "id": dataset,
        "pool": pool,
        "name": name,
        "parent": parent_of(name),
        "type": "filesystem",
        "guid": "",
        "origin": "",
        "created_at": e.recorded_at,
        "mountpoint": "",
        "mounted": False,
        "encryption": "off",
        "encryption_root": "",
        "key_status": "",
        "key_format": "",
        "key_location": "",
        "key": "",
        "volsize": None,
        "properties": {},
        "wanted": {},
        "quotas": {},
        "drift": [],
        "missing": False,
        "created_by": created_by,
        "version": e.position,
        "position": e.position,
    }


def local(values: dict[str, str]) -> Row:
    """Values set on a dataset, as its ``properties``."""
    return {name: {"value": value, "source": "local"} for name, value in values.items()}


def change(tables: Tables, e: Recorded[Any], dataset: UUID, **changes: Any) -> None:
    """Changes a dataset's row, if there is one."""
    if (row := tables.get(Dataset, dataset)) is not None:
        tables.put(Dataset, {**row, **changes, "version": e.position, "position": e.position})


def below(tables: Tables, pool: UUID, name: str) -> Iterator[Row]:
    """The rows of a dataset and all below it."""
    for row in tables.find(Dataset, "pool", pool):
        if row["name"] == name or row["name"].startswith(f"{name}/"):
            yield row


@projection.on(PoolDiscovered, PoolImported)
def root_found(tables: Tables, e: Recorded[PoolEvent]) -> None:
    """A pool always has its root dataset. What the box tells of it comes with the first look at datasets."""
    fact = e.event
    if tables.get(Dataset, root_dataset(fact.pool)) is None:  # that of a pool that was missing is still on record
        tables.put(Dataset, new_row(e, root_dataset(fact.pool), fact.pool, fact.name, "outside"))


@projection.on(PoolCreated)
def root_made(tables: Tables, e: Recorded[PoolCreated]) -> None:
    fact = e.event
    row = new_row(e, root_dataset(fact.pool), fact.pool, fact.name, "calypso")
    values = dict(fact.filesystem_properties)
    tables.put(Dataset, row | {"properties": local(values), "wanted": values})


@projection.on(PoolDestroyed, PoolExported, PoolForgotten)
def pool_gone(tables: Tables, e: Recorded[PoolEvent]) -> None:
    """The keys of a pool that may come back are kept on: its datasets find them again by their guid."""
    for row in tables.find(Dataset, "pool", e.event.pool):
        tables.delete(Dataset, row["id"])
        for kept in tables.find(KeptKey, "dataset", row["id"]):
            tables.put(KeptKey, {**kept, "guid": row["guid"]})


@projection.on(DatasetCreated)
def created(tables: Tables, e: Recorded[DatasetCreated]) -> None:
    fact = e.event
    encrypted = fact.encryption != "off"
    row = new_row(e, fact.dataset, fact.pool, fact.name, "calypso") | {
        "type": fact.type,
        "volsize": fact.volsize,
        "encryption": fact.encryption,
        "encryption_root": fact.encryption_root,
        "key_status": "available" if encrypted else "",
        "properties": local(fact.properties),
        "wanted": dict(fact.properties),
    }
    tables.put(Dataset, row | _keyed(tables, fact.dataset, fact.key))


def _keyed(tables: Tables, dataset: UUID, key: Key | None) -> Row:
    """A dataset has this key of its own now, and no other."""
    forget_key(tables, dataset)
    if key is None:
        return {"key_format": "", "key_location": "", "key": ""}
    if key.secret:
        kept = {"key": key.secret, "dataset": dataset, "guid": "", "fingerprint": key.fingerprint, "exported_at": None}
        tables.put(KeptKey, kept)
    return {"key_format": key.format, "key_location": key.location, "key": key.secret}


def forget_key(tables: Tables, dataset: UUID) -> None:
    """Its key, also that from before its pool was away."""
    row = tables.get(Dataset, dataset)
    guid = row["guid"] if row else ""
    by_guid = tables.find(KeptKey, "guid", guid) if guid else []
    for kept in [*tables.find(KeptKey, "dataset", dataset), *by_guid]:
        tables.delete(KeptKey, kept["key"])


@projection.on(DatasetPropertiesSet)
def properties_set(tables: Tables, e: Recorded[DatasetPropertiesSet]) -> None:
    fact = e.event
    row = tables.get(Dataset, fact.dataset)
    if row is None:
        return
    kept = {name: value for name, value in row["properties"].items() if name not in fact.inherited}
    wanted = {name: value for name, value in row["wanted"].items() if name not in fact.inherited}
    volsize = row["volsize"] if fact.volsize is None else fact.volsize
    mounts = {"mountpoint": fact.values["mountpoint"]} if "mountpoint" in fact.values else {}
    change(
        tables,
        e,
        fact.dataset,
        properties=kept | local(fact.values),
        wanted=wanted | fact.values,
        volsize=volsize,
        drift=[d for d in row["drift"] if d["field"] not in {*fact.values, *fact.inherited}],
        **mounts,
    )


@projection.on(DatasetRenamed)
def renamed(tables: Tables, e: Recorded[DatasetRenamed]) -> None:
    """Names below it change with it; so do what they call their origin and their encryption root."""
    fact = e.event
    for row in tables.find(Dataset, "pool", fact.pool):
        moved = {field: _moved(row[field], fact.before, fact.name) for field in ("name", "origin", "encryption_root")}
        if moved != {field: row[field] for field in moved}:
            change(tables, e, row["id"], **moved, parent=parent_of(moved["name"]))


def _moved(name: str, before: str, after: str) -> str:
    """A name as it is after ``before`` was renamed to ``after``."""
    if name == before or name.startswith((f"{before}/", f"{before}@")):
        return after + name.removeprefix(before)
    return name


@projection.on(DatasetPromoted)
def promoted(tables: Tables, e: Recorded[DatasetPromoted]) -> None:
    """Origins name the snapshots that came over by their new dataset; the two change places as origin and clone."""
    fact = e.event
    former = tables.get(Dataset, fact.former_dataset)
    came = {f"{fact.former}@{snapshot}": f"{fact.name}@{snapshot}" for snapshot in fact.snapshots}
    change(tables, e, fact.dataset, origin=former["origin"] if former else "")
    change(tables, e, fact.former_dataset, origin=f"{fact.name}@{fact.snapshot}")
    for row in tables.find(Dataset, "pool", fact.pool):
        if row["origin"] in came and row["id"] not in (fact.dataset, fact.former_dataset):
            change(tables, e, row["id"], origin=came[row["origin"]])


@projection.on(DatasetDestroyed)
def destroyed(tables: Tables, e: Recorded[DatasetDestroyed]) -> None:
    for gone in e.event.datasets:
        forget_key(tables, gone.dataset)
        tables.delete(Dataset, gone.dataset)


@projection.on(SnapshotCloned)
def cloned(tables: Tables, e: Recorded[SnapshotCloned]) -> None:
    """Its creation stands beside this; here is what it was made of."""
    change(tables, e, e.event.clone, origin=f"{e.event.dataset_name}@{e.event.snapshot}")


@projection.on(QuotasSet)
def quotas_set(tables: Tables, e: Recorded[QuotasSet]) -> None:
    quotas = {f"{q.kind}:{q.who}": {"space": q.space, "objects": q.objects} for q in e.event.quotas}
    change(tables, e, e.event.dataset, quotas=quotas)


@projection.on(KeyChanged)
def key_changed(tables: Tables, e: Recorded[KeyChanged]) -> None:
    """Those below that took their key from it follow it to its new encryption root."""
    fact = e.event
    row = tables.get(Dataset, fact.dataset)
    before = row["encryption_root"] if row else ""
    for each in below(tables, fact.pool, fact.name):
        if each["encryption_root"] == before:
            change(tables, e, each["id"], encryption_root=fact.encryption_root)
    change(tables, e, fact.dataset, **_keyed(tables, fact.dataset, fact.key))


@projection.on(KeyExported)
def key_exported(tables: Tables, e: Recorded[KeyExported]) -> None:
    if (kept := tables.get(KeptKey, e.event.key)) is not None:
        tables.put(KeptKey, {**kept, "exported_at": e.recorded_at})


@projection.on(KeyLoaded, KeyUnloaded)
def key_status(tables: Tables, e: Recorded[DatasetEvent]) -> None:
    status = "available" if isinstance(e.event, KeyLoaded) else "unavailable"
    for row in tables.find(Dataset, "pool", e.event.pool):
        if row["encryption_root"] == e.event.name:
            change(tables, e, row["id"], key_status=status)


@projection.on(DatasetMounted)
def mounted(tables: Tables, e: Recorded[DatasetMounted]) -> None:
    change(tables, e, e.event.dataset, mounted=True)


@projection.on(DatasetUnmounted)
def unmounted(tables: Tables, e: Recorded[DatasetUnmounted]) -> None:
    for dataset in e.event.datasets:
        change(tables, e, dataset, mounted=False)
