"""The part of a scan that looks at datasets: two commands for all pools, and only plain values by the ten thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from apps.storage import reading
from apps.storage.adapters.zfs import scan as adapter
from apps.storage.adapters.zfs.scan import SeenDataset, Usage
from apps.storage.compare import datasets as compare
from apps.storage.domain.datasets import pool_of
from apps.storage.domain.drift import DriftDetected, DriftResolved
from apps.storage.domain.snapshots import snapshot_stream
from apps.storage.models.datasets import Dataset, DatasetUsage
from apps.storage.models.pools import Pool
from apps.storage.observe.recording import in_hand, record, write_samples
from apps.storage.observe.scope import Scope
from calypso.kernel import store
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change

log = structlog.get_logger("calypso.storage")

KEEP = 256 * 1024 * 1024  # bytes of a listing; 100,000 datasets take a fifth of that
DEADLINE = 300.0  # seconds
CHANGED_SINCE = (2, 2)  # snapshots_changed
USAGE = tuple(Usage.__dataclass_fields__)


@dataclass(frozen=True)
class Looked:
    """A dataset as this scan saw it, and its figures at the scan before (None: none). ``at``: Unix seconds of those."""

    dataset: UUID
    pool: UUID
    name: str
    usage: Usage
    before: Usage | None
    at: float


def look_at_datasets(
    pools: Sequence[str], version: tuple[int, ...], since: int, scope: Scope
) -> tuple[int, list[Looked]]:
    """Records what differs in these pools, which all answer. Returns the number of events, and what was seen."""
    ids = {p.name: p.id for p in Pool.objects.filter(name__in=list(pools)).only("id", "name")}
    roots = [root for pool in pools if pool in ids for root in scope.roots_of(pool)]
    seen = read_datasets(roots, changed=version >= CHANGED_SINCE)
    held = in_hand(ids, since)
    count, looked = 0, []
    for root, found in seen.items():
        pool = ids[pool_of(root)]
        if pool_of(root) in held:
            continue
        whole = root == pool_of(root)
        rows = known(pool, "" if whole else root)
        found_here = compare.compare(pool, _with_strays(pool, rows, found, whole), found)
        if not found_here.nothing:
            count += _record(pool, pool_of(root), "" if whole else root, found, since)
        looked += _looked(pool, found, {row["guid"]: row["id"] for row in rows})
    return count, _with_figures(_named(looked))


def read_datasets(roots: Sequence[str], *, changed: bool) -> dict[str, list[SeenDataset]]:
    """What is below each root. One that can't be read is left out: nothing is known of it, and nothing is concluded."""
    if not roots:
        return {}
    try:
        return _by_root(roots, _read(roots, changed))
    except CalypsoError as error:
        if len(roots) == 1:
            return _alone(roots[0], error)
        log.info("datasets are listed root by root", error=error.message)
    return {root: found for each in roots for root, found in read_datasets([each], changed=changed).items()}


def _alone(root: str, error: CalypsoError) -> dict[str, list[SeenDataset]]:
    """A dataset that does not exist has nothing in it; of any other failure nothing is to be concluded."""
    if error.code == "no_such_dataset" and "/" in root:
        return {root: []}
    log.warning("datasets could not be listed", root=root, error=error.message, code=error.code)
    return {}


def _read(roots: Sequence[str], changed: bool) -> tuple[SeenDataset, ...]:
    listed = reading.read(adapter.scan_argv(*roots, changed=changed), deadline=DEADLINE, keep=KEEP)
    own = adapter.parse_own(reading.read(adapter.own_argv(*roots), deadline=DEADLINE, keep=KEEP))
    return adapter.parse_scan(listed, own, changed=changed)


def _by_root(roots: Sequence[str], seen: Iterable[SeenDataset]) -> dict[str, list[SeenDataset]]:
    """Each root's own. A listing in which a root itself is missing is not whole."""
    found: dict[str, list[SeenDataset]] = {root: [] for root in roots}
    tops = {pool_of(root) for root in roots if root == pool_of(root)}
    for each in seen:
        name = each.state.name
        top = (
            pool_of(name) if pool_of(name) in tops else next(r for r in roots if name == r or name.startswith(f"{r}/"))
        )
        found[top].append(each)
    return {root: listed for root, listed in found.items() if any(each.state.name == root for each in listed)}


