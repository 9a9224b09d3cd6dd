"""Row 1: what an append costs beside a plain INSERT, and what the Merkle tree costs in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connections, transaction

from bench.measure import Turns, Work, take_turns
from calypso.kernel import events, store
from calypso.kernel.events import Change, Event, Kind, Metadata, event
from calypso.kernel.projections import append

STATE_BYTES = 600  # about what an operation's events have

RAW_TABLE = """
CREATE TABLE public.raw_event (LIKE ledger.event);
ALTER TABLE public.raw_event ADD PRIMARY KEY (position), ADD UNIQUE (stream, version);
CREATE SEQUENCE public.raw_position;
GRANT SELECT, INSERT ON public.raw_event TO calypso;
GRANT USAGE ON public.raw_position TO calypso;
"""
RAW_INSERT = """INSERT INTO raw_event
    (position, event_id, stream, version, type, kind, recorded_at, actor, auth, source, reason,
     operation_id, correlation_id, causation_id, keys, state, leaf)
    VALUES (nextval('raw_position'), %s, %s, 1, %s, %s, now(), %s, %s, %s, %s, NULL, %s, NULL, %s, %s, %s)"""


@event("bench.Measured.v1", Kind.OBSERVATION)
class Measured(Event):
    """No projection handles it."""

    note: str
    at: int = 0  # time.monotonic_ns(), the same clock in all processes of a machine

    def keys(self) -> tuple[str, ...]:
        return ("bench.measured", f"bench.at.{self.at}")


WHO = Metadata(actor="user:admin", auth="session", source="127.0.0.1", reason="measuring", correlation_id=uuid4())
NOTE = "x" * (STATE_BYTES - len(events.encode(Measured(note=""))))


def changes(count: int) -> list[Change]:
    return [Change(uuid4(), Measured(note=NOTE)) for _ in range(count)]


def appending(count: int) -> Work:
    """``projections.append`` under ``store.writing()``, as a command does it."""

    def work() -> None:
        with store.writing():
            append(changes(count), WHO)

    return work


def raw(connection: psycopg.Connection[Any], count: int, given: bytes | None = None) -> Work:
    """The same rows by a plain INSERT in one transaction, several of them by psycopg's executemany."""
    state = events.encode(Measured(note=NOTE)) if given is None else given
    fixed = ["bench.Measured.v1", "observation", WHO.actor, WHO.auth, WHO.source, WHO.reason, WHO.correlation_id]
    tail = [["bench.measured"], state, bytes(32)]

    def work() -> None:
        rows = [[uuid4(), uuid4(), *fixed, *tail] for _ in range(count)]
        with connection.cursor() as cursor:
            if count == 1:
                cursor.execute(RAW_INSERT, rows[0])
            else:
                cursor.executemany(RAW_INSERT, rows)
        connection.commit()

    return work


@contextmanager
def raw_table() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the application's role beside a table like the ledger's, with the two keys only."""
    with connections["admin"].cursor() as cursor:
        cursor.execute(RAW_TABLE)
    with psycopg.connect(**store.connection_parameters()) as connection:
        yield connection


def install_plain() -> None:
    """The ledger once more as schema ``plain``, whose append neither hashes nor keeps a compact range."""
    from importlib import import_module

    migration = import_module("calypso.kernel.migrations.0001_ledger")
    body = migration.APPEND
    for part, without in (
        (r"sha256\('\\x00.*?field\(st\)\)", "''::bytea"),
        (r" time_ := .*?uuid_send\(p_causation\)\);\n", "\n"),
        (r" remaining := r_position.*?hashes\[k\] := node;\n", "\n"),
    ):
        body, found = re.subn(part, without, body, flags=re.S)
        assert found == 1, "0001_ledger.py has another shape: adapt install_plain()"
    with transaction.atomic(using="admin"), connections["admin"].cursor() as cursor:
        for part in (
            migration.SCHEMA.format(owner=migration.OWNER),
            migration.GUARDS,
            body,
            migration.GRANTS.format(app="calypso"),
        ):
            cursor.execute(re.sub(r"\bledger\b", "plain", part))


def without_hashing(work: Work) -> Work:
    """The same work through ``plain.append``."""
    statement = store._APPEND.replace("ledger.append", "plain.append")

    def other() -> None:
        kept, store._APPEND = store._APPEND, statement
        try:
            work()
        finally:
            store._APPEND = kept

    return other


def measure(connection: psycopg.Connection[Any], count: int, rounds: int, transactions: int) -> Turns:
    """``count`` events a transaction."""
    ours = appending(count)
    contestants = {"raw": raw(connection, count), "append": ours, "plain": without_hashing(ours)}
    return take_turns(contestants, rounds, transactions)
