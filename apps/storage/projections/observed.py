"""The read models as scans find the box: what came, changed, vanished, and how far it is from the configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.storage.domain.datasets import DatasetState, parent_of
from apps.storage.domain.drift import GONE, Difference, DriftAccepted, DriftDetected, DriftResolved, noted, seen_again
from apps.storage.domain.observed import (
    DatasetForgotten,
    DatasetsAdopted,
    DatasetsChanged,
    DatasetsDiscovered,
    DatasetsVanished,
    PoolAdopted,
    PoolForgotten,
)
from apps.storage.domain.pools import PoolEvent, PoolVanished
from apps.storage.domain.wishes import in_force
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.projections import datasets, snapshots
from apps.storage.projections.base import projection as pools
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Row, Tables

ABSENT = Difference(field=GONE, wanted="present", seen="missing")

# --- pools ------------------------------------------------------------------------------------------------------------


@pools.on(PoolAdopted)
def pool_adopted(tables: Tables, e: Recorded[PoolAdopted]) -> None:
    _change_pool(tables, e, e.event.pool, wanted=dict(e.event.properties))


@pools.on(PoolVanished)
def pool_vanished(tables: Tables, e: Recorded[PoolEvent]) -> None:
    """It stays on record, as missing, until somebody accepts that or brings it back."""
    if (row := tables.get(Pool, e.event.pool)) is not None:
        drift = [d for d in row["drift"] if d["field"] != GONE]
        since = noted((ABSENT,), row["drift"], e.recorded_at.isoformat())
        _change_pool(tables, e, e.event.pool, state="MISSING", drift=[*drift, *since])


@pools.on(PoolForgotten)
def pool_forgotten(tables: Tables, e: Recorded[PoolForgotten]) -> None:
    tables.delete(Pool, e.event.pool)


@pools.on(DriftDetected)
def pool_drifted(tables: Tables, e: Recorded[DriftDetected]) -> None:
    if (row := tables.get(Pool, e.event.id)) is not None:
        _change_pool(tables, e, e.event.id, drift=noted(e.event.differences, row["drift"], e.recorded_at.isoformat()))


@pools.on(DriftResolved)
def pool_agrees(tables: Tables, e: Recorded[DriftResolved]) -> None:
    _change_pool(tables, e, e.event.id, drift=[])


@pools.on(DriftAccepted)
def pool_accepted(tables: Tables, e: Recorded[DriftAccepted]) -> None:
    if (row := tables.get(Pool, e.event.id)) is not None:
        _change_pool(tables, e, e.event.id, wanted=dict(e.event.wanted), drift=_without(row["drift"], e.event.fields))


# --- datasets ---------------------------------------------------------------------------------------------------------


@datasets.projection.on(DatasetsDiscovered)
def discovered(tables: Tables, e: Recorded[DatasetsDiscovered]) -> None:
    for item in e.event.items:
        row = datasets.new_row(e, item.dataset, e.event.pool, item.state.name, "outside")
        tables.put(Dataset, row | _state(item.state) | {"version": e.position})


@datasets.projection.on(DatasetsAdopted)
def adopted(tables: Tables, e: Recorded[DatasetsAdopted]) -> None:
    tables.load(Dataset, [item.dataset for item in e.event.items])
    for item in e.event.items:
        datasets.change(tables, e, item.dataset, wanted=dict(item.properties))


@datasets.projection.on(DatasetsChanged)
def changed(tables: Tables, e: Recorded[DatasetsChanged]) -> None:
    """The first look at one that Calypso made tells what the box made of it: that is in force with it."""
    tables.load(Dataset, [item.dataset for item in e.event.items])
    for item in e.event.items:
        if (row := tables.get(Dataset, item.dataset)) is not None:
            wanted = in_force(row["wanted"], item.state, first=not row["guid"])
            drift = seen_again(row["drift"], item.drift, e.recorded_at.isoformat())
            datasets.change(tables, e, item.dataset, wanted=wanted, missing=False, drift=drift, **_state(item.state))


@datasets.projection.on(DatasetsVanished)
def vanished(tables: Tables, e: Recorded[DatasetsVanished]) -> None:
    tables.load(Dataset, [item.dataset for item in e.event.items])
    for item in e.event.items:
        if (row := tables.get(Dataset, item.dataset)) is not None:
            drift = noted((ABSENT,), row["drift"], e.recorded_at.isoformat())
            datasets.change(tables, e, item.dataset, missing=True, mounted=False, drift=drift)


@datasets.projection.on(DatasetForgotten)
def forgotten(tables: Tables, e: Recorded[DatasetForgotten]) -> None:
    for item in e.event.items:
        tables.delete(Dataset, item.dataset)


@datasets.projection.on(PoolVanished)
def datasets_of_a_vanished_pool(tables: Tables, e: Recorded[PoolEvent]) -> None:
    for row in tables.find(Dataset, "pool", e.event.pool):
        datasets.change(tables, e, row["id"], missing=True, mounted=False)


@datasets.projection.on(DriftDetected)
def drifted(tables: Tables, e: Recorded[DriftDetected]) -> None:
    if (row := tables.get(Dataset, e.event.id)) is not None:
        drift = noted(e.event.differences, row["drift"], e.recorded_at.isoformat())
        datasets.change(tables, e, e.event.id, drift=drift)


@datasets.projection.on(DriftResolved)
def agrees(tables: Tables, e: Recorded[DriftResolved]) -> None:
    datasets.change(tables, e, e.event.id, drift=[])


@datasets.projection.on(DriftAccepted)
def accepted(tables: Tables, e: Recorded[DriftAccepted]) -> None:
    if (row := tables.get(Dataset, e.event.id)) is not None:
        drift = _without(row["drift"], e.event.fields)
        datasets.change(tables, e, e.event.id, wanted=dict(e.event.wanted), drift=drift)


# --- snapshots --------------------------------------------------------------------------------------------------------


@snapshots.projection.on(PoolForgotten)
def snapshots_of_a_forgotten_pool(tables: Tables, e: Recorded[PoolEvent]) -> None:
    snapshots.forget(tables, "pool", e.event.pool)


@snapshots.projection.on(DatasetsVanished, DatasetForgotten)
def snapshots_of_gone_datasets(tables: Tables, e: Recorded[DatasetsVanished | DatasetForgotten]) -> None:
    """They went with their datasets: nothing that is missing can be rolled back to."""
    for item in e.event.items:
        snapshots.forget(tables, "dataset", item.dataset)


def _change_pool(tables: Tables, e: Recorded[Any], key: UUID, **changes: Any) -> None:
    if (row := tables.get(Pool, key)) is not None:
        since = row["state_since"] if changes.get("state", row["state"]) == row["state"] else e.recorded_at
        tables.put(Pool, {**row, **changes, "state_since": since, "version": e.version, "position": e.position})


def _without(drift: list[dict[str, Any]], fields: tuple[str, ...]) -> list[dict[str, Any]]:
    return [entry for entry in drift if entry["field"] not in fields]


def _state(state: DatasetState) -> Row:
    return {
        **state.model_dump(mode="json", exclude={"created_at", "name"}),
        "name": state.name,
        "parent": parent_of(state.name),
        "created_at": datetime.fromtimestamp(state.created_at, UTC),
    }
