"""Projections: rows are written in the command's transaction, and folding the ledger gives the very same rows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings

from apps.storage.domain.pools import PoolDestroyed
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.system.domain.accounts import TokenCreated, TokenRevoked
from apps.system.models.accounts import Token
from calypso.kernel import rebuild, store
from calypso.kernel.events import Change, Metadata, registered
from calypso.kernel.models import Operation
from calypso.kernel.operations import (
    OperationFailed,
    OperationRequested,
    OperationStarted,
    OperationSucceeded,
    StepFinished,
    StepStarted,
)
from calypso.kernel.projections import LiveTables, append, handlers, registry
from tests.support.history import FILLING, PROJECTED, example, histories, some_id, tables

pytestmark = pytest.mark.django_db


def happen(*changes: Change, metadata: Metadata | None = None) -> None:
    with store.writing():
        append(changes, metadata or Metadata())


def happens(*types: type[Any], number: int = 0) -> None:
    happen(*[Change(some_id("s", number), example(t.TYPE, number)) for t in types])


def folded() -> dict[str, list[dict[str, Any]]]:
    """The tables as they are after a fold of the whole ledger was copied into them."""
    rows = rebuild.Rows()
    by_type = rebuild._handlers_of(list(registry.values()))
    rebuild.fold(rows, by_type, connections["default"], 0, store.position())
    for projection in registry.values():
        for model in projection.read_models():
            model._default_manager.all().delete()
            with connection.cursor() as cursor:
                rebuild.copy_rows(cursor, model, model._meta.db_table, rows.rows[model])
    return tables()


class Undone(Exception):
    pass


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories)
def test_live_tables_equal_folded_ones(history: list[tuple[Metadata, list[Change]]]) -> None:
    """Whatever happened, in transactions of whatever length, sensible or not."""
    with pytest.raises(Undone), transaction.atomic():
        for metadata, changes in history:
            happen(*changes, metadata=metadata)
        live = tables()
        assert folded() == live
        raise Undone


def test_every_handled_type_once_and_all_over_again() -> None:
    """Each type before and after each other's; the tables fill, so that equality says something."""
    for number in range(3):
        happen(*[Change(uuid4(), example(name, number)) for name in FILLING])
        happen(*[Change(uuid4(), example(name, number)) for name in reversed(FILLING)])
    happen(*[Change(uuid4(), example(name, 2)) for name in PROJECTED])
    happen(*[Change(uuid4(), example(name, 2)) for name in FILLING])
    live = tables()
    assert not [table for table, rows in live.items() if not rows]
    assert folded() == live


def test_every_projected_type_exists() -> None:
    assert set(PROJECTED) <= set(registered())
    assert set(handlers()) == set(PROJECTED)


# --- in the command's transaction ---


def test_rows_come_and_go_with_the_events_of_one_transaction() -> None:
    token = example(TokenCreated.TYPE, 0)
    with pytest.raises(Undone), store.writing():
        append([Change(uuid4(), token)], Metadata())
        assert Token.objects.count() == 1
        raise Undone
    assert not Token.objects.exists()
    happen(Change(uuid4(), token))
    assert Token.objects.count() == 1


def test_a_row_that_breaks_a_rule_takes_its_event_with_it() -> None:
    happen(Change(uuid4(), example(TokenCreated.TYPE, 0)))
    before = store.head()
    twin = example(TokenCreated.TYPE, 0, token=uuid4())  # the same fingerprint
    with pytest.raises(DatabaseError), store.writing():
        append([Change(uuid4(), twin)], Metadata())
    assert store.head() == before
    assert Token.objects.count() == 1


def test_several_events_on_one_row_in_one_transaction() -> None:
    disk, pool = "storage.DiskAttached.v1", "storage.PoolCreated.v1"
    happen(*[Change(uuid4(), example(name, 1)) for name in (disk, "storage.DiskDetached.v1", disk, pool)])
    same_name = example(pool, 2).model_copy(update={"name": "pool1"})
    happen(Change(uuid4(), example(PoolDestroyed.TYPE, 1)), Change(uuid4(), same_name))
    assert Disk.objects.get().id == "disk-1"
    assert Pool.objects.get().pk == some_id("pool", 2)  # the name was free again within the transaction


def test_5000_rows_are_written_at_once() -> None:
    happen(*[Change(uuid4(), example(TokenCreated.TYPE, n)) for n in range(5000)])
    assert Token.objects.count() == 5000


def test_an_operation_from_request_to_end() -> None:
    happens(OperationRequested)
    row = Operation.objects.get()
    assert (row.state, row.steps[0]["state"], row.started_at) == ("queued", "waiting", None)
    happens(OperationStarted, StepStarted)
    row = Operation.objects.get()
    assert (row.state, row.steps[0]["state"]) == ("running", "running")
    happens(StepFinished, OperationFailed)
    row = Operation.objects.get()
    assert (row.state, row.steps[0]["state"], row.steps[0]["exit_code"]) == ("failed", "failed", 1)
    assert row.error["code"] == "pool_busy"
    assert row.last_position == store.position()


def test_a_completed_operation_is_never_changed() -> None:
    happens(OperationRequested, OperationStarted, OperationSucceeded)
    before = tables()
    happens(OperationFailed, StepStarted, StepFinished)
    assert tables() == before


def test_what_nobody_knows_of_changes_nothing() -> None:
    before = tables()
    happens(OperationStarted, StepFinished, OperationSucceeded, TokenRevoked, PoolDestroyed, number=9)
    assert tables() == before


def test_rows_that_are_only_read_are_not_written() -> None:
    live = LiveTables()
    happens(OperationRequested)
    assert live.get(Operation, some_id("operation", 0)) is not None
    Operation.objects.update(title="changed meanwhile")
    live.flush()
    assert Operation.objects.get().title == "changed meanwhile"


def test_rows_are_found_by_a_column_live_and_in_memory() -> None:
    """What was put, changed and deleted before in the same transaction counts."""
    memory, live = rebuild.Rows(), LiveTables()
    example_of = {f.attname: getattr(Token(), f.attname, None) for f in Token._meta.concrete_fields}
    for each in (memory, live):
        for number, name in enumerate(["sari", "sari", "vivi", "sari"]):
            each.put(Token, {**example_of, "id": some_id("t", number), "username": name})
        assert len(each.find(Token, "username", "sari")) == 3
        each.delete(Token, some_id("t", 0))
        each.put(Token, {**example_of, "id": some_id("t", 1), "username": "vivi"})
        assert [row["id"] for row in each.find(Token, "username", "sari")] == [some_id("t", 3)]
        assert len(each.find(Token, "username", "vivi")) == 2
        assert each.find(Token, "username", "nobody") == []
