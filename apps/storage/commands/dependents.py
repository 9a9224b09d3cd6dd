"""What is in a dataset, and what holds it or a pool now. Clones and schedules: snapshot_dependents."""

from __future__ import annotations

from collections.abc import Iterable

from apps.storage.domain.datasets import dataset_address
from apps.storage.domain.snapshots import snapshot_address
from apps.storage.models.datasets import Dataset
from apps.storage.models.samples import Holder
from apps.storage.models.snapshots import Snapshot
from calypso.kernel.dependents import tells_dependents
from calypso.kernel.plans import Dependent

_DATASET, _POOL = "storage.dataset.", "storage.pool."
MOST = 1000  # of one kind


@tells_dependents
def of_storage(address: str) -> list[Dependent]:
    """Of a dataset, what is in it and what uses it or anything below it; of a pool, what uses anything in it."""
    if address.startswith(_POOL):
        return [*_mounts(address.removeprefix(_POOL)), *_holders(address.removeprefix(_POOL))]
    if not address.startswith(_DATASET):
        return []
    name = address.removeprefix(_DATASET)
    rows = list(Dataset.objects.under(name).only("id", "name"))
    if not rows:
        return []
    inside = [row for row in rows if row.name != name]
    return [
        *(Dependent(kind="dataset", name=row.name, address=dataset_address(row.name)) for row in inside[:MOST]),
        *_snapshots(rows),
        *_mounts(name),
        *_holders(name),
    ]


def _snapshots(rows: list[Dataset]) -> Iterable[Dependent]:
    names = {row.id: row.name for row in rows}
    found = Snapshot.objects.filter(dataset__in=list(names))
    if count := found.count():
        yield Dependent(kind="snapshots", name=f"{count} snapshot{'s' * (count != 1)}")
    for held in found.held()[:MOST]:
        full = f"{names[held.dataset]}@{held.name}"
        yield Dependent(kind="hold", name=full, detail=", ".join(held.holds), address=snapshot_address(full))


def _mounts(name: str) -> Iterable[Dependent]:
    for row in Dataset.objects.under(name).filter(mounted=True).order_by("name")[:MOST]:
        yield Dependent(kind="mount", name=row.name, detail=row.mountpoint, address=dataset_address(row.name))


def _holders(name: str) -> Iterable[Dependent]:
    """Of mounts only bind mounts and what is mounted within: a dataset's own are told from the datasets themselves."""
    for holder in Holder.objects.below(name).order_by("dataset", "kind", "pid", "name")[:MOST]:
        pid = f"pid {holder.pid}" if holder.pid else ""
        detail = ", ".join(part for part in (pid, holder.detail, f"in {holder.dataset}") if part)
        yield Dependent(kind=holder.kind, name=holder.name, detail=detail)
