"""Too many snapshots: lists and destroys get slow, and so does the import of the pool."""

from __future__ import annotations

from collections.abc import Iterator

from apps.storage.alerts.levels import level
from apps.storage.domain.datasets import dataset_address
from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Snapshot
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.alerts.rules import Standing, rule

OF_ONE, OF_ALL = 10_000, 200_000
BACK_OFF = 0.02  # of the limit
ADVICE = "Give its schedules a shorter retention, and destroy what nobody needs."


@rule("storage.snapshots")
def snapshots(standing: Standing) -> Iterator[Condition]:
    counts = Snapshot.objects.counts_by_dataset(round(OF_ONE * (1 - BACK_OFF)) - 1)
    for dataset in Dataset.objects.filter(pk__in=counts).only("id", "name"):
        key = str(dataset.id)
        if at := level(counts[dataset.id], (OF_ONE,), standing.get(key), OF_ONE * BACK_OFF):
            yield _too_many(key, dataset_address(dataset.name), dataset.name, at)
    if at := level(Snapshot.objects.count(), (OF_ALL,), standing.get("all"), OF_ALL * BACK_OFF):
        yield _too_many("all", "storage", "This appliance", at)


def _too_many(key: str, resource: str, what: str, at: int) -> Condition:
    return Condition(
        key=key,
        severity="warning",
        grade=at,
        resource=resource,
        title=f"{what} has {at} snapshots or more",
        text="Lists, destroys and imports take long with so many.",
        advice=ADVICE,
    )