# --- what is known ----------------------------------------------------------------------------------------------------


def known(pool: UUID, root: str) -> list[dict[str, Any]]:
    """The rows of a pool, or of a dataset and all below it."""
    rows = Dataset.objects.filter(pool=pool)
    return list((rows.under(root) if root else rows).values(*compare.KNOWN_FIELDS))


def _with_strays(
    pool: UUID, rows: list[dict[str, Any]], seen: Sequence[SeenDataset], whole: bool
) -> list[dict[str, Any]]:
    """The rows, and those of datasets that came here from elsewhere in the pool by a rename."""
    if whole:
        return rows
    guids = {each.state.guid for each in seen} - {row["guid"] for row in rows}
    return rows + list(Dataset.objects.filter(pool=pool, guid__in=guids).values(*compare.KNOWN_FIELDS))


def _record(pool: UUID, name: str, root: str, seen: Sequence[SeenDataset], since: int) -> int:
    """Compares again under the ledger's lock, for others may have written meanwhile."""
    with store.writing():
        if in_hand([name], since):
            return 0
        rows = known(pool, root)
        found = compare.compare(pool, _with_strays(pool, rows, seen, not root), seen)
        DatasetUsage.objects.filter(dataset__in=[item.dataset for item in found.gone]).delete()
        return record([Change(_stream(pool, fact), fact) for fact in compare.facts(pool, name, found)])


def _stream(pool: UUID, fact: compare.Fact) -> UUID:
    return fact.id if isinstance(fact, DriftDetected | DriftResolved) else snapshot_stream(pool)


# --- figures ----------------------------------------------------------------------------------------------------------


def _looked(
    pool: UUID, seen: Sequence[SeenDataset], ids: Mapping[str, UUID]
) -> list[tuple[UUID | None, UUID, SeenDataset]]:
    return [(ids.get(each.state.guid), pool, each) for each in seen]


def _named(looked: Sequence[tuple[UUID | None, UUID, SeenDataset]]) -> list[tuple[UUID, UUID, SeenDataset]]:
    """With the ids of those that this scan made known; one that is not on record has no figures."""
    new = [each.state.name for dataset, _, each in looked if dataset is None]
    ids = dict(Dataset.objects.filter(name__in=new, missing=False).values_list("name", "id")) if new else {}
    found = [(dataset or ids.get(each.state.name), pool, each) for dataset, pool, each in looked]
    return [(dataset, pool, each) for dataset, pool, each in found if dataset is not None]


def _with_figures(looked: Sequence[tuple[UUID, UUID, SeenDataset]]) -> list[Looked]:
    wanted = [dataset for dataset, _, _ in looked]
    rows = DatasetUsage.objects.filter(dataset__in=wanted) if len(wanted) < 1000 else DatasetUsage.objects.all()
    before = {row[0]: row[1:] for row in rows.values_list("dataset", *USAGE, "sampled_at").iterator()}
    found = []
    for dataset, pool, each in looked:
        row = before.get(dataset)
        figures = Usage(*row[:-1]) if row else None
        at = row[-1].timestamp() if row else 0.0
        found.append(Looked(dataset, pool, each.state.name, each.usage, figures, at))
    return found


def write_figures(looked: Iterable[Looked], *, again: bool = False) -> None:
    """The samples of those that differ from before; ``again``: of all, for their snapshots were looked at now."""
    now = timezone.now()
    rows = [
        (each.dataset, *(getattr(each.usage, name) for name in USAGE), now)
        for each in looked
        if again or each.before != each.usage
    ]
    write_samples(DatasetUsage, rows)


def by_pool(looked: Iterable[Looked]) -> dict[UUID, list[Looked]]:
    found: dict[UUID, list[Looked]] = defaultdict(list)
    for each in looked:
        found[each.pool].append(each)
    return found
