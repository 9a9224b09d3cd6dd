"""How scans record: one at a time, nothing that an operation has in hand, and samples in bulk."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, models
from psycopg import sql

from apps.storage.domain.pools import pool_address
from calypso.kernel import store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.projections import append, key_column

MOST_SAMPLES = 5000  # in one statement


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
    for at in range(0, len(rows), MOST_SAMPLES):
        with store.prepared() as cursor:
            cursor.execute(
                _statement(model), [list(column) for column in zip(*rows[at : at + MOST_SAMPLES], strict=True)]
            )


def _statement(model: type[models.Model]) -> sql.Composed:
    fields = model._meta.concrete_fields
    names = [sql.Identifier(str(field.column)) for field in fields]
    types = [sql.SQL("%s::" + str(field.db_type(connection)).split(" GENERATED")[0] + "[]") for field in fields]
    key = sql.Identifier(key_column(model))
    return sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(names),
        sql.SQL(", ").join(types),
        key,
        sql.SQL(", ").join([sql.SQL("{0} = EXCLUDED.{0}").format(name) for name in names if name != key]),
    )
