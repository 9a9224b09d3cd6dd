"""The part of a scan that looks at snapshots: only those of datasets where something may have changed.

ZFS tells of each dataset when a snapshot of it was last made or destroyed (``snapshots_changed``, from 2.2 on), to the
second. Holds and deferred destruction it does not tell: a share of all datasets is looked at again at each scan.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from uuid import UUID

import structlog

from apps.storage import reading
from apps.storage.adapters.zfs.snapshot_scan import parse_scan, scan_argv
from apps.storage.adapters.zfs.snapshots import SeenSnapshot, holds_argv, parse_holds
from apps.storage.compare.snapshots import Fact, Of, bookmark_facts, snapshot_facts
from apps.storage.domain.datasets import pool_of
from apps.storage.domain.snapshots import snapshot_stream
from apps.storage.models.snapshots import Bookmark, Snapshot, SnapshotUsage
from apps.storage.observe.datasets import DEADLINE, KEEP, Looked, by_pool, write_figures
from apps.storage.observe.recording import in_hand, one_at_a_time, record, write_samples
from calypso.kernel import store
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change

log = structlog.get_logger("calypso.storage")

BATCH = 200  # datasets a command: their names must fit into its arguments
ALMOST = 3.0  # seconds: what changed so shortly before the last look may have changed once more since
SPACE_MOST = 300  # datasets a scan whose snapshots only differ in the space they take
SHARE = 4000  # snapshots that are looked at again at each scan, changed or not

_turn = itertools.count()


def look_at_snapshots(looked: Sequence[Looked], *, whole: bool) -> int:
    """Records what differs. Returns the number of events."""
    chosen = choose(looked, next(_turn) if whole else None)
    later = {each.dataset for each in looked} - {each.dataset for each in chosen}
    write_figures([each for each in looked if each.dataset in later and not _space(each)])
    chosen.sort(key=lambda each: each.name)  # those of a pool together
    count = 0
    for at in range(0, len(chosen), BATCH):
        with one_at_a_time():
            count += _batch(chosen[at : at + BATCH])
    return count


def choose(looked: Sequence[Looked], turn: int | None) -> list[Looked]:
    """Those to look at: all that may have changed, some that changed in space alone, and a share of the others."""
    changed = [each for each in looked if _changed(each)]
    taken = {each.dataset for each in changed}
    space = [each for each in looked if each.dataset not in taken and _space(each)][:SPACE_MOST]
    taken |= {each.dataset for each in space}
    return changed + space + [each for each in _share(looked, turn) if each.dataset not in taken]


def _changed(each: Looked) -> bool:
    if each.before is None or each.usage.snapshots_changed != each.before.snapshots_changed:
        return True
    return each.usage.snapshots_changed is not None and each.at - each.usage.snapshots_changed < ALMOST


def _space(each: Looked) -> bool:
    return each.before is not None and each.usage.used_by_snapshots != each.before.used_by_snapshots


def _share(looked: Sequence[Looked], turn: int | None) -> Iterator[Looked]:
    """One part in so many, another at each scan. An operation's own scan looks at all that it touches."""
    if turn is None:
        return iter(looked)
    parts = max(1, Snapshot.objects.count() // SHARE)
    return (each for each in looked if each.dataset.int % parts == turn % parts)


def _batch(members: Sequence[Looked]) -> int:
    since = store.position()
    of = Of({each.name: (each.dataset, each.pool) for each in members})
    try:
        snapshots, bookmarks = parse_scan(reading.read(scan_argv(list(of.datasets)), deadline=DEADLINE, keep=KEEP))
        holds = _holds(snapshots)
    except CalypsoError as error:
        return _one_by_one(members, error)

    def facts() -> list[Fact]:
        ids = [dataset for dataset, _ in of.datasets.values()]
        return snapshot_facts(of, _known(ids), snapshots, holds) + bookmark_facts(of, _known_bookmarks(ids), bookmarks)

    count, held = 0, set[str]()
    if found := facts():
        with store.writing():
            if store.position() != since:
                found = facts()  # others may have written meanwhile
            held = in_hand({fact.name for fact in found}, since)
            count = record([Change(snapshot_stream(fact.pool), fact) for fact in found if fact.name not in held])
    _write_usage(of, snapshots)
    write_figures([each for each in members if pool_of(each.name) not in held], again=True)
    return count


def _one_by_one(members: Sequence[Looked], error: CalypsoError) -> int:
    """The trouble of one pool is not that of others. One of the datasets may just have gone: the next scan knows."""
    pools = by_pool(members)
    if len(pools) > 1:
        return sum(_batch(of_pool) for of_pool in pools.values())
    log.info("snapshots could not be listed", pool=pool_of(members[0].name), error=error.message)
    return 0


def _holds(snapshots: Sequence[SeenSnapshot]) -> dict[str, list[str]]:
    held = [each.name for each in snapshots if each.user_references]
    found: dict[str, list[str]] = {}
    for at in range(0, len(held), BATCH):
        found |= parse_holds(reading.read(holds_argv(held[at : at + BATCH]), deadline=DEADLINE))
    return found


def _known(datasets: Sequence[UUID]) -> dict[str, tuple[str, tuple[str, ...], bool]]:
    rows = Snapshot.objects.filter(dataset__in=datasets).values_list("id", "guid", "holds", "defer_destroy")
    return {key: (guid, tuple(holds), deferred) for key, guid, holds, deferred in rows}


def _known_bookmarks(datasets: Sequence[UUID]) -> dict[str, str]:
    return dict(Bookmark.objects.filter(dataset__in=datasets).values_list("id", "guid"))


def _write_usage(of: Of, snapshots: Sequence[SeenSnapshot]) -> None:
    """Samples of those that differ. Others of these datasets, which are gone, have none."""
    seen = {key: (each.used, each.referenced) for each in snapshots if (key := of.id_of(each.name, "@")) is not None}
    before = {key: (used, referenced) for key, used, referenced in _usage_of(of)}
    write_samples(SnapshotUsage, [(key, *figures) for key, figures in seen.items() if before.get(key) != figures])
    if gone := before.keys() - seen.keys():
        SnapshotUsage.objects.filter(pk__in=gone).delete()


def _usage_of(of: Of) -> list[tuple[str, int, int]]:
    """By ranges of the key, which begins with the dataset's id: ``@`` is followed by ``A`` in it."""
    return store.query(
        """SELECT u.snapshot, u.used, u.referenced FROM unnest(%s::text[]) AS d(id)
           JOIN storage_snapshotusage u ON u.snapshot >= d.id || '@' AND u.snapshot < d.id || 'A'""",
        [list(of.ids.values())],
    )
