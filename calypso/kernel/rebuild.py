"""Rebuild: fold the whole ledger in memory, COPY the rows into shadow tables, and swap them for the live ones.

The fold runs while the appliance works; only the last events, the COPY and the swap hold the ledger's lock.
"""

from __future__ import annotations

import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql
from psycopg.types.json import Jsonb

from calypso.kernel import events, store
from calypso.kernel.events import Metadata, Recorded
from calypso.kernel.models import BuiltProjection
from calypso.kernel.projections import (
    Handler,
    Model,
    Projection,
    Row,
    column_names,
    columns_of,
    key_of,
    registry,
)

PAGE = 5000


class Rows:
    """Tables in memory, for a fold."""

    def __init__(self) -> None:
        self.rows: dict[Model, dict[Any, Row]] = defaultdict(dict)
        self._keys: dict[Model, str] = {}
        self._indexes: dict[tuple[Model, str], dict[Any, dict[Any, None]]] = {}  # made when first asked for

    def get(self, model: Model, key: Any) -> Row | None:
        return self.rows[model].get(key)

    def load(self, model: Model, keys: Sequence[Any]) -> None:
        """All of them are here."""

    def find(self, model: Model, column: str, value: Any) -> list[Row]:
        """All rows with this value, in the order of their keys."""
        index = self._indexes.get((model, column))
        if index is None:
            index = self._indexes[model, column] = {}
            for key, row in self.rows[model].items():
                index.setdefault(row[column], {})[key] = None
        return [self.rows[model][key] for key in sorted(index.get(value, ()))]

    def put(self, model: Model, row: Row) -> None:
        name = self._keys.get(model) or self._keys.setdefault(model, key_of(model))
        key = row[name]
        if self._indexes:
            self._unindex(model, key)
            for (indexed, column), index in self._indexes.items():
                if indexed is model:
                    index.setdefault(row[column], {})[key] = None
        self.rows[model][key] = row

    def delete(self, model: Model, key: Any) -> None:
        if self._indexes:
            self._unindex(model, key)
        self.rows[model].pop(key, None)

    def _unindex(self, model: Model, key: Any) -> None:
        if (row := self.rows[model].get(key)) is not None:
            for (indexed, column), index in self._indexes.items():
                if indexed is model:
                    index[row[column]].pop(key, None)


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did: the position it reached, the events it read and the rows it wrote."""

    position: int
    events: int
    rows: int


def rebuild(projections: Sequence[Projection] | None = None) -> Rebuilt:
    """Builds the read models of the given projections (all by default) anew from the ledger and swaps them in."""
    chosen = list(registry.values()) if projections is None else list(projections)
    admin = connections["admin"]
    tables, by_type = Rows(), _handlers_of(chosen)
    with admin.cursor() as cursor:
        cursor.execute("SELECT size FROM ledger.head")
        reached = int(cursor.fetchone()[0])
    count = fold(tables, by_type, admin, 0, reached)
    with _locked(admin):
        with admin.cursor() as cursor:
            cursor.execute("SELECT size FROM ledger.head")
            last = int(cursor.fetchone()[0])
        count += fold(tables, by_type, admin, reached, last)
        rows = sum(_replace(admin, model, tables.rows[model]) for p in chosen for model in p.read_models())
        for p in chosen:
            BuiltProjection.objects.using("admin").update_or_create(name=p.name, defaults={"version": p.version})
    return Rebuilt(last, count, rows)


def outdated() -> list[Projection]:
    """The projections whose tables were built by another version of their handlers, or never."""
    built = dict(BuiltProjection.objects.values_list("name", "version"))
    return [p for p in registry.values() if built.get(p.name) != p.version]


def fold(tables: Rows, by_type: dict[str, list[Handler]], db: BaseDatabaseWrapper, after: int, last: int) -> int:
    """Applies the events of ``after`` < position ≤ ``last`` to tables in memory. Returns how many were read."""
    count = 0
    with _no_collection():
        for recorded in _read(db, sorted(by_type), after, last):
            for handler in by_type[recorded.event.TYPE]:
                handler(tables, recorded)
            count += 1
    return count


def _handlers_of(chosen: Sequence[Projection]) -> dict[str, list[Handler]]:
    found: dict[str, list[Handler]] = defaultdict(list)
    for projection in chosen:
        for name, handler in projection.handlers.items():
            found[name].append(handler)
    return dict(found)


def _read(db: BaseDatabaseWrapper, types: Sequence[str], after: int, last: int) -> Iterator[Recorded[Any]]:
    """The events of these types and of the old versions that are read as them."""
    metadata: tuple[Any, ...] = ()
    shared = Metadata()
    for at, stream, version, name, state, event_id, recorded_at, *who in _rows(db, types, after, last):
        if tuple(who) != metadata:
            metadata = tuple(who)
            shared = Metadata(*metadata)
        yield Recorded(at, stream, version, events.decode(name, state), event_id, recorded_at, shared)


def _rows(db: BaseDatabaseWrapper, types: Sequence[str], after: int, last: int) -> Iterator[tuple[Any, ...]]:
    """Rows of ``store.COLUMNS`` by pages of the primary key; while one is worked on, PostgreSQL makes the next."""
    names = events.names_read_as(types)
    statement = f"""SELECT {store.COLUMNS} FROM ledger.event
        WHERE position > %s AND position <= %s AND type = ANY(%s) ORDER BY position"""  # noqa: S608  fixed parts
    db.ensure_connection()
    # Django's own cursor binds on the client's side, which knows text only
    with psycopg.Cursor(db.connection) as cursor, ThreadPoolExecutor(1) as reader:

        def page(start: int) -> list[tuple[Any, ...]]:
            return cursor.execute(statement, [start, min(start + PAGE, last), names], binary=True).fetchall()

        ahead = reader.submit(page, after)
        for start in range(after, last, PAGE):
            rows = ahead.result()
            ahead = reader.submit(page, start + PAGE)
            yield from rows


@contextmanager
def _no_collection() -> Iterator[None]:
    """A fold makes millions of objects that live on; looking through them for garbage takes longer than the fold."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _locked(db: BaseDatabaseWrapper) -> Iterator[None]:
    """A transaction on the owner's connection under the ledger's lock."""
    with transaction.atomic(using=db.alias):
        with db.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [store.LOCK])
        yield


