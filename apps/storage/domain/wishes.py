"""Which of a dataset's or pool's values are configuration, and where the box differs from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.storage.domain.datasets import DatasetState
from apps.storage.domain.drift import (
    GONE,
    Difference,
    DriftDetected,
    DriftResolved,
    Subject,
    differences,
)

NOT_OF_THE_POOL = ("altroot", "cachefile")  # how it was imported, not what it is


def set_on(state: DatasetState) -> dict[str, str]:
    """What is set on a dataset itself by hand. ZFS sizes a volume's reservation itself; received values come and go."""
    return {
        name: found.value
        for name, found in state.properties.items()
        if found.source == "local" and not (name == "refreservation" and state.type == "volume")
    }


def in_force(wanted: Mapping[str, str], state: DatasetState, *, first: bool) -> dict[str, str]:
    """What is configured: at the first look, what the box made of a wish is part of it."""
    return {**set_on(state), **wanted} if first else dict(wanted)


def drift_of(wanted: Mapping[str, str], state: DatasetState) -> tuple[Difference, ...]:
    """Values in force that the box does not have, and values set there that nobody configured."""
    effective = {name: found.value for name, found in state.properties.items() if found.source != "none"}
    unasked = {name: "" for name in set_on(state) if name not in wanted}
    return differences({**wanted, **unasked}, effective)


def pool_in_force(wanted: Mapping[str, str], properties: Mapping[str, str], *, first: bool) -> dict[str, str]:
    """Like in_force(), for a pool."""
    own = {name: value for name, value in properties.items() if name not in NOT_OF_THE_POOL}
    return {**own, **wanted} if first else dict(wanted)


def pool_drift(wanted: Mapping[str, str], properties: Mapping[str, str]) -> tuple[Difference, ...]:
    """Of properties that this version of ZFS shows; another may know less."""
    return differences({name: value for name, value in wanted.items() if name in properties}, dict(properties))


def told(
    subject: Subject, resource: UUID, name: str, found: tuple[Difference, ...], before: list[dict[str, Any]]
) -> DriftDetected | DriftResolved | None:
    """The event for drift that is not as it is on record, or None. What is back is back: its absence is not asked."""
    known = [entry for entry in before if entry["field"] != GONE]
    if [(d.field, d.wanted, d.seen) for d in found] == [(d["field"], d["wanted"], d["seen"]) for d in known]:
        return None
    if found:
        return DriftDetected(subject=subject, id=resource, name=name, differences=found)
    return DriftResolved(subject=subject, id=resource, name=name, fields=tuple(d["field"] for d in known))
