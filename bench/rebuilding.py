"""Row 5: the read models anew from a long ledger: fold and COPY into shadow tables, and the whole on the live ones."""

from __future__ import annotations

from time import perf_counter

from django.db import connections
from psycopg import sql

import calypso.kernel.rebuild as rebuilding
from bench import story
from bench.measure import Spread
from calypso.kernel.projections import registry


def measure(events: int, rounds: int) -> tuple[int, Spread, Spread]:
    """How many events the ledger has, then events per second into shadow tables, and of ``rebuild()``."""
    last = story.tell(events)
    with connections["admin"].cursor() as cursor:
        cursor.execute("SELECT size FROM ledger.head")
        last = cursor.fetchone()[0]
        cursor.execute("ANALYZE ledger.event")  # as autovacuum does after so many rows
    into_shadows, live = [], []
    for _ in range(rounds):
        into_shadows.append(_into_shadows(last))
        started = perf_counter()
        done = rebuilding.rebuild()
        live.append(done.events / (perf_counter() - started))
    return last, Spread.of(into_shadows), Spread.of(live)


def _into_shadows(last: int) -> float:
    """Tables like the real ones, with their indexes."""
    chosen = list(registry.values())
    admin, tables = connections["admin"], rebuilding.Rows()
    started = perf_counter()
    count = rebuilding.fold(tables, rebuilding._handlers_of(chosen), admin, 0, last)
    with admin.cursor() as cursor:
        for model in (m for p in chosen for m in p.read_models()):
            like = sql.SQL("CREATE TEMPORARY TABLE bench_shadow (LIKE {} INCLUDING ALL)")
            cursor.execute(like.format(sql.Identifier(model._meta.db_table)))
            rebuilding.copy_rows(cursor, model, "bench_shadow", tables.rows[model])
            cursor.execute("DROP TABLE bench_shadow")
    return count / (perf_counter() - started)
