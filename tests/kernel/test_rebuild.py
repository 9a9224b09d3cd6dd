"""Rebuild: the tables come out equal, with the same names and rights, and miss nothing that is written meanwhile."""

from __future__ import annotations

import io
import random
import re
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, models, transaction

from apps.system.models.accounts import Token
from calypso import startup
from calypso.kernel import projections, rebuild, store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.models import BuiltProjection, Operation
from calypso.kernel.projections import append, registry
from tests.support.history import FILLING, PROJECTED, example, tables

pytestmark = pytest.mark.usefixtures("fresh_database")

MODELS = [model for projection in registry.values() for model in projection.read_models()]


def happen(*changes: Change) -> None:
    with store.writing():
        append(changes, Metadata(actor="user:åsa", reason="because"))


def rich_history(seed: int = 1, transactions: int = 120) -> None:
    """Operations with steps, disks, pools and tokens that come, change and go."""
    chance = random.Random(seed)
    for _ in range(transactions):
        names = chance.choices(PROJECTED, k=chance.randint(1, 5))
        happen(*[Change(uuid4(), example(name, chance.randrange(40))) for name in names])
    happen(*[Change(uuid4(), example(name, 40)) for name in FILLING])


def shape() -> dict[str, Any]:
    """What a later migration or another role relies on: columns, indexes, constraints, rights, owners."""
    names = [model._meta.db_table for model in MODELS]
    queries = {
        "columns": """SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ANY(%s) ORDER BY 1, 3""",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) ORDER BY 1, 2",
        "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid::regclass::text = ANY(%s) ORDER BY 1, 2""",
        "rights": """SELECT relname, relowner::regrole::text, array(SELECT x::text FROM unnest(relacl) x ORDER BY 1)
            FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s) ORDER BY 1""",
    }
    with connections["admin"].cursor() as cursor:
        found = {}
        for what, query in queries.items():
            cursor.execute(query, [names])
            found[what] = cursor.fetchall()
    return found


def test_the_tables_are_rebuilt_row_by_row() -> None:
    rich_history()
    live = tables()
    assert all(live.values())
    before = {model: identity(model) for model in MODELS}
    done = rebuild.rebuild()
    assert tables() == live
    assert all(identity(model) != before[model] for model in MODELS)  # they are other tables
    assert (done.position, done.rows) == (store.position(), sum(map(len, live.values())))
    assert done.events == store.position()  # every type of this history is projected


def identity(model: Any) -> int:
    return int(store.query("SELECT %s::regclass::oid", [model._meta.db_table])[0][0])


def test_rows_that_the_ledger_does_not_account_for_are_gone_and_lost_ones_are_back() -> None:
    rich_history()
    right = tables()
    Token.objects.all().delete()
    Operation.objects.update(state="made up")
    assert tables() != right
    rebuild.rebuild()
    assert tables() == right


def test_only_the_chosen_projection_is_rebuilt() -> None:
    rich_history(transactions=30)
    before = {model: identity(model) for model in MODELS}
    rebuild.rebuild([registry["system"]])
    assert {model for model in MODELS if identity(model) != before[model]} == {Token}


def test_names_and_rights_stay() -> None:
    rich_history(transactions=10)
    table = Token._meta.db_table
    with connections["admin"].cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS calypso_report")
        cursor.execute("CREATE ROLE calypso_report")
        cursor.execute(f"GRANT SELECT ON {table} TO calypso_report WITH GRANT OPTION")
        cursor.execute(f"GRANT SELECT ON {table} TO PUBLIC")
        cursor.execute(f"REVOKE DELETE ON {table} FROM calypso")
        cursor.execute(f"CREATE INDEX by_hand ON {table} (username)")  # the twin of Django's own
        try:
            before = shape()
            assert any("calypso_report=r*" in str(row) for row in before["rights"])
            assert not any("__shadow" in str(row) for row in before["indexes"])
            for _ in range(2):
                rebuild.rebuild()
                assert shape() == before
        finally:
            cursor.execute("DROP OWNED BY calypso_report")
            cursor.execute("DROP ROLE calypso_report")


