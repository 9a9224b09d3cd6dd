"""Projections: the functions that turn events into read-model rows, and the one append that runs them.

A handler sees rows as plain dicts by model and primary key, or by one indexed column, through ``Tables``. In a
command's transaction ``LiveTables`` reads and writes the database; a rebuild folds the same handlers over ``Rows`` in
memory (rebuild.py). Read models have natural keys and no foreign keys, so that a handler never needs another query.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql

from calypso.kernel import store
from calypso.kernel.events import Change, Event, Metadata, Recorded

Row = dict[str, Any]
Model = type[models.Model]


class Tables(Protocol):
    """Rows of the read models by primary key."""

    def get(self, model: Model, key: Any) -> Row | None: ...
    def load(self, model: Model, keys: Sequence[Any]) -> None: ...
    def find(self, model: Model, column: str, value: Any) -> list[Row]: ...
    def put(self, model: Model, row: Row) -> None: ...
    def delete(self, model: Model, key: Any) -> None: ...


Handler = Callable[[Tables, Recorded[Any]], None]


class Projection:
    """One context's projection. ``version`` is raised when its handlers or models change; start-up then rebuilds it."""

    def __init__(self, name: str, version: int, read_models: Callable[[], Sequence[Model]]) -> None:
        self.name, self.version, self.read_models = name, version, read_models
        self.handlers: dict[str, Handler] = {}
        registry[name] = self

    def on(self, *types: type[Event]) -> Callable[[Handler], Handler]:
        """Registers the handler of some event types."""

        def register(handler: Handler) -> Handler:
            self.handlers.update({t.TYPE: handler for t in types})
            return handler

        return register


registry: dict[str, Projection] = {}


def handlers() -> dict[str, list[Handler]]:
    """All handlers by event type."""
    found: dict[str, list[Handler]] = defaultdict(list)
    for projection in registry.values():
        for name, handler in projection.handlers.items():
            found[name].append(handler)
    return found


def append(changes: Sequence[Change], metadata: Metadata) -> list[Recorded[Event]]:
    """Appends events and writes the read models they change, in the caller's transaction (``store.writing()``)."""
    recorded = store.record(changes, metadata)
    project(recorded)
    return recorded


def project(recorded: Iterable[Recorded[Event]]) -> None:
    """Applies events to the live read models."""
    tables, by_type = LiveTables(), handlers()
    for each in recorded:
        for handler in by_type.get(each.event.TYPE, ()):
            handler(tables, each)
    tables.flush()


def key_of(model: Model) -> str:
    assert model._meta.pk is not None
    return model._meta.pk.attname


def key_column(model: Model) -> str:
    assert model._meta.pk is not None
    assert model._meta.pk.column is not None
    return model._meta.pk.column


def column_names(model: Model) -> list[str]:
    return [str(field.column) for field in columns_of(model)]


def columns_of(model: Model) -> list[models.Field[Any, Any]]:
    return list(model._meta.concrete_fields)


class LiveTables:
    """The live tables: rows are read once, changed in memory and written by one upsert a table at ``flush``."""

    def __init__(self) -> None:
        self._rows: dict[Model, dict[Any, Row | None]] = defaultdict(dict)
        self._changed: dict[Model, dict[Any, None]] = defaultdict(dict)

    def get(self, model: Model, key: Any) -> Row | None:
        rows = self._rows[model]
        if key not in rows:
            rows[key] = model._default_manager.filter(pk=key).values().first()
        return rows[key]

    def load(self, model: Model, keys: Sequence[Any]) -> None:
        """Reads at once what will be asked for by ``get``: an event may be about a thousand rows."""
        rows = self._rows[model]
        wanted = [key for key in keys if key not in rows]
        rows.update(dict.fromkeys(wanted))
        for row in _with_keys(model, wanted).values():
            rows[row[key_of(model)]] = row

    def find(self, model: Model, column: str, value: Any) -> list[Row]:
        """All rows with this value, as they are after the changes so far, in the order of their keys."""
        rows, key = self._rows[model], key_of(model)
        for row in model._default_manager.filter(**{column: value}).values():
            rows.setdefault(row[key], row)
        found = [row for row in rows.values() if row is not None and row[column] == value]
        return sorted(found, key=lambda row: row[key])

    def put(self, model: Model, row: Row) -> None:
        key = row[key_of(model)]
        self._rows[model][key] = row
        self._changed[model][key] = None

    def delete(self, model: Model, key: Any) -> None:
        self._rows[model][key] = None
        self._changed[model][key] = None

    def flush(self) -> None:
        for model, keys in self._changed.items():
            rows = self._rows[model]
            gone = [key for key in keys if rows[key] is None]
            if gone:
                _with_keys(model, gone).delete()
            upsert(model, [row for key in keys if (row := rows[key]) is not None])
        self._changed.clear()


def _with_keys(model: Model, keys: Sequence[Any]) -> models.QuerySet[Any]:
    """The rows with these keys. They are one parameter: Django looks at each of a list's one by one."""
    assert model._meta.pk is not None
    wanted = models.Value(list(keys), output_field=ArrayField(model._meta.pk.clone()))
    among = {"template": "%(expressions)s)", "arg_joiner": " = ANY(", "output_field": models.BooleanField()}
    return model._default_manager.filter(models.Func(models.F("pk"), wanted, **among))


_statements: dict[Model, sql.Composed] = {}
MOST_ROWS = 5000  # in one statement


def upsert(model: Model, rows: Sequence[Row]) -> None:
    """Inserts or replaces rows, in the caller's transaction: one statement, with all of them as one JSON text."""
    for at in range(0, len(rows), MOST_ROWS):
        with store.prepared() as cursor:
            cursor.execute(_upsert_statement(model), [_as_json(model, rows[at : at + MOST_ROWS])])


def _as_json(model: Model, rows: Sequence[Row]) -> str:
    names = [(field.attname, str(field.column)) for field in columns_of(model)]
    return orjson.dumps([{column: row[name] for name, column in names} for row in rows]).decode()


def _upsert_statement(model: Model) -> sql.Composed:
    if model not in _statements:
        names = [sql.Identifier(name) for name in column_names(model)]
        table, key = sql.Identifier(model._meta.db_table), sql.Identifier(key_column(model))
        columns = sql.SQL(", ").join(names)
        _statements[model] = sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json) "
            "ON CONFLICT ({key}) DO UPDATE SET {changes}"
        ).format(
            table=table,
            columns=columns,
            key=key,
            changes=sql.SQL(", ").join([sql.SQL("{0} = EXCLUDED.{0}").format(name) for name in names if name != key]),
        )
    return _statements[model]
