"""The scan of datasets, snapshots and bookmarks: each kind of change gives the right events and no more, once."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage import reading
from apps.storage.domain.drift import DriftAccepted
from apps.storage.models.datasets import Dataset, DatasetUsage
from apps.storage.models.pools import Pool
from apps.storage.models.snapshots import Bookmark, Snapshot, SnapshotUsage
from apps.storage.observe import datasets as module
from apps.storage.observe.scan import observe, observe_for
from calypso.kernel import shell, store
from calypso.kernel.errors import ToolTimeout
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from calypso.lab.state import change
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, events_after, nothing_recorded, path_of, types_after

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(tank: Box) -> Box:
    """tank with data, data/a and a volume, all seen."""
    tank.ok("zfs", "create", "tank/data")
    tank.ok("zfs", "create", "-o", "compression=zstd", "tank/data/a")
    tank.ok("zfs", "create", "-V", "64M", "tank/volume")
    observe()
    return tank


def recorded() -> list[str]:
    """Event types of one scan; a second one finds nothing more."""
    before = store.position()
    observe()
    found = types_after(before)
    with nothing_recorded():
        assert observe() == 0, "nothing is recorded twice"
    return found


def named(name: str) -> Dataset:
    return Dataset.objects.get(name=name)


def test_datasets_made_outside_are_discovered_and_adopted_with_what_is_set_on_them(tank: Box) -> None:
    tank.ok("zfs", "create", "-o", "compression=zstd", "-o", "quota=1G", "tank/data")
    tank.ok("zfs", "create", "-V", "64M", "tank/volume")
    assert recorded() == ["DatasetsDiscovered", "DatasetsAdopted"], "one event of each for both"
    data, volume = named("tank/data"), named("tank/volume")
    assert data.wanted == {"compression": "zstd", "quota": str(1024**3)} and data.created_by == "outside"
    assert data.guid and data.mountpoint == "/tank/data" and data.mounted
    assert (volume.type, volume.volsize, volume.drift) == ("volume", 64 * 1024**2, [])
    assert DatasetUsage.objects.get(dataset=data.id).used > 0


def test_a_value_changed_outside_is_one_event_and_drift_until_it_is_back(data: Box) -> None:
    data.ok("zfs", "set", "compression=off", "tank/data/a")
    assert recorded() == ["DatasetsChanged"]
    [drift] = named("tank/data/a").drift
    assert (drift["field"], drift["wanted"], drift["seen"]) == ("compression", "zstd", "off") and drift["since"]
    assert named("tank/data/a").properties["compression"] == {"value": "off", "source": "local"}
    data.ok("zfs", "set", "compression=zstd", "tank/data/a")
    assert recorded() == ["DatasetsChanged"]
    assert named("tank/data/a").drift == []


@pytest.mark.parametrize(
    "change",
    [
        ("zfs", "set", "quota=1G", "tank/data"),
        ("zfs", "set", "org:note=mine", "tank/data/a"),
        ("zfs", "inherit", "compression", "tank/data/a"),
        ("zfs", "set", "mountpoint=/elsewhere", "tank/data"),
        ("zfs", "unmount", "tank/data/a"),
        ("zfs", "rename", "tank/data/a", "tank/data/b"),
        ("zfs", "snapshot", "tank/data@one"),
        ("zfs", "destroy", "tank/volume"),
        ("zpool", "set", "autotrim=on", "tank"),
        ("zpool", "set", "comment=mine", "tank"),
    ],
    ids=" ".join,
)
def test_one_change_is_one_event(data: Box, change: tuple[str, ...]) -> None:
    data.ok(*change)
    assert len(recorded()) == 1


def test_a_property_of_a_pool_changed_outside_is_one_event_and_drift_until_it_is_back(data: Box) -> None:
    data.ok("zpool", "set", "autotrim=on", "tank")
    assert recorded() == ["PoolChanged"]
    pool = Pool.objects.get()
    assert [(d["field"], d["wanted"], d["seen"]) for d in pool.drift] == [("autotrim", "off", "on")]
    assert pool.properties["autotrim"] == "on"
    data.ok("zpool", "set", "autotrim=off", "tank")
    assert recorded() == ["PoolChanged"] and Pool.objects.get().drift == []


def test_drift_is_told_alone_where_the_configuration_changed_and_the_box_did_not(data: Box) -> None:
    row = named("tank/data/a")
    told = []
    for wanted in ({"compression": "gzip"}, row.wanted):
        fact = DriftAccepted(subject="dataset", id=row.id, name=row.name, fields=("compression",), wanted=wanted)
        with store.writing():
            append([Change(row.id, fact)], Metadata())
        told += recorded()
        row.refresh_from_db()
    assert told == ["DriftDetected"] and row.drift == [], "accepting it ends it"


def test_drift_keeps_the_moment_since_which_it_is_there(data: Box) -> None:
    data.ok("zfs", "set", "compression=off", "tank/data/a")
    observe()
    [first] = named("tank/data/a").drift
    data.ok("zfs", "set", "atime=off", "tank/data/a")
    assert recorded() == ["DatasetsChanged"]
    drift = {d["field"]: d for d in named("tank/data/a").drift}
    assert drift["compression"] == first
    assert (drift["atime"]["wanted"], drift["atime"]["seen"]) == ("", "off"), "set, though nobody configured it"


def test_a_change_of_a_parent_is_one_change_not_one_of_each_child(data: Box) -> None:
    before = store.position()
    data.ok("zfs", "set", "checksum=sha256", "tank/data")
    assert recorded() == ["DatasetsChanged"]
    assert [i["state"]["name"] for i in events_after(before)[0].data["items"]] == ["tank/data"]


def test_a_dataset_destroyed_outside_stays_on_record_as_missing(data: Box) -> None:
    data.ok("zfs", "destroy", "tank/data/a")
    assert recorded() == ["DatasetsVanished"]
    gone = named("tank/data/a")
    assert gone.missing and [d["field"] for d in gone.drift] == ["presence"]
    assert not DatasetUsage.objects.filter(dataset=gone.id).exists()
    data.ok("zfs", "create", "-o", "compression=zstd", "tank/data/a")
    assert recorded() == ["DatasetsChanged"], "the same name is the same resource"
    back = named("tank/data/a")
    assert not back.missing and back.drift == [] and back.id == gone.id and back.guid != gone.guid


def test_a_rename_outside_keeps_the_id_and_that_of_all_below(data: Box) -> None:
    ids = {row.name: row.id for row in Dataset.objects.all()}
    data.ok("zfs", "rename", "tank/data", "tank/archive")
    assert recorded() == ["DatasetsChanged"]
    assert named("tank/archive").id == ids["tank/data"] and named("tank/archive/a").id == ids["tank/data/a"]
    assert named("tank/archive/a").parent == "tank/archive"


def test_a_name_that_is_taken_over_by_another(data: Box) -> None:
    old = named("tank/data/a").id
    data.ok("zfs", "rename", "tank/data/a", "tank/data/old")
    data.ok("zfs", "create", "tank/data/a")
    assert recorded() == ["DatasetsChanged", "DatasetsDiscovered", "DatasetsAdopted"]
    assert named("tank/data/old").id == old != named("tank/data/a").id


@pytest.mark.parametrize("at_once", [True, False])
def test_a_rename_over_one_that_is_gone(data: Box, at_once: bool) -> None:
    """The lost one can't stay on record under a name that is another's now."""
    data.ok("zfs", "create", "tank/data/b")
    observe()
    survivor = named("tank/data/b").id
    data.ok("zfs", "destroy", "tank/data/a")
    if not at_once:
        assert recorded() == ["DatasetsVanished"]
    data.ok("zfs", "rename", "tank/data/b", "tank/data/a")
    assert recorded() == ["DatasetsVanished"] * at_once + ["DatasetForgotten", "DatasetsChanged"]
    assert named("tank/data/a").id == survivor and not named("tank/data/a").missing
    assert recorded() == []


def test_names_exchanged_between_two_scans(data: Box) -> None:
    data.ok("zfs", "create", "tank/data/b")
    observe()
    a, b = named("tank/data/a").id, named("tank/data/b").id
    for before, after in (("a", "tmp"), ("b", "a"), ("tmp", "b")):
        data.ok("zfs", "rename", f"tank/data/{before}", f"tank/data/{after}")
    assert recorded() == ["DatasetsChanged"]
    assert (named("tank/data/a").id, named("tank/data/b").id) == (b, a)


# --- snapshots --------------------------------------------------------------------------------------------------------


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


# --- trouble ----------------------------------------------------------------------------------------------------------


def fails(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], result: Any) -> None:
    """Commands that have all these words end so."""
    run = shell.run

    def broken(argv: Any, **more: Any) -> shell.Result:
        if all(word in argv for word in words):
            if isinstance(result, Exception):
                raise result
            done = run(argv, **more)
            return shell.Result(done.argv, result[0], result[1](done.stdout), result[2], 0, "", 0)
        return run(argv, **more)

    monkeypatch.setattr(shell, "run", broken)


CUT = (0, lambda text: text[: len(text) * 2 // 3], "")


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("list", "filesystem,volume"), (1, lambda text: "", "cannot open 'tank': I/O error\n")),
        (("list", "filesystem,volume"), (0, lambda text: "", "")),
        (("list", "filesystem,volume"), CUT),
        (("list", "filesystem,volume"), (-9, lambda text: text, "")),
        (("list", "filesystem,volume"), ToolTimeout("slow")),
        (("get",), (1, lambda text: "", "internal error\n")),
        (("get",), CUT),
        (("list", "snapshot,bookmark"), (1, lambda text: "", "cannot open 'tank': I/O error\n")),
        (("list", "snapshot,bookmark"), CUT),
        (("holds",), (1, lambda text: "", "internal error\n")),
        (("zpool", "status"), CUT),
        (("zpool", "status"), (1, lambda text: "", "internal error\n")),
        (("zpool", "list"), CUT),
        (("zpool", "list"), (0, lambda text: "", "")),
    ],
)
def test_a_tool_that_fails_or_is_cut_off_makes_nothing_vanish(
    data: Box, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], result: Any
) -> None:
    data.ok("zfs", "snapshot", "-r", "tank@one")
    data.ok("zfs", "hold", "keep", "tank@one")
    observe()
    fails(monkeypatch, words, result)
    before = store.position()
    observe()
    assert set(types_after(before)) <= {"ZfsHealthChanged"}
    assert not Dataset.objects.filter(missing=True).exists() and Snapshot.objects.count() == 4


def test_a_pool_that_can_not_be_listed_does_not_hide_the_others(data: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    data.ok("zpool", "create", "other", path_of(disk_ids(data)[4]))
    observe()
    data.ok("zfs", "create", "other/new")
    run = shell.run

    def broken(argv: Any, **more: Any) -> shell.Result:
        done = run(argv, **more)
        if "filesystem,volume" in argv and "tank" in argv:
            return shell.Result(done.argv, 1, "", "cannot open 'tank': pool I/O is currently suspended\n", 0, "", 0)
        return done

    monkeypatch.setattr(shell, "run", broken)
    before = store.position()
    observe()
    assert types_after(before) == ["DatasetsDiscovered", "DatasetsAdopted"]


def test_a_suspended_pools_datasets_are_not_asked_for_and_stay(data: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    from calypso.lab.happenings import break_

    for disk in ("lab0", "lab1"):
        data.disk(break_, disk)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the tool would hang")

    monkeypatch.setattr(module, "_read", refuse)
    before = store.position()
    observe()
    assert "PoolDegraded" in types_after(before)
    assert not Dataset.objects.filter(missing=True).exists()


# --- an operation's own scan ------------------------------------------------------------------------------------------


def test_an_operations_scan_looks_only_at_what_it_touches(data: Box) -> None:
    data.ok("zfs", "create", "tank/elsewhere")
    data.ok("zfs", "create", "tank/data/new")
    before = store.position()
    observe_for(["storage.pool.tank", "storage.dataset.tank/data"])
    assert types_after(before) == ["DatasetsDiscovered", "DatasetsAdopted"]
    assert Dataset.objects.filter(name="tank/data/new").exists()
    assert not Dataset.objects.filter(name="tank/elsewhere").exists()
    with nothing_recorded():
        observe_for(["storage.pool.tank", "storage.dataset.tank/data"])
    assert recorded() == ["DatasetsDiscovered", "DatasetsAdopted"]


def test_an_operations_scan_of_a_dataset_that_is_gone(data: Box) -> None:
    data.ok("zfs", "destroy", "-r", "tank/data")
    before = store.position()
    observe_for(["storage.pool.tank", "storage.dataset.tank/data"])
    assert types_after(before) == ["DatasetsVanished"]
    assert {d.name for d in Dataset.objects.filter(missing=True)} == {"tank/data", "tank/data/a"}


def test_an_operations_scan_knows_what_was_renamed_into_its_reach(data: Box) -> None:
    volume = named("tank/volume").id
    data.ok("zfs", "rename", "tank/volume", "tank/data/volume")
    before = store.position()
    observe_for(["storage.pool.tank", "storage.dataset.tank/data"])
    assert types_after(before) == ["DatasetsChanged"]
    assert named("tank/data/volume").id == volume
