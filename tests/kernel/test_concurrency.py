"""Many writers at once: no gap, nothing lost, readers see all in order; what is rolled back was never there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from eventsourcing.persistence import IntegrityError

from apps.system.domain.accounts import TokenCreated
from apps.system.models.accounts import Token
from calypso.kernel import store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.ledger import CompactRange
from calypso.kernel.projections import append

pytestmark = pytest.mark.usefixtures("fresh_database")

WRITERS = 16
EACH = 25  # transactions a writer
PATIENCE = 60.0  # seconds, after which a test has failed

T = TypeVar("T")


def in_threads(work: Callable[[int], T], count: int) -> list[T]:
    """Runs it with 0 … count-1 at the same time, each in a thread with a connection of its own."""
    start = threading.Barrier(count)

    def one(number: int) -> T:
        try:
            start.wait(PATIENCE)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count), timeout=PATIENCE))


class Tail:
    """A subscription read by a thread until it has seen so many events, or a position."""

    def __init__(self, after: int = 0) -> None:
        self.seen: list[tuple[int, UUID | str, int]] = []
        self.listening = threading.Event()
        self.backends: list[int] = []
        self._subscription = store.recorder.subscribe(gt=after)
        self._pool = ThreadPoolExecutor(1)

    def until(self, position: Callable[[], int]) -> Future[None]:
        return self._pool.submit(self._read, position)

    def _read(self, position: Callable[[], int]) -> None:
        try:
            with self._subscription as subscription:
                for notification in subscription:
                    key = (notification.id, notification.originator_id, notification.originator_version)
                    self.seen.append(key)
                    self._note_backends(subscription)
                    if notification.id >= position():
                        return
        finally:
            connections.close_all()

    def _note_backends(self, subscription: object) -> None:
        if not self.listening.is_set():
            listener = subscription._listener
            self.backends = [listener.info.backend_pid, connection.connection.info.backend_pid]
            self.listening.set()

    def stop(self) -> None:
        self._subscription.stop()
        self._pool.shutdown()


class Undone(Exception):
    """Raised to roll back."""


def write(stream: UUID, events: int, undone: bool = False) -> None:
    """One transaction; versions are the stream's next."""
    with suppress(Undone), store.writing():
        store.recorder.insert_events([store.Envelope(stream, None, "a.B.v1", b"{}") for _ in range(events)])
        if undone:
            raise Undone


def stored() -> list[tuple[int, UUID, int, bytes]]:
    return store.query("SELECT position, stream, version, leaf FROM ledger.event ORDER BY position")


def check_whole() -> None:
    """No gap, and the head is the tree over what is there."""
    rows = stored()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert store.head() == CompactRange().extend(bytes(row[3]) for row in rows)


def test_16_writers_lose_nothing_and_readers_see_all_in_order_exactly_once() -> None:
    streams = [uuid4() for _ in range(WRITERS)]
    kept = sum(1 + n % 3 for n in range(EACH) if n % 5 != 4)  # events a writer
    end = WRITERS * kept + 1
    tails = [Tail(), Tail()]
    read = [tail.until(lambda: end) for tail in tails]
    write(uuid4(), 1)

    def writer(number: int) -> None:
        for n in range(EACH):
            write(streams[number], 1 + n % 3, undone=n % 5 == 4)

    try:
        assert all(tail.listening.wait(PATIENCE) for tail in tails)
        in_threads(writer, WRITERS)
        for future in read:
            future.result(PATIENCE)
    finally:
        for tail in tails:
            tail.stop()
    rows = stored()
    check_whole()
    assert len(rows) == end
    assert Counter(row[1] for row in rows[1:]) == dict.fromkeys(streams, kept)
    for stream in streams:
        assert [row[2] for row in rows if row[1] == stream] == list(range(1, kept + 1))
    for tail in tails:
        assert tail.seen == [row[:3] for row in rows]


def test_a_reader_whose_connections_are_cut_off_misses_nothing() -> None:
    stream, end = uuid4(), 300
    tail = Tail()
    reading = tail.until(lambda: end)
    try:
        write(stream, 1)
        assert tail.listening.wait(PATIENCE)
        for n in range(2, end + 1):
            if n in (100, 200):
                store.query("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [tail.backends])
                tail.listening.clear()
            write(stream, 1)
            if n in (100, 200):
                assert tail.listening.wait(PATIENCE)  # it's back, on other connections
        reading.result(PATIENCE)
    finally:
        tail.stop()
    assert tail.seen == [(n, stream, n) for n in range(1, end + 1)]


def test_one_stream_written_by_all_has_each_version_once() -> None:
    stream = uuid4()
    in_threads(lambda _: [write(stream, 2) for _ in range(10)], WRITERS)
    rows = stored()
    check_whole()
    assert [row[2] for row in rows] == list(range(1, WRITERS * 20 + 1))


def test_of_16_that_want_the_same_version_one_gets_it() -> None:
    stream = uuid4()

    def attempt(_: int) -> bool:
        try:
            store.recorder.insert_events([store.Envelope(stream, 1, "a.B.v1", b"{}")])
        except IntegrityError:
            return False
        return True

    assert Counter(in_threads(attempt, WRITERS)) == {True: 1, False: WRITERS - 1}
    check_whole()
    assert len(stored()) == 1


def test_a_rollback_leaves_no_trace() -> None:
    write(uuid4(), 3)
    before = store.head()
    token = TokenCreated(
        token=uuid4(), username="sari", name="n", scope=("read",), expires_at=None, fingerprint=uuid4().hex
    )
    with pytest.raises(Undone), store.writing():
        append([Change(token.token, token)], Metadata())
        assert (store.position(), Token.objects.count()) == (4, 1)  # seen inside the transaction …
        raise Undone
    assert store.head() == before  # … and gone with it
    assert Token.objects.count() == 0
    with store.writing():
        (recorded,) = append([Change(token.token, token)], Metadata())
    assert (recorded.position, recorded.version) == (4, 1)
    assert Token.objects.get().pk == token.token
    check_whole()


def test_what_is_not_yet_committed_nobody_else_sees() -> None:
    write(uuid4(), 1)
    with store.writing():
        store.recorder.insert_events([store.Envelope(uuid4(), 1, "a.B.v1", b"{}")])
        assert store.position() == 2
        seen = in_threads(lambda _: (store.position(), len(store.recorder.select_notifications(1, 10))), 1)
        assert seen == [(1, 1)]
    assert in_threads(lambda _: store.position(), 1) == [2]
