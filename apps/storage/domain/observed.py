"""What scans find: pools and datasets that came, changed, went, and what of it is taken as configuration. Pure.

A scan's finding is an observation. What was made outside Calypso is adopted: one configuration event beside it.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from apps.storage.domain.datasets import MOST_NAMES, DatasetState, dataset_address
from apps.storage.domain.drift import Difference
from apps.storage.domain.pools import PoolEvent, pool_address
from calypso.kernel.events import Event, Kind, event, upcast

MOST_KEYS = 50  # datasets that an event is filed under one by one; beyond that under their pool alone
MOST_ITEMS = MOST_NAMES
Work = Literal["trim", "initialize", "expand"]


@event("storage.PoolAdopted.v1", Kind.CONFIGURATION)
class PoolAdopted(PoolEvent):
    """A pool made outside: its properties as they were found are in force from now on."""

    properties: dict[str, str]


@event("storage.PoolForgotten.v1", Kind.CONFIGURATION)
class PoolForgotten(PoolEvent):
    """A pool that had vanished is no part of the configuration any more."""


class WorkEvent(PoolEvent):
    """What goes on disk by disk, beside scrubs, resilvers and removals. ``vdevs``: the names of those concerned."""

    work: Work
    vdevs: tuple[str, ...]


@event("storage.WorkStarted.v1", Kind.OBSERVATION)
class WorkStarted(WorkEvent):
    pass


@event("storage.WorkEnded.v1", Kind.OBSERVATION)
class WorkEnded(WorkEvent):
    """It is done, was suspended or cancelled."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenItem(_Value):
    dataset: UUID
    state: DatasetState


class ChangedItem(SeenItem):
    """``drift``: all that it differs in from the configuration in force; None where that was not looked at."""

    drift: tuple[Difference, ...] | None = None


class NameItem(_Value):
    dataset: UUID
    name: str


class AdoptedItem(NameItem):
    """``properties`` are those set on it itself."""

    properties: dict[str, str]


class DatasetsEvent(Event):
    """About some datasets of one pool, ``pool`` and ``name`` (≤ MOST_ITEMS an event)."""

    pool: UUID
    name: str

    def names(self) -> list[str]:
        return []

    def keys(self) -> tuple[str, ...]:
        named = [dataset_address(name) for name in self.names()]
        return (pool_address(self.name), *(named if len(named) <= MOST_KEYS else ()))


@event("storage.DatasetsDiscovered.v1", Kind.OBSERVATION)
class DatasetsDiscovered(DatasetsEvent):
    """Datasets that Calypso did not make."""

    items: tuple[SeenItem, ...]

    def names(self) -> list[str]:
        return [item.state.name for item in self.items]


@event("storage.DatasetsChanged.v2", Kind.OBSERVATION)
class DatasetsChanged(DatasetsEvent):
    """Datasets that are not as they were known: in full, with their drift, so that one change is one event.

    One that was renamed outside has its new name here.
    """

    items: tuple[ChangedItem, ...]

    def names(self) -> list[str]:
        return [item.state.name for item in self.items]


@upcast("storage.DatasetsChanged.v1", DatasetsChanged.TYPE)
def _drift_told_beside(data: dict[str, Any]) -> dict[str, Any]:
    """Drift was an event of its own then."""
    return {**data, "items": [{**item, "drift": None} for item in data["items"]]}


@event("storage.DatasetsAdopted.v1", Kind.CONFIGURATION)
class DatasetsAdopted(DatasetsEvent):
    """Datasets made outside: what is set on them is in force from now on."""

    items: tuple[AdoptedItem, ...]

    def names(self) -> list[str]:
        return [item.name for item in self.items]


@event("storage.DatasetsVanished.v1", Kind.OBSERVATION)
class DatasetsVanished(DatasetsEvent):
    """They are gone and Calypso did not destroy them. They stay on record as missing until that is accepted."""

    items: tuple[NameItem, ...]

    def names(self) -> list[str]:
        return [item.name for item in self.items]


@event("storage.DatasetForgotten.v1", Kind.CONFIGURATION)
class DatasetForgotten(DatasetsEvent):
    """Datasets that had vanished are no part of the configuration any more."""

    items: tuple[NameItem, ...]

    def names(self) -> list[str]:
        return [item.name for item in self.items]
