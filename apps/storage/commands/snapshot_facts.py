"""What plans on snapshots need to know, read from the read models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from apps.storage.domain.snapshots import bookmark_id, snapshot_id, split_name
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.models.snapshots import Bookmark, Snapshot, SnapshotUsage
from apps.storage.plans.snapshot_facts import BookmarkFacts, Place, SnapshotFacts, check_pool, listed
from calypso.kernel.errors import NotFound


def places(datasets: Iterable[Dataset]) -> list[Place]:
    """Raises Conflict for one in a pool on which nothing can be done."""
    rows = list(datasets)
    pools = {pool.id: pool for pool in Pool.objects.filter(id__in={row.pool for row in rows})}
    for pool in pools.values():
        check_pool(pool.name, pool.state, pool.read_only)
    return [Place(row.id, row.name, row.pool, row.name.partition("/")[0], row.type) for row in rows]


def find_places(names: Sequence[str], field: str) -> list[Place]:
    """The datasets of these names, in their order. Raises NotFound or Conflict."""
    rows = {row.name: row for row in Dataset.objects.filter(name__in=list(names), missing=False)}
    if unknown := [name for name in names if name not in rows]:
        raise NotFound(f"There is no dataset {listed(unknown)}.", code="no_such_dataset", field=field)
    return places(rows[name] for name in dict.fromkeys(names))


def under(roots: Sequence[Place], exclude: Sequence[str] = ()) -> list[Place]:
    """The datasets and all below them, each once; without those of ``exclude`` (full names) and what is below them."""
    found: dict[str, Dataset] = {}
    for root in roots:
        found |= {row.name: row for row in Dataset.objects.under(root.name).filter(missing=False).order_by("name")}
    left_out = tuple(f"{name}/" for name in exclude)
    return places(row for name, row in found.items() if not f"{name}/".startswith(left_out or ("\0",)))


def facts(rows: Iterable[Snapshot], known: Mapping[UUID, Place] | None = None) -> list[SnapshotFacts]:
    """Snapshots with their datasets, clones and sizes, in their order."""
    snapshots = list(rows)
    of = known or by_id({row.dataset for row in snapshots})
    clones = _clones({place.pool for place in of.values()})
    ids = [row.id for row in snapshots]
    sizes = dict(SnapshotUsage.objects.filter(pk__in=ids).values_list("snapshot", "used")) if ids else {}
    return [
        SnapshotFacts(
            of=of[row.dataset],
            name=row.name,
            guid=row.guid,
            created_at=row.created_at,
            created_txg=row.created_txg,
            holds=tuple(row.holds),
            clones=tuple(clones.get(f"{of[row.dataset].name}@{row.name}", ())),
            defer_destroy=row.defer_destroy,
            schedule=row.schedule,
            used=sizes.get(row.id),
        )
        for row in snapshots
        if row.dataset in of
    ]


def find_snapshots(names: Sequence[str], field: str) -> list[SnapshotFacts]:
    """The snapshots of these full names, in their order, each once. Raises Invalid, NotFound or Conflict."""
    wanted = dict.fromkeys(names)
    split = {name: split_name(name, field) for name in wanted}
    of = {row.name: row.id for row in Dataset.objects.filter(name__in={dataset for dataset, _ in split.values()})}
    ids = {name: snapshot_id(of[dataset], part) for name, (dataset, part) in split.items() if dataset in of}
    rows = Snapshot.objects.in_bulk(list(ids.values()))
    if unknown := [name for name in wanted if ids.get(name) not in rows]:
        raise NotFound(f"There is no snapshot {listed(unknown)}.", code="no_such_snapshot", field=field)
    return facts(rows[ids[name]] for name in wanted)


def same_below(tops: Sequence[SnapshotFacts]) -> list[SnapshotFacts]:
    """The snapshots and those of the same names of all below their datasets, each once."""
    found: dict[str, SnapshotFacts] = {}
    for top in tops:
        known = {place.id: place for place in under([top.of])}
        for each in facts(Snapshot.objects.filter(dataset__in=known, name=top.name), known):
            found.setdefault(each.full_name, each)
    return list(found.values())


def find_bookmark(name: str, field: str) -> BookmarkFacts:
    """Raises Invalid, NotFound or Conflict."""
    dataset, part = split_name(name, field, sign="#")
    [of] = find_places([dataset], field)
    row = Bookmark.objects.filter(pk=bookmark_id(of.id, part)).first()
    if row is None:
        raise NotFound(f"There is no bookmark {name}.", code="no_such_bookmark", field=field)
    return BookmarkFacts(of, row.name, row.guid, row.created_txg)


def taken(of: Iterable[Place], name: str) -> list[str]:
    """Full names of the snapshots of this name that these datasets have."""
    names = {place.id: place.name for place in of}
    found = Snapshot.objects.filter(dataset__in=names, name=name).values_list("dataset", flat=True)
    return [f"{names[dataset]}@{name}" for dataset in found]


def having(chosen: Sequence[SnapshotFacts]) -> tuple[dict[str, frozenset[UUID]], dict[UUID, Place]]:
    """For plans that destroy: which datasets have snapshots of these names, and all datasets of those pools.

    Nothing where only one dataset is concerned: then there is nothing to take together.
    """
    if len({s.of.id for s in chosen}) < 2:
        return {}, {s.of.id: s.of for s in chosen}
    pools = {s.of.pool for s in chosen}
    found: dict[str, set[UUID]] = {}
    rows = Snapshot.objects.filter(pool__in=pools, name__in={s.name for s in chosen})
    for name, dataset in rows.values_list("name", "dataset"):
        found.setdefault(name, set()).add(dataset)
    all_ = places(Dataset.objects.filter(pool__in=pools))
    return {name: frozenset(datasets) for name, datasets in found.items()}, {place.id: place for place in all_}


def by_id(datasets: Iterable[UUID]) -> dict[UUID, Place]:
    return {place.id: place for place in places(Dataset.objects.filter(id__in=set(datasets)))}


def _clones(pools: Iterable[UUID]) -> dict[str, list[str]]:
    """The clones of each snapshot that has any, by full names."""
    found: dict[str, list[str]] = {}
    rows: QuerySet[Dataset] = Dataset.objects.filter(pool__in=set(pools)).exclude(origin="")
    for name, origin in rows.order_by("name").values_list("name", "origin"):
        found.setdefault(origin, []).append(name)
    return found
