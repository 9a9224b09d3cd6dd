"""`python -m bench [--quick] [--only scale] [--output FILE]`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import ground, table
from bench.measure import Spread, percentile
from bench.table import Row

Connection = psycopg.Connection[Any]
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"

NOTES = """\
All figures are of one run. Where one thing is measured in another, both took turns (A B C, C B A, …) and each round
was compared in itself: the median of these ratios, the least and the greatest. `raw` is a psycopg INSERT and COMMIT of
the same row into a table with the ledger's columns, a primary key and the unique (stream, version). Merkle's cost is
that against the ledger once more in the same database, with an append function that computes no hash and keeps no
compact range. The full command is `dispatch(ScrubPool)` on a pool of the lab: authorise, plan, append, operations row,
task; no worker runs. The libraries save one row of an audited model, under their way to name the user;
`eventsourcing` saves one event of an aggregate by its own recorder, with no read model. Latencies begin before the
append's BEGIN. The ledger that is rebuilt holds operations with steps (six in ten events), disks and pools.

The big box is one of the lab, whose tools are Python programs over an SQLite file: their CPU is part of that of a scan,
and stands beside it. A scan's CPU is that of its process and of the tools that it runs, its memory that of its process;
PostgreSQL's are neither. Lists and searches are asked for one after another over one connection, pages begin behind
rows chosen by chance; a search for what is in no name looks through all snapshots. The web process is asked for its
lists by four clients at once, and its memory compared with that after the first tenth of the requests.
"""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 7
    transactions: int = 200  # a round
    seconds: float = 12.0
    clients: int = 200
    writes: int = 200  # by each of 16 writers
    events: int = 300_000
    rebuilds: int = 3
    operations: int = 30
    big: bool = True  # the box of the scale rows


QUICK = Size(
    rounds=1, transactions=5, seconds=0.5, clients=5, writes=3, events=3000, rebuilds=1, operations=2, big=False
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measures what is promised.")
    parser.add_argument("--quick", action="store_true", help="only shows that it works; the figures mean nothing")
    parser.add_argument("--only", choices=("scale",), default=None, help="measure and print these rows alone")
    parser.add_argument("--output", type=Path, default=None, help="file to write instead of docs/benchmarks.md")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing stays behind
    with ground.prepared():
        size = QUICK if asked.quick else Size()
        rows = _scaling(size) if asked.only else measured(size)
        about = table.machine(_server_version())
    print(table.terminal(rows), *about, sep="\n")
    target = asked.output or (None if asked.quick or asked.only else DOCUMENT)
    if target:
        listed = "".join(f"- {line}\n" for line in about)
        target.write_text(f"# Benchmarks\n\n{listed}\n{table.markdown(rows)}\n{NOTES}")


def measured(size: Size) -> list[Row]:
    """All rows, in the order of the document."""
    from bench import appending

    _say(_queued)
    waits = _queued(size)  # first, while no other operation waits for the worker
    rows: list[Row] = []
    appending.install_plain()
    with appending.raw_table() as connection:
        for part in (_one, _ten, _auditing):
            _say(part)
            rows += part(size, connection)
    for later in (_living, _writing, _rebuilding, _scaling):
        _say(later)
        rows += later(size)
    return rows + waits


def _say(part: Callable[..., list[Row]]) -> None:
    print(f"{datetime.now():%H:%M:%S} measuring: {(part.__doc__ or '').strip()}", file=sys.stderr, flush=True)


def _one(size: Size, connection: Connection) -> list[Row]:
    """one event a transaction"""
    return _appending(size, connection, 1, 0.33)


def _ten(size: Size, connection: Connection) -> list[Row]:
    """ten events a transaction"""
    return _appending(size, connection, 10, 0.50)


def _appending(size: Size, connection: Connection, events: int, target: float) -> list[Row]:
    from bench import appending

    each = "1 event" if events == 1 else f"{events} events"
    transactions = size.transactions if events == 1 else max(3, size.transactions // 3)
    turns = appending.measure(connection, events, size.rounds, transactions)
    cost = Spread.of([100 * (1 - ratio) for ratio in turns.ratios("append", "plain")])
    return [
        Row.spread(f"raw INSERT, {each} a transaction", turns.rate("raw"), "/s"),
        Row.spread(f"append, {each} a transaction", turns.rate("append"), "/s"),
        Row.spread(f"append in raw, {each}", turns.ratio("append", "raw"), target=target),
        Row.spread(f"Merkle's cost in append, {each}", cost, "%", 10, at_most=True),
    ]


def _auditing(size: Size, connection: Connection) -> list[Row]:
    """a full command, and audited saves of other libraries"""
    from bench import auditing

    turns = auditing.measure(connection, size.rounds, size.transactions)
    names = {"command": "full command (ScrubPool)", "save": "model save, nothing audited"}
    rows = []
    for name in turns.rates:
        if name != "raw":
            target = 0.20 if name == "command" else None
            words = names.get(name, f"audited save: {name}")
            rows.append(Row.spread(words, turns.rate(name), "/s"))
            rows.append(Row.spread(f"{words}, in raw", turns.ratio(name, "raw"), target=target))
    return rows


def _living(size: Size) -> list[Row]:
    """from an append to WebSocket clients"""
    from bench import living

    one = living.measure(1, 100, size.seconds)
    many = living.measure(size.clients, 20, size.seconds)
    crowd = f"{size.clients} clients at 20 events/s"
    return [
        Row("append → WebSocket at 100 events/s, p50", percentile(one.latencies, 50), "ms", target=10, at_most=True),
        Row("append → WebSocket at 100 events/s, p99", percentile(one.latencies, 99), "ms", target=50, at_most=True),
        Row("… events a second really sent", one.sent_per_second, "/s"),
        Row(f"{crowd}, p99", percentile(many.latencies, 99), "ms", target=250, at_most=True),
        Row(f"{crowd}, messages lost of {many.expected:,}", many.lost, target=0, at_most=True),
    ]


def _writing(size: Size) -> list[Row]:
    """16 writers"""
    from bench import writers

    latencies, rate = writers.measure(16, size.writes)
    return [
        Row("16 writers at once, p99 of an append", percentile(latencies, 99), "ms", target=100, at_most=True),
        Row("16 writers at once, all together", rate, "/s"),
    ]


def _queued(size: Size) -> list[Row]:
    """queued to running"""
    from bench import queued

    waits = queued.measure(size.operations)
    return [Row("ScanStorage, queued → running, p50", percentile(waits, 50), "ms", target=300, at_most=True)]


def _rebuilding(size: Size) -> list[Row]:
    """rebuild"""
    from bench import rebuilding

    events, shadows, live = rebuilding.measure(size.events, size.rebuilds)
    return [
        Row.spread(f"rebuild on the live database, {events:,} events", live, "/s", 20_000),
        Row.spread("rebuild: fold and COPY into shadow tables", shadows, "/s", 150_000),
    ]


def _scaling(size: Size) -> list[Row]:
    """a big box"""
    from bench import scale

    return scale.measure(scale.Big() if size.big else scale.SMALL)


def _server_version() -> str:
    from calypso.kernel.store import query

    return str(query("SHOW server_version")[0][0])


if __name__ == "__main__":
    main()
