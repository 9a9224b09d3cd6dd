"""Drift and the two ways out, from the box over REST and back to the box."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.models.snapshots import Snapshot
from apps.storage.observe.scan import observe
from calypso.kernel import store
from calypso.kernel.actors import Role
from calypso.kernel.models import Operation
from tests.support.lab_box import Box
from tests.support.rest import Person, finish, nothing_recorded, person, types_after

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Person:
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def data(tank: Box) -> Box:
    tank.ok("zfs", "create", "-o", "compression=zstd", "tank/data")
    tank.ok("zfs", "create", "tank/data/a")
    tank.ok("zfs", "snapshot", "tank/data/a@one")
    observe()
    return tank


def done(admin: Person, what: str, address: str) -> Operation:
    asked = admin.post(f"/storage/drift/{what}", {"address": address})
    assert asked.status == 202, asked.body
    finish(asked.body["id"])
    return Operation.objects.get(pk=asked.body["id"])


def shown(admin: Person) -> list[tuple[str, bool, list[tuple[str, str, str]]]]:
    items = admin.get("/storage/drift").body["items"]
    return [
        (i["address"], i["missing"], [(d["field"], d["wanted"], d["seen"]) for d in i["differences"]]) for i in items
    ]


POOL, DATA = "storage.pool.tank", "storage.dataset.tank/data"


def test_a_box_as_configured_has_no_drift_and_nothing_to_accept(data: Box, admin: Person) -> None:
    assert shown(admin) == []
    for what in ("accept", "restore"):
        answer = admin.post(f"/storage/drift/{what}", {"address": DATA})
        assert (answer.status, answer.code) == (409, "no_drift")


def test_pools_and_datasets_that_differ_are_listed(data: Box, admin: Person) -> None:
    data.ok("zfs", "set", "compression=off", "tank/data")
    data.ok("zpool", "set", "autotrim=on", "tank")
    observe()
    assert shown(admin) == [
        (DATA, False, [("compression", "zstd", "off")]),
        (POOL, False, [("autotrim", "off", "on")]),
    ]


def test_accepted_the_configuration_follows_the_box(data: Box, admin: Person) -> None:
    data.ok("zfs", "set", "compression=off", "tank/data")
    data.ok("zpool", "set", "autotrim=on", "tank")
    observe()
    before = store.position()
    for address in (DATA, POOL):
        assert done(admin, "accept", address).state == "succeeded"
    assert types_after(before).count("DriftAccepted") == 2
    assert shown(admin) == []
    assert Dataset.objects.get(name="tank/data").wanted["compression"] == "off"
    assert Pool.objects.get().wanted["autotrim"] == "on"
    with nothing_recorded():
        observe()


def test_restored_the_box_follows_the_configuration(data: Box, admin: Person) -> None:
    data.ok("zfs", "set", "compression=off", "atime=off", "tank/data")
    data.ok("zpool", "set", "autotrim=on", "tank")
    observe()
    for address in (DATA, POOL):
        operation = done(admin, "restore", address)
        assert operation.state == "succeeded", operation.error
    assert data.ok("zfs", "get", "-H", "-o", "value,source", "compression,atime", "tank/data").splitlines() == [
        "zstd\tlocal", "on\tdefault"
    ]  # fmt: skip
    assert data.ok("zpool", "get", "-H", "-o", "value", "autotrim", "tank").strip() == "off"
    observe()
    assert shown(admin) == []


def test_a_missing_dataset_is_forgotten_with_all_that_was_below_it(data: Box, admin: Person) -> None:
    data.ok("zfs", "destroy", "-r", "tank/data")
    observe()
    assert {row[0] for row in shown(admin)} == {DATA, f"{DATA}/a"}
    assert not Snapshot.objects.exists()
    assert done(admin, "accept", DATA).state == "succeeded"
    assert list(Dataset.objects.values_list("name", flat=True)) == ["tank"] and shown(admin) == []


def test_a_missing_dataset_is_made_again_empty(data: Box, admin: Person) -> None:
    known = Dataset.objects.get(name="tank/data").id
    data.ok("zfs", "destroy", "-r", "tank/data")
    observe()
    plan = admin.post("/storage/drift/restore?dry_run=true", {"address": DATA}).body
    assert "don't come back" in plan["warnings"][0]
    below = admin.post("/storage/drift/restore", {"address": f"{DATA}/a"})
    assert (below.status, below.code) == (409, "cannot_restore"), "what it was in comes first"
    for address in (DATA, f"{DATA}/a"):
        operation = done(admin, "restore", address)
        assert operation.state == "succeeded", operation.error
    row = Dataset.objects.get(name="tank/data")
    assert (row.id, row.missing, row.drift) == (known, False, [])
    assert row.properties["compression"]["value"] == "zstd" and shown(admin) == []


def test_a_pool_exported_by_hand_comes_back_as_the_same_one(data: Box, admin: Person) -> None:
    ids = {row.name: row.id for row in [*Dataset.objects.all(), *Pool.objects.all()]}
    data.ok("zpool", "export", "tank")
    observe()
    assert shown(admin) == [(POOL, True, [("presence", "present", "missing")])]
    assert Dataset.objects.filter(missing=True).count() == 3
    refused = admin.post("/storage/drift/restore", {"address": POOL})
    assert (refused.status, refused.code) == (409, "cannot_restore"), "nobody has searched the disks yet"
    search = admin.post("/storage/pools/find", {})
    finish(search.body["id"])
    operation = done(admin, "restore", POOL)
    assert operation.state == "succeeded", operation.error
    observe()
    assert {row.name: row.id for row in [*Dataset.objects.all(), *Pool.objects.all()]} == ids
    assert shown(admin) == [] and Pool.objects.get().state == "ONLINE"
    assert not Dataset.objects.filter(missing=True).exists()


def test_a_pool_that_left_and_came_back_by_hand_under_another_name(data: Box) -> None:
    pool, root = Pool.objects.get().id, Dataset.objects.get(name="tank").id
    data.ok("zpool", "export", "tank")
    observe()
    data.ok("zpool", "import", "tank", "vault")
    observe()
    assert (Pool.objects.get().id, Pool.objects.get().name) == (pool, "vault")
    assert Dataset.objects.get(name="vault").id == root
    assert {row.name for row in Dataset.objects.all()} == {"vault", "vault/data", "vault/data/a"}
    with nothing_recorded():
        observe()


def test_a_missing_pool_is_forgotten_with_its_datasets(data: Box, admin: Person) -> None:
    data.ok("zpool", "destroy", "tank")
    observe()
    assert done(admin, "accept", POOL).state == "succeeded"
    assert not Pool.objects.exists() and not Dataset.objects.exists() and not Snapshot.objects.exists()


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("storage.pool.nope", 404, "no_such_pool"),
        ("storage.dataset.tank/nope", 404, "no_such_dataset"),
        ("storage.disk.sda", 422, "invalid_input"),
        ("nonsense", 422, "invalid_input"),
        ("storage.pool.", 422, "invalid_input"),
    ],
)
def test_addresses_of_nothing_are_refused(data: Box, admin: Person, address: str, status: int, code: str) -> None:
    answer: Any = admin.post("/storage/drift/accept", {"address": address})
    assert (answer.status, answer.code, answer.body["field"]) == (status, code, "address")
