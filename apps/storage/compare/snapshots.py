"""The snapshots and bookmarks that the box shows against those the read model has: the differences. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from apps.storage.adapters.zfs.snapshots import SeenBookmark, SeenSnapshot
from apps.storage.domain.datasets import pool_of
from apps.storage.domain.snapshots import (
    BookmarksFound,
    BookmarksGone,
    BookmarkState,
    SnapshotName,
    SnapshotsFound,
    SnapshotsGone,
    SnapshotState,
    chunks,
)

Known = Mapping[str, tuple[str, tuple[str, ...], bool]]  # id: (guid, holds, defer_destroy)
KnownBookmarks = Mapping[str, str]  # id: guid
Fact = SnapshotsFound | SnapshotsGone | BookmarksFound | BookmarksGone
Item = TypeVar("Item", SnapshotState, BookmarkState, SnapshotName)


@dataclass(frozen=True)
class Of:
    """The datasets that were looked at: (id, its pool's id) by name."""

    datasets: Mapping[str, tuple[UUID, UUID]]

    @cached_property
    def ids(self) -> dict[str, str]:
        """What their snapshots' ids begin with."""
        return {name: str(dataset) for name, (dataset, _) in self.datasets.items()}

    @cached_property
    def _names(self) -> dict[str, str]:
        return {dataset: name for name, dataset in self.ids.items()}

    def id_of(self, full_name: str, sign: str) -> str | None:
        """The id of a snapshot or bookmark, None where it is of another dataset."""
        dataset, _, name = full_name.partition(sign)
        return f"{self.ids[dataset]}{sign}{name}" if dataset in self.ids else None

    def name_of(self, key: str, sign: str) -> SnapshotName:
        dataset, _, name = key.partition(sign)
        return SnapshotName(dataset=UUID(dataset), dataset_name=self._names[dataset], name=name)

    def by_pool(self, items: Iterable[Item]) -> Iterable[tuple[UUID, str, tuple[Item, ...]]]:
        """(pool's id, its name, items): as many as an event takes."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            found[pool_of(item.dataset_name)].append(item)
        for name, of_pool in found.items():
            pool = self.datasets[of_pool[0].dataset_name][1]
            yield from ((pool, name, part) for part in chunks(of_pool))


def snapshot_facts(
    of: Of, known: Known, seen: Iterable[SeenSnapshot], holds: Mapping[str, Sequence[str]]
) -> list[Fact]:
    """``holds``: the tags of snapshots that have any, by full name."""
    present, new = set(), []
    for each in seen:
        if (key := of.id_of(each.name, "@")) is None:
            continue
        present.add(key)
        tags = tuple(sorted(holds[each.name])) if each.name in holds else ()
        if known.get(key) != (each.guid, tags, each.defer_destroy):
            new.append(_state(of, each, tags))
    gone = [of.name_of(key, "@") for key in known if key not in present]
    facts: list[Fact] = [SnapshotsGone(pool=pool, name=name, items=part) for pool, name, part in of.by_pool(gone)]
    return [*facts, *(SnapshotsFound(pool=pool, name=name, items=part) for pool, name, part in of.by_pool(new))]


def _state(of: Of, each: SeenSnapshot, holds: tuple[str, ...]) -> SnapshotState:
    dataset, _, name = each.name.partition("@")
    return SnapshotState(
        dataset=of.datasets[dataset][0],
        dataset_name=dataset,
        name=name,
        guid=each.guid,
        created_at=each.created_at,
        created_txg=each.created_txg,
        holds=holds,
        defer_destroy=each.defer_destroy,
    )


def bookmark_facts(of: Of, known: KnownBookmarks, seen: Iterable[SeenBookmark]) -> list[Fact]:
    found = {key: each for each in seen if (key := of.id_of(each.name, "#")) is not None}
    new = [_bookmark(of, each) for key, each in found.items() if known.get(key) != each.guid]
    gone = [of.name_of(key, "#") for key in known if key not in found]
    facts: list[Fact] = [BookmarksGone(pool=pool, name=name, items=part) for pool, name, part in of.by_pool(gone)]
    return [*facts, *(BookmarksFound(pool=pool, name=name, items=part) for pool, name, part in of.by_pool(new))]


def _bookmark(of: Of, each: SeenBookmark) -> BookmarkState:
    dataset, _, name = each.name.partition("#")
    return BookmarkState(
        dataset=of.datasets[dataset][0],
        dataset_name=dataset,
        name=name,
        guid=each.guid,
        created_at=each.created_at,
        created_txg=each.created_txg,
    )
