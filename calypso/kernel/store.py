"""The event store: the eventsourcing recorder on Django's own connection, and append, read and subscribe over it.

``writing()`` is the one way to change anything: a transaction that holds the ledger's lock from its start, so that what
is checked inside it still holds when it is appended, and no two transactions can deadlock over read models.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
from django.db import IntegrityError as DjangoIntegrityError
from django.db import InterfaceError, OperationalError, connection, transaction
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Notification, StoredEvent, Subscription
from psycopg import sql

from calypso.kernel import events
from calypso.kernel.events import Change, Event, Kind, Metadata, Recorded
from calypso.kernel.ledger import CompactRange

CHANNEL = "calypso_ledger"
LOCK = 1819043144  # "ledg" read as a number; the same stands in ledger.append
POLL_SECONDS = 1.0
_DJANGO_OPTIONS = ("pool", "assume_role", "isolation_level", "server_side_binding")  # not libpq's
_NOT_IN_KEYS = dict.fromkeys(range(32), "�")  # NUL can't be stored, U+001F separates keys

_APPEND = """SELECT r_position, r_version, r_recorded_at FROM ledger.append(
    %s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bytea[],
    %s::text, %s::text, %s::text, %s::text, %s::uuid, %s::uuid, %s::uuid)"""
COLUMNS = (
    "position, stream, version, type, state, event_id, recorded_at, actor, auth, source, reason, "
    "operation_id, correlation_id, causation_id"
)


@dataclass(frozen=True)
class Envelope(StoredEvent):
    """A stored event with the columns that the eventsourcing package does not know."""

    kind: str = Kind.OBSERVATION
    keys: tuple[str, ...] = ()
    event_id: UUID = field(default_factory=uuid4)


@contextmanager
def writing() -> Iterator[None]:
    """A transaction under the ledger's lock. Nothing slow, and no device, may be touched inside."""
    with transaction.atomic():
        with prepared() as cursor, connection.connection.pipeline():  # BEGIN and the lock in one round trip
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def _append(stored: Sequence[StoredEvent], metadata: Metadata) -> list[tuple[int, int, Any]]:
    """One round trip."""
    rows = [e if isinstance(e, Envelope) else Envelope(**vars(e)) for e in stored]
    arguments = [
        _array([str(r.event_id) for r in rows]),
        _array([str(r.originator_id) for r in rows]),
        _array([None if r.originator_version is None else str(r.originator_version) for r in rows]),
        _array([r.topic for r in rows]),
        _array([str(r.kind) for r in rows]),
        _array(["\x1f".join(r.keys) for r in rows]),
        _array([f"\\x{r.state.hex()}" for r in rows]),
        metadata.actor,
        metadata.auth,
        metadata.source,
        metadata.reason,
        metadata.operation_id,
        metadata.correlation_id,
        metadata.causation_id,
    ]
    with prepared() as cursor:
        return cursor.execute(_APPEND, arguments).fetchall()


@contextmanager
def prepared() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor on Django's connection whose statements are parsed once; Django's own quotes the values into them."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    connection.connection.prepare_threshold = 1
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


def _array(values: Sequence[str | None]) -> str:
    """PostgreSQL's notation of an array; psycopg's takes several times as long."""
    escaped = [None if v is None else v.replace("\\", "\\\\").replace('"', '\\"') for v in values]
    return "{" + ",".join(["NULL" if v is None else f'"{v}"' for v in escaped]) + "}"


