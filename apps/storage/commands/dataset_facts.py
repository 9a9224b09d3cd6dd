"""Datasets as commands, routes and plans find them: with what they inherit, and with what is around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from django.db import models

from apps.storage.domain.datasets import DatasetType, dataset_address, pool_of
from apps.storage.domain.inheritance import Effective, Own, ancestors_of, effective
from apps.storage.models.datasets import Dataset, DatasetUsage, KeptKey
from apps.storage.models.pools import Pool
from apps.storage.models.snapshots import Snapshot
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState, SnapshotFacts, Surroundings
from calypso.kernel.dependents import used_by
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Dependent

PARTS = ("dataset", "snapshots", "clone", "hold")  # kinds of dependents that are datasets themselves, or of them


def find_dataset(dataset: UUID) -> Dataset:
    """Raises NotFound."""
    found = Dataset.objects.filter(pk=dataset).first()
    if found is None:
        raise NotFound(f"There is no dataset {dataset}.", code="no_such_dataset", field="id")
    return found


def own_of(names: Iterable[str]) -> dict[str, Own]:
    """What is set on each of these datasets itself, by name."""
    return dict(Dataset.objects.filter(name__in=list(names)).values_list("name", "properties"))


def effective_of(row: Dataset) -> dict[str, Effective]:
    """All its properties in effect."""
    above = ancestors_of(row.name)
    known = own_of(above)
    found = effective(row.name, _type(row), row.properties, [(name, known.get(name, {})) for name in above])
    if row.mountpoint and "mountpoint" in found:
        found["mountpoint"] = Effective(row.mountpoint, found["mountpoint"].source, found["mountpoint"].ancestor)
    return found


def pool_state(name: str) -> PoolState | None:
    """The pool that a dataset of this name is in."""
    pool = Pool.objects.named(pool_of(name))
    if pool is None:
        return None
    return PoolState(id=pool.id, name=pool.name, state=pool.state, read_only=pool.read_only)


def pool_of_row(row: Dataset) -> PoolState:
    """Raises NotFound."""
    pool = pool_state(row.name)
    if pool is None:
        raise NotFound(f"There is no pool “{pool_of(row.name)}”.", code="no_such_pool", field="id")
    return pool


def whole_facts(row: Dataset) -> DatasetFacts:
    """A dataset with all its properties in effect, its usage and its kept key."""
    values = {name: found.value for name, found in effective_of(row).items()}
    return facts_of(
        row,
        values,
        DatasetUsage.objects.filter(pk=row.id).first(),
        mountpoint=values.get("mountpoint", ""),
        key=kept_key(row),
    )


def facts_of(
    row: Dataset,
    values: dict[str, str] | None = None,
    usage: DatasetUsage | None = None,
    *,
    mountpoint: str = "",
    key: str = "",
) -> DatasetFacts:
    """A dataset; without ``values`` only its own are known."""
    own = {name: found["value"] for name, found in row.properties.items() if found["source"] in ("local", "received")}
    return DatasetFacts(
        id=row.id,
        pool=row.pool,
        name=row.name,
        type=_type(row),
        guid=row.guid,
        origin=row.origin,
        mountpoint=row.mountpoint or mountpoint,
        mounted=row.mounted,
        encryption=row.encryption,
        encryption_root=row.encryption_root,
        key_status=row.key_status,
        key_format=row.key_format,
        key=key or row.key,
        volsize=row.volsize,
        own=own,
        values=own if values is None else values,
        used=usage.used if usage else None,
        referenced=usage.referenced if usage else None,
        available=usage.available if usage else None,
    )


def kept_keys(rows: Sequence[Dataset]) -> dict[UUID, KeptKey]:
    """The keys that Calypso keeps for these, by dataset; also from before their pool was away."""
    roots = {row.guid: row.id for row in rows if row.encryption_root == row.name}
    by_name = {row.key: row.id for row in rows if row.key}
    found = KeptKey.objects.filter(models.Q(pk__in=list(by_name)) | models.Q(guid__in=[guid for guid in roots if guid]))
    return {by_name.get(kept.key) or roots[kept.guid]: kept for kept in found} if roots or by_name else {}


def kept_key(row: Dataset) -> str:
    """The reference of the key that Calypso keeps for it, or ""."""
    kept = kept_keys([row]).get(row.id)
    return kept.key if kept else ""


def known_facts(names: Iterable[str]) -> dict[str, DatasetFacts]:
    """Those of these datasets that exist, by name."""
    return {row.name: facts_of(row) for row in Dataset.objects.filter(name__in=list(names))}


def below_facts(row: Dataset) -> tuple[DatasetFacts, ...]:
    """All that is below a dataset."""
    return tuple(facts_of(each) for each in Dataset.objects.below(row.name).order_by("name"))


def users_of(row: Dataset) -> tuple[Dependent, ...]:
    """What uses a dataset or anything below it, and is no part of it."""
    return tuple(user for user in used_by(dataset_address(row.name)) if user.kind not in PARTS)


def surroundings(row: Dataset) -> Surroundings:
    """All that would go with a dataset."""
    below = list(Dataset.objects.below(row.name).order_by("name"))
    clones = _clones(row.pool, [row, *below])
    usages = DatasetUsage.objects.in_bulk([each.id for each in (row, *clones)])
    users = [user for each in (row, *clones) for user in users_of(each)]
    keys = {dataset: kept.key for dataset, kept in kept_keys([row, *below, *clones]).items()}
    return Surroundings(
        pool=pool_of_row(row),
        it=facts_of(row, usage=usages.get(row.id), key=keys.get(row.id, "")),
        below=tuple(facts_of(each, key=keys.get(each.id, "")) for each in below),
        snapshots=snapshot_facts([row, *below, *clones]),
        clones=tuple(facts_of(c, usage=usages.get(c.id), key=keys.get(c.id, "")) for c in clones),
        users=tuple(dict.fromkeys(users)),
    )


def snapshot_facts(rows: Sequence[Dataset]) -> tuple[SnapshotFacts, ...]:
    """The snapshots of these datasets, in the order of the datasets and of their making."""
    names = {row.id: row.name for row in rows}
    place = {row.id: at for at, row in enumerate(rows)}
    found = Snapshot.objects.filter(dataset__in=list(names)).only("dataset", "name", "created_txg", "holds")
    ordered = sorted(found, key=lambda each: (place[each.dataset], each.created_txg, each.name))
    return tuple(SnapshotFacts(f"{names[s.dataset]}@{s.name}", s.created_txg, tuple(s.holds)) for s in ordered)


def _clones(pool: UUID, datasets: Sequence[Dataset]) -> list[Dataset]:
    """Clones of snapshots of these that are elsewhere, with what is below them, and their clones in turn."""
    found: dict[str, Dataset] = {}
    inside = {row.name for row in datasets}
    newest: set[str] = inside
    while newest:
        clones = [c for c in Dataset.objects.clones_of(pool, newest) if c.name not in inside and c.name not in found]
        more = {row.name: row for clone in clones for row in Dataset.objects.under(clone.name)}
        newest = {name for name in more if name not in found and name not in inside}
        found |= {name: more[name] for name in newest}
    return [found[name] for name in sorted(found)]


def _type(row: Dataset) -> DatasetType:
    return cast(DatasetType, row.type)
