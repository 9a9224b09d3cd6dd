"""The scan of datasets, snapshots and bookmarks: each kind of change gives the right events and no more, once."""

from __future__ import annotations

import pytest

from apps.storage.domain.drift import DriftAccepted
from apps.storage.models.datasets import Dataset, DatasetUsage
from apps.storage.models.pools import Pool
from apps.storage.observe.scan import observe, observe_for
from calypso.kernel import store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.support.lab_box import Box
from tests.support.rest import events_after, nothing_recorded, types_after
from tests.support.seen_datasets import named, recorded

pytestmark = pytest.mark.django_db


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
