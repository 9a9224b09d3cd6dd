"""What snapshots and schedules tell of who uses a resource: clones, and schedules that work on it."""

from __future__ import annotations

from uuid import UUID

from apps.storage.domain.datasets import dataset_address
from apps.storage.domain.schedules import schedule_address
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.models.schedules import Schedule
from calypso.kernel.dependents import tells_dependents
from calypso.kernel.plans import Dependent

POOL, DATASET, SNAPSHOT = "storage.pool.", "storage.dataset.", "storage.snapshot."


@tells_dependents
def schedules(address: str) -> list[Dependent]:
    """Those that work on the pool or dataset, or on something in it."""
    if not address.startswith((POOL, DATASET)):
        return []
    name = address.removeprefix(POOL).removeprefix(DATASET)
    targets: set[UUID] = set(Dataset.objects.under(name).values_list("id", flat=True))
    if address.startswith(POOL):
        targets |= set(Pool.objects.filter(name=name).values_list("id", flat=True))
    found = Schedule.objects.filter(target__in=targets)
    return [
        Dependent(kind="schedule", name=row.name, detail=row.kind, address=schedule_address(row.name)) for row in found
    ]


@tells_dependents
def clones(address: str) -> list[Dependent]:
    """Datasets elsewhere that were made from a snapshot of it, or of something in it. A pool's go with the pool."""
    if address.startswith(SNAPSHOT):
        found = Dataset.objects.filter(origin=address.removeprefix(SNAPSHOT))
    elif address.startswith(DATASET):
        name = address.removeprefix(DATASET)
        inside = Dataset.objects.under(name).values("id")
        found = Dataset.objects.from_snapshots_under(name).exclude(id__in=inside)
    else:
        return []
    return [
        Dependent(kind="clone", name=row.name, detail=f"made from {row.origin}", address=dataset_address(row.name))
        for row in found
    ]