def _replace(db: BaseDatabaseWrapper, model: Model, rows: dict[Any, Row]) -> int:
    """Copies rows into a shadow table of the model's and swaps it for the live one.

    Names of indexes and constraints, which later migrations refer to, and everybody's privileges stay as they were.
    """
    table, shadow = model._meta.db_table, f"{model._meta.db_table}__shadow"
    with db.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(shadow)))
        cursor.execute(
            sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(sql.Identifier(shadow), sql.Identifier(table))
        )
        copy_rows(cursor, model, shadow, rows)
        indexes, grants = _indexes(cursor, table), _grants(cursor, table)
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
        cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(sql.Identifier(shadow), sql.Identifier(table)))
        for (_, wanted), (_, name) in zip(indexes, _indexes(cursor, table), strict=True):
            if name != wanted:
                cursor.execute(
                    sql.SQL("ALTER INDEX {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(wanted))
                )
        _regrant(cursor, table, grants)
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
    return len(rows)


def _adapters_of(model: Model) -> list[Callable[[Any], Any]]:
    """One function a column, from the row's value to what psycopg writes."""
    return [_jsonb if isinstance(field, models.JSONField) else _same for field in columns_of(model)]


def _same(value: Any) -> Any:
    return value


def _jsonb(value: Any) -> Any:
    return None if value is None else Jsonb(value, dumps=orjson.dumps)


def copy_rows(cursor: Any, model: Model, table: str, rows: dict[Any, Row]) -> None:
    """COPYs rows into a table of the model's columns."""
    fields, adapters = columns_of(model), _adapters_of(model)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join([sql.Identifier(name) for name in column_names(model)])
    )
    with cursor.copy(statement) as copy:
        for row in rows.values():
            copy.write_row([adapt(row[f.attname]) for f, adapt in zip(fields, adapters, strict=True)])


def _indexes(cursor: Any, table: str) -> list[tuple[str, str]]:
    """The table's indexes as (what it indexes, its name), in the order of the former."""
    cursor.execute(
        "SELECT indexdef, indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s", [table]
    )
    return sorted((re.sub(r"INDEX .* ON \S+ ", "INDEX ", definition), name) for definition, name in cursor.fetchall())


def _grants(cursor: Any, table: str) -> set[tuple[str, str, str]]:
    """What others than its owner may do with a table: (privilege, role as SQL, how it may be passed on as SQL)."""
    cursor.execute(
        """SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
                  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
           FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner""",
        [sql.Identifier(table).as_string()],
    )
    return set(cursor.fetchall())


def _regrant(cursor: Any, table: str, wanted: set[tuple[str, str, str]]) -> None:
    """Gives a new table these grants, instead of those that the database gives by default."""
    present = _grants(cursor, table)
    for privilege, role, _ in present - wanted:
        cursor.execute(f"REVOKE {privilege} ON {sql.Identifier(table).as_string()} FROM {role}")
    for privilege, role, passing_on in wanted - present:
        cursor.execute(f"GRANT {privilege} ON {sql.Identifier(table).as_string()} TO {role}{passing_on}")