def test_later_migrations_find_what_they_expect() -> None:
    rich_history(transactions=10)
    rebuild.rebuild()
    admin = connections["admin"]
    with transaction.atomic(using="admin"), admin.schema_editor(atomic=False) as editor:
        for model in MODELS:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
                editor.add_index(model, index)
            for field in model._meta.concrete_fields:
                if not field.primary_key and (field.unique or field.db_index):
                    editor.alter_field(model, field, plain(field))
                    assert not indexes_on(model, field.column) - {i.name for i in model._meta.indexes}
                    editor.alter_field(model, plain(field), field)
        transaction.set_rollback(True, using="admin")
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def plain(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    other = field.clone()
    other._unique = other.db_index = False
    other.set_attributes_from_name(field.name)
    other.model = field.model
    return other


def indexes_on(model: Any, column: str) -> set[str]:
    with connections["admin"].cursor() as cursor:
        found = connections["admin"].introspection.get_constraints(cursor, model._meta.db_table)
    return {name for name, c in found.items() if c["columns"] == [column] and (c["index"] or c["unique"])}


def test_writers_go_on_during_rebuilds_and_no_event_is_missed() -> None:
    rich_history()
    stop, written = threading.Event(), [0, 0, 0]

    def write(number: int) -> None:
        try:
            while not stop.is_set():
                rich_history(seed=number * 1000 + written[number], transactions=1)
                written[number] += 1
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for writer in writers:
        writer.start()
    ends = []
    try:
        for _ in range(5):
            before = list(written)
            ends.append(rebuild.rebuild().position)
            while any(now == then for now, then in zip(written, before, strict=True)):  # each wrote after it
                assert all(writer.is_alive() for writer in writers)
                stop.wait(0.01)
    finally:
        stop.set()
        for writer in writers:
            writer.join(30)
    assert ends == sorted(set(ends))
    assert store.position() > ends[-1]
    live = tables()
    rebuild.rebuild()
    assert tables() == live


def test_a_handler_that_fails_leaves_the_tables_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    rich_history(transactions=20)
    live, before = tables(), {model: identity(model) for model in MODELS}

    def fail(*_: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setitem(registry["storage"].handlers, "storage.DiskAttached.v1", fail)
    happened = example("storage.DiskAttached.v1", 1)
    with pytest.raises(RuntimeError), store.writing():
        append([Change(uuid4(), happened)], Metadata())
    with store.writing():
        store.record([Change(uuid4(), happened)], Metadata())
    with pytest.raises(CommandError, match=r"^The read models of storage stay as they were: RuntimeError: two lines$"):
        call_command("rebuild", "storage")
    assert tables() == live
    assert {model: identity(model) for model in MODELS} == before


# --- start-up and the command ---


def test_outdated_projections_are_rebuilt_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [p.name for p in rebuild.outdated()] == sorted(registry, key=list(registry).index)  # never built
    startup.migrate()
    assert rebuild.outdated() == []
    rich_history(transactions=20)
    right, before = tables(), {model: identity(model) for model in MODELS}
    startup.migrate()
    assert {model: identity(model) for model in MODELS} == before  # nothing to do
    Token.objects.all().delete()
    monkeypatch.setattr(registry["system"], "version", registry["system"].version + 1)
    assert rebuild.outdated() == [registry["system"]]
    startup.migrate()
    assert rebuild.outdated() == []
    assert tables() == right
    assert BuiltProjection.objects.get(name="system").version == registry["system"].version


def test_the_command_says_what_it_did() -> None:
    rich_history(transactions=20)
    out = io.StringIO()
    call_command("rebuild", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == sorted(registry)
    pattern = r"\w+ +([\d,]+) events → ([\d,]+) rows in \d+\.\d\d s \([\d,]+ events/s\), at position ([\d,]+)"
    found = [[int(n.replace(",", "")) for n in re.fullmatch(pattern, line).groups()] for line in lines]
    types = [row[0] for row in store.query("SELECT type FROM ledger.event")]
    handled = sum(name in projection.handlers for name in types for projection in registry.values())
    assert sum(events for events, _, _ in found) == handled >= store.position()
    assert sum(rows for _, rows, _ in found) == sum(map(len, tables().values()))
    assert {position for _, _, position in found} == {store.position()}


def test_the_command_refuses_an_unknown_projection() -> None:
    with pytest.raises(CommandError, match=r"^There is no projection “nonsense”\. Known are .*operations, "):
        call_command("rebuild", "nonsense")


@pytest.fixture(autouse=True)
def _same_registry() -> Iterator[None]:
    before = dict(projections.registry)
    yield
    assert projections.registry == before
