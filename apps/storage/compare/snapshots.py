"""The snapshots and bookmarks that the box shows against those the read model has: the differences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from apps.storage.adapters.zfs.snapshots import SeenBookmark, SeenSnapshot
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

Known = Mapping[tuple[UUID, str], tuple[str, tuple[str, ...], bool]]  # (dataset, name): (guid, holds, defer_destroy)
KnownBookmarks = Mapping[tuple[UUID, str], str]  # guid
Fact = SnapshotsFound | SnapshotsGone | BookmarksFound | BookmarksGone


@dataclass(frozen=True)
class Of:
    """The datasets that were looked at, by name."""

    pool: UUID
    pool_name: str
    datasets: Mapping[str, UUID]

    @cached_property
    def names(self) -> dict[UUID, str]:
        return {dataset: name for name, dataset in self.datasets.items()}

    def name(self, dataset: UUID, name: str) -> SnapshotName:
        return SnapshotName(dataset=dataset, dataset_name=self.names[dataset], name=name)


def snapshot_facts(
    of: Of, known: Known, seen: Iterable[SeenSnapshot], holds: Mapping[str, Sequence[str]]
) -> list[Fact]:
    """``holds``: the tags of snapshots that have any, by full name."""
    states = [state for each in seen if (state := _state(of, each, holds)) is not None]
    new = [s for s in states if known.get((s.dataset, s.name)) != (s.guid, s.holds, s.defer_destroy)]
    present = {(s.dataset, s.name) for s in states}
    gone = [of.name(dataset, name) for dataset, name in known if (dataset, name) not in present]
    common = {"pool": of.pool, "name": of.pool_name}
    facts: list[Fact] = [SnapshotsGone(**common, items=part) for part in chunks(gone)]
    return [*facts, *(SnapshotsFound(**common, items=part) for part in chunks(new))]


def _state(of: Of, each: SeenSnapshot, holds: Mapping[str, Sequence[str]]) -> SnapshotState | None:
    dataset, _, name = each.name.partition("@")
    if dataset not in of.datasets:
        return None
    return SnapshotState(
        dataset=of.datasets[dataset],
        dataset_name=dataset,
        name=name,
        guid=each.guid,
        created_at=each.created_at,
        created_txg=each.created_txg,
        holds=tuple(sorted(holds.get(each.name, ()))),
        defer_destroy=each.defer_destroy,
    )


def bookmark_facts(of: Of, known: KnownBookmarks, seen: Iterable[SeenBookmark]) -> list[Fact]:
    states = [state for each in seen if (state := _bookmark(of, each)) is not None]
    new = [s for s in states if known.get((s.dataset, s.name)) != s.guid]
    present = {(s.dataset, s.name) for s in states}
    gone = [of.name(dataset, name) for dataset, name in known if (dataset, name) not in present]
    common = {"pool": of.pool, "name": of.pool_name}
    facts: list[Fact] = [BookmarksGone(**common, items=part) for part in chunks(gone)]
    return [*facts, *(BookmarksFound(**common, items=part) for part in chunks(new))]


def _bookmark(of: Of, each: SeenBookmark) -> BookmarkState | None:
    dataset, _, name = each.name.partition("#")
    if dataset not in of.datasets:
        return None
    return BookmarkState(
        dataset=of.datasets[dataset],
        dataset_name=dataset,
        name=name,
        guid=each.guid,
        created_at=each.created_at,
        created_txg=each.created_txg,
    )
