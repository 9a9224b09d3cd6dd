"""Scans that find snapshots, holds and bookmarks made and destroyed outside."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage import reading
from apps.storage.models.datasets import DatasetUsage
from apps.storage.models.snapshots import Bookmark, Snapshot, SnapshotUsage
from apps.storage.observe.scan import observe
from calypso.kernel import store
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.rest import types_after
from tests.support.seen_datasets import named, recorded

pytestmark = pytest.mark.django_db


def test_snapshots_come_and_go(data: Box) -> None:
    data.options(now=1_795_500_000.0)
    data.ok("zfs", "snapshot", "-r", "tank/data@one")
    assert recorded() == ["SnapshotsFound"], "one event for both"
    snapshot = Snapshot.objects.get(dataset=named("tank/data").id)
    assert (snapshot.name, snapshot.holds, snapshot.schedule) == ("one", [], "")
    assert SnapshotUsage.objects.filter(pk=snapshot.id).exists()
    data.advance(10)
    data.ok("zfs", "destroy", "tank/data/a@one")
    assert recorded() == ["SnapshotsGone"]
    assert Snapshot.objects.count() == SnapshotUsage.objects.count() == 1


def test_many_snapshots_are_batched_events(data: Box) -> None:
    with change(data.path) as state:
        [row] = state.db.execute("SELECT id FROM datasets WHERE name = 'data'")
        new = [(row["id"], f"s{n}", str(10**18 + n), 1_795_412_010, n, 0, 0) for n in range(2500)]
        columns = "dataset, name, guid, created, txg, referenced, logical"
        state.db.executemany(f"INSERT INTO snapshots ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", new)
    assert recorded() == ["SnapshotsFound"] * 3
    assert Snapshot.objects.count() == 2500
    with change(data.path) as state:
        state.db.execute("DELETE FROM snapshots")
    assert recorded() == ["SnapshotsGone"] * 3


def test_a_hold_set_outside_is_found(data: Box) -> None:
    data.ok("zfs", "snapshot", "tank/data@one")
    observe()
    data.ok("zfs", "hold", "keep", "tank/data@one")
    assert recorded() == ["SnapshotsFound"]
    assert Snapshot.objects.get().holds == ["keep"]
    data.ok("zfs", "destroy", "-d", "tank/data@one")
    assert recorded() == ["SnapshotsFound"]
    assert Snapshot.objects.get().defer_destroy


def test_a_snapshot_destroyed_and_made_again_under_its_name(data: Box) -> None:
    data.ok("zfs", "snapshot", "tank/data@one")
    observe()
    guid = Snapshot.objects.get().guid
    data.ok("zfs", "destroy", "tank/data@one")
    data.ok("zfs", "snapshot", "tank/data@one")
    assert recorded() == ["SnapshotsFound"]
    assert Snapshot.objects.get().guid != guid


def test_bookmarks_come_and_go(data: Box) -> None:
    data.ok("zfs", "snapshot", "tank/data@one")
    observe()
    data.ok("zfs", "bookmark", "tank/data@one", "tank/data#one")
    assert recorded() == ["BookmarksFound"]
    assert Bookmark.objects.get().name == "one"
    data.ok("zfs", "destroy", "tank/data#one")
    assert recorded() == ["BookmarksGone"]


def test_datasets_whose_snapshots_did_not_change_are_not_listed(data: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the share that each scan looks at again."""
    data.options(now=1_795_500_000.0)
    data.ok("zfs", "snapshot", "-r", "tank@one")
    observe()
    monkeypatch.setattr("apps.storage.observe.snapshot_scan._share", lambda looked, turn: iter(()))
    DatasetUsage.objects.update(sampled_at="2027-12-01T00:00:00Z")
    data.advance(60)
    data.ok("zfs", "snapshot", "tank/data@two")
    asked: list[list[str]] = []
    read = reading.read

    def watched(argv: Any, **more: Any) -> str:
        asked.append(list(argv))
        return read(argv, **more)

    monkeypatch.setattr(reading, "read", watched)
    before = store.position()
    observe()
    assert types_after(before) == ["SnapshotsFound"]
    listed = [argv[argv.index("--") + 1 :] for argv in asked if "snapshot,bookmark" in argv]
    assert listed == [["tank/data"]]
