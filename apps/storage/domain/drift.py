"""Drift: where the box differs from the configuration that is in force. Pure.

Only what Calypso's commands or adoption set can drift; everything else that changes is an observation.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from calypso.kernel.events import Event, Kind, event

GONE = "presence"  # the field of a resource that is not there at all
Subject = Literal["pool", "dataset"]


class Difference(BaseModel):
    """One value in force and what the box shows instead; "" for a value that is not set, or a thing that is away."""

    model_config = ConfigDict(frozen=True)
    field: str
    wanted: str
    seen: str


class DriftEvent(Event):
    """About a pool or a dataset, by its id and its present name."""

    subject: Subject
    id: UUID
    name: str

    def keys(self) -> tuple[str, ...]:
        return (drift_address(self.subject, self.name),)


@event("storage.DriftDetected.v1", Kind.OBSERVATION)
class DriftDetected(DriftEvent):
    """``differences`` are all that there are now, new ones and known ones."""

    differences: tuple[Difference, ...]


@event("storage.DriftResolved.v1", Kind.OBSERVATION)
class DriftResolved(DriftEvent):
    """The box agrees with the configuration again in these fields, and in all others."""

    fields: tuple[str, ...]


@event("storage.DriftAccepted.v1", Kind.CONFIGURATION)
class DriftAccepted(DriftEvent):
    """The configuration follows the box: ``wanted`` is in force now, in full. ``fields``: those accepted."""

    fields: tuple[str, ...]
    wanted: dict[str, str]


def drift_address(subject: Subject, name: str) -> str:
    return f"storage.{subject}.{name}"


def differences(wanted: dict[str, str], seen: dict[str, str]) -> tuple[Difference, ...]:
    """Where the box does not have what is in force. What nobody set is nobody's drift."""
    return tuple(
        Difference(field=field, wanted=value, seen=seen.get(field, ""))
        for field, value in sorted(wanted.items())
        if seen.get(field, "") != value
    )


def noted(found: tuple[Difference, ...], before: list[dict[str, Any]], now: str) -> list[dict[str, Any]]:
    """The drift of a row: each difference with the moment since which it has been seen so."""
    since = {(d["field"], d["wanted"], d["seen"]): d["since"] for d in before}
    return [{**d.model_dump(), "since": since.get((d.field, d.wanted, d.seen), now)} for d in found]


def seen_again(before: list[dict[str, Any]], found: tuple[Difference, ...] | None, now: str) -> list[dict[str, Any]]:
    """The drift of a row whose resource is there; None found: nobody looked at more than that."""
    return [entry for entry in before if entry["field"] != GONE] if found is None else noted(found, before, now)
