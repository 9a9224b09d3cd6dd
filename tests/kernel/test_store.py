"""The recorder passes the eventsourcing package's own tests, and keeps what is its own: versions, keys, metadata."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent

from apps.system.domain.accounts import LoggedOut, ProcessRestarted
from calypso.kernel import store
from calypso.kernel.events import Change, Metadata

# The package's tests import its cipher, which needs PyCryptodome; the recorder's have no use for it.
_cipher = ModuleType("eventsourcing.cipher")
_cipher.AESCipher = None
with mock.patch.dict(sys.modules, {_cipher.__name__: _cipher}):
    from eventsourcing.tests import persistence as package


class Tidy(store.LedgerRecorder):
    """Closes the connections of the threads that the package's tests leave behind."""

    def __init__(self) -> None:
        self.used: set[BaseDatabaseWrapper] = set()

    def insert_events(self, *args: Any, **kwargs: Any) -> Any:
        self.used.add(connections["default"])
        return super().insert_events(*args, **kwargs)

    def select_notifications(self, *args: Any, **kwargs: Any) -> Any:
        self.used.add(connections["default"])
        return super().select_notifications(*args, **kwargs)

    def close(self) -> None:
        for used in self.used:
            used.inc_thread_sharing()
            used.close()


@pytest.mark.usefixtures("fresh_database")
class TestRecorder(package.ApplicationRecorderTestCase):
    """On an empty ledger, since it expects the positions 1, 2, 3."""

    def create_recorder(self) -> ApplicationRecorder:
        recorder = Tidy()
        self.addCleanup(recorder.close)
        return recorder

    def test_insert_subscribe(self) -> None:
        super().optional_test_insert_subscribe()


@pytest.mark.usefixtures("fresh_database")
class TestPositionsOfOneAppendStayTogether(package.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        recorder = Tidy()
        self.addCleanup(recorder.close)
        return recorder


# pytest would collect the abstract cases of the package, too, if their names stood in this module
recorder = store.recorder


def stored(stream: UUID, version: int | None, **values: Any) -> store.Envelope:
    return store.Envelope(stream, version, values.pop("topic", "a.B.v1"), b"{}", **values)


def versions(stream: UUID) -> list[int]:
    return [event.originator_version for event in recorder.select_events(stream)]


@pytest.mark.django_db
def test_versions_left_open_are_the_streams_next() -> None:
    one, other = uuid4(), uuid4()
    recorder.insert_events([stored(one, None), stored(other, None), stored(one, None)])
    recorder.insert_events([stored(other, None), stored(one, None), stored(other, None)])
    assert (versions(one), versions(other)) == ([1, 2, 3], [1, 2, 3])


@pytest.mark.django_db
def test_versions_left_open_follow_given_ones() -> None:
    stream = uuid4()
    recorder.insert_events([stored(stream, 0), stored(stream, 1)])
    recorder.insert_events([stored(stream, None)])
    recorder.insert_events([stored(stream, 41)])
    recorder.insert_events([stored(stream, None)])
    assert versions(stream) == [0, 1, 2, 41, 42]


@pytest.mark.django_db
@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_is_taken_is_refused_and_nothing_stays(version: int) -> None:
    stream = uuid4()
    recorder.insert_events([stored(stream, 1), stored(stream, 2)])
    head = store.head()
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(uuid4(), None), stored(stream, version)])
    assert store.head() == head
    assert versions(stream) == [1, 2]


@pytest.mark.django_db
def test_an_event_id_is_taken_only_once() -> None:
    given = uuid4()
    recorder.insert_events([stored(uuid4(), None, event_id=given)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(uuid4(), None, event_id=given)])


@pytest.mark.django_db
def test_what_is_recorded_is_what_is_read() -> None:
    changes = [
        Change(uuid4(), LoggedOut(username="åsa")),
        Change(uuid4(), ProcessRestarted(process="web", exit_code=None, signal=9)),
    ]
    metadata = Metadata("user:åsa", "session", "::1", "because", uuid4(), uuid4(), uuid4())
    with store.writing():
        recorded = store.record(changes, metadata)
    rows = store.query(f"SELECT {store.COLUMNS} FROM ledger.event ORDER BY position DESC LIMIT 2")[::-1]
    assert [store.from_row(row) for row in rows] == recorded
    assert [(r.event, r.event_id, r.stream, r.metadata) for r in recorded] == [
        (c.event, c.event_id, c.stream, metadata) for c in changes
    ]


@pytest.mark.django_db
def test_a_key_can_neither_be_two_nor_stop_the_append() -> None:
    with store.writing():
        at = store.record([Change(uuid4(), LoggedOut(username="a\x1fb\x00"))], Metadata())[0].position
    assert store.query("SELECT keys FROM ledger.event WHERE position = %s", [at]) == [(["system.user.a\ufffdb\ufffd"],)]


@pytest.mark.django_db
def test_no_events_are_no_append() -> None:
    head = store.head()
    assert recorder.insert_events([]) == []
    assert store.record([], Metadata()) == []
    assert store.head() == head


@pytest.mark.django_db
def test_the_packages_plain_stored_events_are_taken() -> None:
    stream = uuid4()
    recorder.insert_events([StoredEvent(stream, 1, "a.B.v1", b"state")])
    assert recorder.select_events(stream) == [StoredEvent(stream, 1, "a.B.v1", b"state")]


def test_own_connections_are_opened_with_the_options_of_djangos(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"sslmode": "require", "pool": {"max_size": 2}, "application_name": "calypso-web", "assume_role": "x"}
    monkeypatch.setitem(connections["default"].settings_dict, "OPTIONS", options)
    parameters = store.connection_parameters()
    assert parameters["sslmode"] == "require" and parameters["application_name"] == "calypso-web"
    assert not {"pool", "assume_role"} & set(parameters)