class LedgerRecorder(ApplicationRecorder):
    """The eventsourcing package's recorder over ``ledger.append``, on the connection and transaction of the caller."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        metadata = kwargs.get("metadata") or Metadata()
        try:
            with transaction.atomic():
                return [row[0] for row in _append(stored_events, metadata)] if stored_events else []
        except DjangoIntegrityError as error:
            raise IntegrityError(str(error)) from error

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        where, args = ["stream = %s"], [originator_id]  # type: list[str], list[Any]
        if gt is not None:
            where, args = [*where, "version > %s"], [*args, gt]
        if lte is not None:
            where, args = [*where, "version <= %s"], [*args, lte]
        order = "DESC" if desc else "ASC"
        select = f"SELECT stream, version, type, state FROM ledger.event WHERE {' AND '.join(where)}"  # noqa: S608  fixed
        rows = query(f"{select} ORDER BY version {order} LIMIT %s", [*args, limit])
        return [StoredEvent(r[0], r[1], r[2], bytes(r[3])) for r in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = 1 if start is None else start if inclusive_of_start else start + 1
        rows = query(
            """SELECT position, stream, version, type, state FROM ledger.event
               WHERE position >= %s AND position <= %s AND (%s::text[] IS NULL OR type = ANY(%s::text[]))
               ORDER BY position LIMIT %s""",
            [first, 2**62 if stop is None else stop, list(topics) or None, list(topics) or None, limit],
        )
        return [
            Notification(id=r[0], originator_id=r[1], originator_version=r[2], topic=r[3], state=bytes(r[4]))
            for r in rows
        ]

    def max_notification_id(self) -> int | None:
        return position() or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        return LedgerSubscription(recorder=self, gt=gt, topics=topics)


recorder = LedgerRecorder()


class LedgerSubscription(Subscription[ApplicationRecorder]):
    """Blocks for new notifications. It LISTENs before it first reads, polls every second, and reconnects by itself."""

    def __init__(self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._listener: psycopg.Connection[Any] | None = None
        self._pending: list[Notification] = []

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        super().__exit__(*args, **kwargs)
        if self._listener is not None:
            self._listener.close()

    def __next__(self) -> Notification:
        while not self._pending and not self._has_been_stopped:
            try:
                self._fill()
            except (psycopg.OperationalError, OperationalError, InterfaceError):
                self._reset()
        if self._has_been_stopped:
            raise StopIteration
        notification = self._pending.pop(0)
        self._last_notification_id = notification.id
        return notification

    def _fill(self) -> None:
        if self._listener is None:
            self._listener = listen(CHANNEL)
        read = self._recorder.select_notifications
        after = self._last_notification_id or 0
        self._pending = list(read(after, 500, topics=self._topics, inclusive_of_start=False))
        if not self._pending:
            for _ in self._listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    def _reset(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._listener = None
        connection.close()
        time.sleep(POLL_SECONDS / 4)


def connection_parameters() -> dict[str, Any]:
    """What psycopg.connect needs to open a connection of its own to the application's database."""
    s = connection.settings_dict
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {name: value for name, value in s["OPTIONS"].items() if name not in _DJANGO_OPTIONS}
    return {"connect_timeout": 3} | options | {parameter: s[key] for key, parameter in names.items() if s.get(key)}


def listen(channel: str) -> psycopg.Connection[Any]:
    """Opens a connection of its own that listens on a channel."""
    listener = psycopg.connect(**connection_parameters(), autocommit=True)
    listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
    return listener


def query(sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Runs a SELECT on Django's connection."""
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return list(cursor.fetchall())


def position() -> int:
    """The position of the last event; 0 when there is none."""
    return int(query("SELECT size FROM ledger.head")[0][0])


def head() -> CompactRange:
    """The compact range of the tree as it stands."""
    size, peaks = query("SELECT size, peaks FROM ledger.head")[0]
    return CompactRange(size, tuple(bytes(p) for p in peaks))


def record(changes: Sequence[Change], metadata: Metadata) -> list[Recorded[Event]]:
    """Appends events. Callers use ``projections.append``, which writes the read models too."""
    envelopes = [
        Envelope(
            originator_id=c.stream,
            originator_version=cast(int, c.version),  # None is the stream's next, found under the lock
            topic=c.event.TYPE,
            state=events.encode(c.event),
            kind=c.event.KIND,
            keys=tuple(key.translate(_NOT_IN_KEYS) for key in c.event.keys() if key),  # noqa: SIM118  no dict
            event_id=c.event_id,
        )
        for c in changes
    ]
    rows = _append(envelopes, metadata) if envelopes else []
    return [
        Recorded(at, change.stream, version, change.event, change.event_id, recorded_at, metadata)
        for change, (at, version, recorded_at) in zip(changes, rows, strict=True)
    ]


def from_row(row: Sequence[Any]) -> Recorded[Event]:
    """Makes an event of a row of ``COLUMNS``."""
    at, stream, version, name, state, event_id, recorded_at, *metadata = row
    event = events.decode(name, bytes(state))
    return Recorded(at, stream, version, event, event_id, recorded_at, Metadata(*metadata))
