"""Datasets and snapshots made by hand on the lab's box, and seen as a scan would see them."""

from __future__ import annotations

from typing import Literal
from uuid import uuid5

from apps.storage import snapshot_reading
from apps.storage.domain.datasets import DatasetCreated
from apps.storage.domain.snapshots import SnapshotsFound, SnapshotState, snapshot_stream
from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import SnapshotUsage
from calypso.kernel import store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.events import Change
from calypso.kernel.projections import append
from tests.support.lab_box import Box


def dataset(name: str) -> Dataset:
    found = Dataset.objects.named(name)
    assert found is not None, name
    return found


def make_datasets(box: Box, *names: str, volsize: str = "") -> None:
    """File systems (volumes for a size) in pools that are known already."""
    for name in names:
        box.ok("zfs", "create", *(["-V", volsize] if volsize else []), name)
        know_dataset(name, "volume" if volsize else "filesystem")


def know_dataset(name: str, kind: Literal["filesystem", "volume"] = "filesystem") -> None:
    """Nothing where a scan has seen it already."""
    if Dataset.objects.named(name) is not None:
        return
    of = dataset(name.partition("/")[0])
    made = DatasetCreated(
        dataset=uuid5(of.pool, name),
        pool=of.pool,
        name=name,
        type=kind,
        volsize=None,
        properties={},
        encryption="off",
        encryption_root="",
        key=None,
    )
    with store.writing():
        append([Change(made.dataset, made)], OBSERVER.metadata())


def take(box: Box, *names: str, at: float | None = None) -> None:
    """Snapshots by hand, each at a moment of its own; then they are seen."""
    for name in names:
        if at is not None:
            box.options(now=at)
        box.ok("zfs", "snapshot", name)
    see(*names)


def see(*names: str) -> None:
    """What a scan would record of these snapshots, sizes too."""
    seen, held = snapshot_reading.snapshots(names), snapshot_reading.holds(names)
    states = [
        SnapshotState(
            dataset=dataset(name.partition("@")[0]).id,
            dataset_name=name.partition("@")[0],
            name=name.partition("@")[2],
            guid=found.guid,
            created_at=found.created_at,
            created_txg=found.created_txg,
            holds=tuple(held.get(name, ())),
            defer_destroy=found.defer_destroy,
        )
        for name, found in seen.items()
    ]
    of = dataset(names[0].partition("@")[0])
    fact = SnapshotsFound(pool=of.pool, name=of.name.partition("/")[0], items=tuple(states))
    with store.writing():
        append([Change(snapshot_stream(of.pool), fact)], OBSERVER.metadata())
    for state in states:
        found = seen[state.full_name]
        sizes = {"used": found.used, "referenced": found.referenced}
        SnapshotUsage.objects.update_or_create(snapshot=state.id, defaults=sizes)
