"""The datasets that the box shows against those the read model has: the differences as events. Pure.

A dataset is known by its name, and when that is gone by its guid: renamed outside, it stays the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from apps.storage.adapters.zfs.scan import SeenDataset
from apps.storage.domain.datasets import DatasetState, root_dataset
from apps.storage.domain.drift import DriftDetected, DriftResolved
from apps.storage.domain.observed import (
    AdoptedItem,
    ChangedItem,
    DatasetForgotten,
    DatasetsAdopted,
    DatasetsChanged,
    DatasetsDiscovered,
    DatasetsVanished,
    NameItem,
    SeenItem,
)
from apps.storage.domain.snapshots import chunks
from apps.storage.domain.wishes import drift_of, in_force, told

STATE_FIELDS = tuple(DatasetState.model_fields)
KNOWN_FIELDS = ("id", "pool", "wanted", "drift", "missing", "created_by", *STATE_FIELDS)  # of rows, as plain values

Fact = (
    DatasetsDiscovered
    | DatasetsAdopted
    | DatasetsChanged
    | DatasetsVanished
    | DatasetForgotten
    | DriftDetected
    | DriftResolved
)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """The datasets of one pool that are new, differ, or are gone; ``replaced``: another one has their name now.

    ``drift``: of those that are as they were, while what is in force is not.
    """

    new: list[SeenItem]
    changed: list[ChangedItem]
    gone: list[NameItem]
    replaced: list[NameItem]
    drift: list[DriftDetected | DriftResolved]

    @property
    def nothing(self) -> bool:
        return not (self.new or self.changed or self.gone or self.replaced or self.drift)


def compare(pool: UUID, known: Iterable[Row], seen: Sequence[SeenDataset]) -> Found:
    """``known`` are the rows of what was looked at, ``seen`` is all that is there of it."""
    rows = [row for row in known if row["guid"] or row["created_by"] != "outside"]  # a root is on record with its pool
    pairs, new = _paired(rows, seen)
    changed, drift = [], []
    for row, each in pairs:
        state = each.state
        differences = drift_of(in_force(row["wanted"], state, first=not row["guid"]), state)
        if row["missing"] or _differs(row, state):
            changed.append(ChangedItem(dataset=row["id"], state=state, drift=differences))
        elif fact := told("dataset", row["id"], state.name, differences, row["drift"]):
            drift.append(fact)
    matched = {row["id"] for row, _ in pairs}
    names = {each.state.name for each in seen}
    lost = [row for row in rows if row["id"] not in matched]
    gone = [NameItem(dataset=row["id"], name=row["name"]) for row in lost if not row["missing"]]
    replaced = [NameItem(dataset=row["id"], name=row["name"]) for row in lost if row["name"] in names]
    found = [SeenItem(dataset=_id_of(pool, state), state=state) for state in (each.state for each in new)]
    return Found(found, _order(changed, rows), gone, replaced, drift)


def _id_of(pool: UUID, state: DatasetState) -> UUID:
    """The same each time that it is discovered: a pool may leave and come back with all that is in it."""
    return uuid5(pool, f"dataset {state.guid}") if "/" in state.name else root_dataset(pool)


def _paired(
    rows: Sequence[Row], seen: Sequence[SeenDataset]
) -> tuple[list[tuple[Row, SeenDataset]], list[SeenDataset]]:
    """Rows with what they are now, and what is new. The same guid is the same one; else the same name is."""
    by_guid = {row["guid"]: row for row in rows if row["guid"]}
    by_name = {row["name"]: row for row in rows}
    pairs, rest, taken = [], [], set()
    for each in seen:
        if row := by_guid.get(each.state.guid):
            pairs.append((row, each))
            taken.add(row["id"])
        else:
            rest.append(each)
    new = []
    for each in rest:
        row = by_name.get(each.state.name)
        if row is not None and row["id"] not in taken:
            pairs.append((row, each))
            taken.add(row["id"])
        else:
            new.append(each)
    return pairs, new


def _differs(row: Row, state: DatasetState) -> bool:
    """What has not been looked at since its creation tells first what the box made of it."""
    plain = {name: getattr(state, name) for name in STATE_FIELDS}
    plain["properties"] = {name: {"value": v.value, "source": v.source} for name, v in state.properties.items()}
    plain["created_at"] = datetime.fromtimestamp(state.created_at, UTC)
    return any(row[name] != value for name, value in plain.items())


def _order(changed: Sequence[ChangedItem], rows: Sequence[Row]) -> list[ChangedItem]:
    """One that takes another's old name comes after that one has left it: names are unique at each moment."""
    holders = {row["name"]: row["id"] for row in rows}
    waiting = {item.dataset: item for item in changed}
    ordered: list[ChangedItem] = []
    while waiting:
        free = [
            item
            for item in waiting.values()
            if holders.get(item.state.name, item.dataset) in (item.dataset,) or holders[item.state.name] not in waiting
        ]
        for item in free or list(waiting.values()):
            ordered.append(waiting.pop(item.dataset))
    return ordered


def facts(pool: UUID, name: str, found: Found) -> list[Fact]:
    """The events of what was found, in an order in which no name is taken twice."""
    told_of: list[Fact] = [DatasetsVanished(pool=pool, name=name, items=part) for part in chunks(found.gone)]
    told_of += [DatasetForgotten(pool=pool, name=name, items=part) for part in chunks(found.replaced)]
    told_of += [DatasetsChanged(pool=pool, name=name, items=part) for part in chunks(found.changed)]
    for part in chunks(found.new):
        told_of.append(DatasetsDiscovered(pool=pool, name=name, items=part))
        told_of.append(DatasetsAdopted(pool=pool, name=name, items=tuple(adopted(item) for item in part)))
    return [*told_of, *found.drift]


def adopted(item: SeenItem) -> AdoptedItem:
    return AdoptedItem(dataset=item.dataset, name=item.state.name, properties=in_force({}, item.state, first=True))
