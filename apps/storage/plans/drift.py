"""What to do about drift → a plan: the configuration follows the box, or what vanished is made again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.storage.adapters.zfs import argv
from apps.storage.domain.datasets import pool_of
from apps.storage.domain.drift import GONE, DriftAccepted, Subject, drift_address
from apps.storage.domain.observed import DatasetForgotten, NameItem, PoolForgotten
from apps.storage.domain.pools import pool_address
from apps.storage.domain.snapshots import chunks, snapshot_stream
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Outcome, Plan, Probe, Run

CREATE_DEADLINE = 120.0  # seconds
LOST = "Its data and snapshots don't come back by this: restore them from a backup."


@dataclass(frozen=True)
class Drifted:
    """A pool or dataset as it is on record. ``below``: the missing datasets below a missing one, itself included."""

    subject: Subject
    id: UUID
    name: str
    pool: UUID
    drift: Sequence[Mapping[str, Any]]
    wanted: Mapping[str, str]
    missing: bool
    below: Sequence[NameItem] = ()

    @property
    def address(self) -> str:
        return drift_address(self.subject, self.name)

    @property
    def values(self) -> dict[str, tuple[str, str]]:
        """{field: (wanted, seen)} of what is there, but otherwise."""
        return {d["field"]: (d["wanted"], d["seen"]) for d in self.drift if d["field"] != GONE}


def check_drifted(it: Drifted) -> None:
    """Raises Conflict where nothing differs."""
    if not it.drift and not it.missing:
        raise Conflict(
            f"{it.name} agrees with the configuration.",
            code="no_drift",
            field="address",
            hint="There is nothing to do.",
        )


def accept(it: Drifted) -> Plan:
    """The configuration follows the box: values as they are now; what is missing is forgotten."""
    check_drifted(it)
    missing = it.missing
    outcome = _forgotten(it) if missing else [Outcome.of(it.id, _accepted(it))]
    return Plan(
        title=f"Forget {it.name}" if missing else f"Accept {', '.join(it.values)} of {it.name}",
        resources=tuple(dict.fromkeys((it.address, pool_address(pool_of(it.name))))),
        steps=(),
        outcome=tuple(outcome),
        warnings=("It is no part of the configuration afterwards. Nothing is touched on the box.",) if missing else (),
    )


def _forgotten(it: Drifted) -> list[Outcome]:
    if it.subject == "pool":
        return [Outcome.of(it.id, PoolForgotten(pool=it.id, name=it.name))]
    facts = [DatasetForgotten(pool=it.pool, name=pool_of(it.name), items=part) for part in chunks(it.below)]
    return [Outcome.of(snapshot_stream(it.pool), fact) for fact in facts]


def _accepted(it: Drifted) -> DriftAccepted:
    seen = {field: seen for field, (_, seen) in it.values.items()}
    wanted = {field: value for field, value in {**it.wanted, **seen}.items() if value}
    return DriftAccepted(subject=it.subject, id=it.id, name=it.name, fields=tuple(seen), wanted=wanted)


def make_again(it: Drifted, *, volsize: int | None, encrypted: bool, parent_missing: bool) -> Plan:
    """A missing dataset, empty, with what is configured for it. Raises Conflict for what can't be made so."""
    if encrypted:
        raise Conflict(
            f"{it.name} was encrypted: it can't be made again without its key and data.",
            code="cannot_restore",
            hint="Receive it from a backup, or accept that it is gone.",
        )
    if parent_missing:
        raise Conflict(f"What {it.name} was in is missing, too.", code="cannot_restore", hint="Restore that first.")
    make = Run(
        title=f"Make {it.name} again, empty",
        argv=tuple(argv.create_argv(it.name, dict(it.wanted), volsize=volsize)),
        deadline=CREATE_DEADLINE,
        done=Probe(name="storage.dataset_made", args={"name": it.name}),
        undo=tuple(argv.destroy_argv(it.name)),
    )
    return Plan(
        title=f"Make {it.name} again",
        resources=(it.address, pool_address(pool_of(it.name))),
        steps=(make,),
        warnings=(LOST,),
    )
