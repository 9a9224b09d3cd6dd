"""How scans record: one at a time, nothing that an operation has in hand, and samples in bulk."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import models

from apps.storage.domain.pools import pool_address
from calypso.kernel.actors import OBSERVER
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.projections import append, columns_of, upsert


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Scans of the observer and of operations take turns, so that none records what another has already seen change.

    A scan of everything lets others in between its parts.
    """
    with (settings.HOME.run / "observe.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def record(changes: Sequence[Change]) -> int:
    """Inside ``store.writing()``. Returns how many."""
    if changes:
        append(changes, OBSERVER.metadata())
    return len(changes)


def in_hand(pools: Iterable[str], since: int) -> set[str]:
    """The pools that an operation works on, or did since a position: what was seen meanwhile is its own to tell."""
    addresses = {pool_address(pool): pool for pool in pools}
    begun = [op for op in Operation.objects.in_flight_since(list(addresses), since) if op.begun]
    return {addresses[resource] for operation in begun for resource in operation.resources if resource in addresses}


def write_samples(model: type[models.Model], rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts or replaces rows of a sample table, whose columns they have in the model's order."""
    names = [field.attname for field in columns_of(model)]
    upsert(model, [dict(zip(names, row, strict=True)) for row in rows])
