"""The scan: what happens to the box gives exactly the right events, and nothing new gives none."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.zfs import ZfsState
from apps.storage.observe import scan as module
from apps.storage.observe.scan import observe
from calypso.kernel import commands, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.events import Change, Metadata
from calypso.kernel.operations import OperationStarted, OperationSucceeded, StepFinished, StepStarted
from calypso.kernel.projections import append
from calypso.lab import disks
from calypso.lab.happenings import break_, plug, pull, repair
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, events_after, path_of, types_after

pytestmark = pytest.mark.django_db

ADOPTED = ["PoolDiscovered", "PoolAdopted", "DatasetsDiscovered", "DatasetsAdopted"]
SARI = Actor("user:sari", "session", "", frozenset(Permission))


@pytest.fixture
def seen(box: Box) -> Box:
    """The first scan has been made."""
    observe()
    return box


def recorded() -> list[str]:
    """Event types of one scan, which says how many they are; a second one finds nothing more."""
    before = store.position()
    assert observe() == store.position() - before
    found = types_after(before)
    assert observe() == 0, "nothing is recorded twice"
    assert store.position() == before + len(found)
    return found


def paths(box: Box, *numbers: int) -> list[str]:
    return [path_of(disk_ids(box)[number]) for number in numbers]


def test_the_first_scan_lists_all_and_the_second_nothing(box: Box) -> None:
    assert recorded() == ["DiskAttached"] * 16 + ["ZfsHealthChanged"]
    assert set(Disk.objects.values_list("id", flat=True)) == set(disk_ids(box))
    assert all(e.actor == "observer" and e.kind == "observation" for e in events_after(0, "storage"))


def test_a_disk_pulled_plugged_broken_repaired_and_renamed(seen: Box) -> None:
    [fifth] = disk_ids(seen)[5:6]
    seen.disk(pull, fifth)
    assert recorded() == ["DiskDetached"]
    assert not Disk.objects.filter(pk=fifth).exists()
    seen.disk(plug, fifth)
    assert recorded() == ["DiskAttached"]
    seen.disk(break_, fifth)
    assert recorded() == ["DiskChanged"]
    assert Disk.objects.get(pk=fifth).broken
    seen.disk(repair, fifth)
    assert recorded() == ["DiskChanged"]
    seen.disk(lambda _, disk: disk.update(name="lab99", slot=99), fifth)
    before = store.position()
    assert recorded() == ["DiskChanged"]
    assert sorted(events_after(before)[0].data["fields"]) == ["name", "slot"]


def test_pulled_and_plugged_between_two_scans_is_nothing(seen: Box) -> None:
    seen.disk(pull, "lab5")
    seen.disk(plug, "lab5")
    assert recorded() == []


def test_a_disk_swapped_for_another_in_its_bay(seen: Box) -> None:
    seen.disk(lambda _, disk: disk.update(id="wwn-new", serial="NEW1", wwn="0x1"), "lab5")
    assert recorded() == ["DiskDetached", "DiskAttached"]


def test_the_life_of_a_pool_that_calypso_did_not_make(seen: Box) -> None:
    seen.ok("zpool", "create", "tank", "mirror", *paths(seen, 0, 1))
    assert recorded() == ["DiskChanged", "DiskChanged", *ADOPTED]
    pool = Pool.objects.get()
    assert (pool.name, pool.state, pool.created_by) == ("tank", "ONLINE", "outside")
    assert pool.disks == disk_ids(seen)[:2]
    seen.disk(break_, "lab0")
    assert recorded() == ["DiskChanged", "PoolDegraded"]
    assert Pool.objects.get().state == "DEGRADED"
    seen.disk(repair, "lab0")
    found = recorded()
    assert found[0] == "DiskChanged" and "PoolRecovered" in found
    seen.ok("zpool", "destroy", "tank")
    assert recorded() == ["DiskChanged", "DiskChanged", "PoolVanished"]
    pool = Pool.objects.get()
    assert (pool.state, [d["field"] for d in pool.drift]) == ("MISSING", ["presence"]), "on record until it is accepted"


def test_a_pulled_disk_degrades_its_pool_and_stays_its_member_no_more(seen: Box) -> None:
    seen.ok("zpool", "create", "tank", "mirror", *paths(seen, 0, 1))
    observe()
    seen.disk(pull, "lab1")
    before = store.position()
    assert recorded() == ["DiskDetached", "PoolDegraded"]
    fact = events_after(before)[1].data
    assert (fact["before"], fact["state"]) == ("ONLINE", "DEGRADED")
    assert fact["status"] and fact["action"], "the tool's own words"


def test_a_pool_that_loses_its_only_disk(seen: Box) -> None:
    seen.ok("zpool", "create", "single", *paths(seen, 0))
    observe()
    seen.disk(pull, "lab0")
    assert recorded() == ["DiskDetached", "PoolDegraded"]
    assert Pool.objects.get().state == "SUSPENDED"


def test_a_scrub_started_behind_calypsos_back(seen: Box) -> None:
    seen.options(now=1_795_412_010.0, scrub_seconds=100)
    seen.ok("zpool", "create", "tank", "mirror", *paths(seen, 0, 1))
    observe()
    seen.ok("zpool", "scrub", "tank")
    assert recorded() == ["PoolChanged"]
    seen.advance(50)
    assert recorded() == [], "how far it got is a sample"
    percent = PoolUsage.objects.get().scan_percent
    assert percent is not None and 40 < percent < 60
    seen.advance(60)
    assert recorded() == ["PoolChanged"]
    scan = Pool.objects.get().scan
    assert scan is not None and (scan["function"], scan["state"]) == ("scrub", "finished")


def test_two_pools_change_at_once(seen: Box) -> None:
    seen.ok("zpool", "create", "one", "mirror", *paths(seen, 0, 1))
    seen.ok("zpool", "create", "two", "mirror", *paths(seen, 2, 3))
    observe()
    seen.ok("zpool", "destroy", "one")
    seen.disk(break_, "lab2")
    assert sorted(recorded()) == ["DiskChanged"] * 3 + ["PoolDegraded", "PoolVanished"]


def test_a_pool_made_again_under_its_name(seen: Box) -> None:
    seen.ok("zpool", "create", "tank", "mirror", *paths(seen, 0, 1))
    observe()
    guid = Pool.objects.get().guid
    seen.ok("zpool", "destroy", "tank")
    seen.ok("zpool", "create", "tank", "mirror", *paths(seen, 0, 1))
    found = recorded()
    assert found == ["PoolVanished", "PoolForgotten", *ADOPTED], "another pool, though of the same name"
    assert Pool.objects.get().guid != guid


def test_figures_are_samples_and_no_events(seen: Box) -> None:
    seen.ok("zpool", "create", "tank", "mirror", *paths(seen, 0, 1))
    observe()
    seen.set_pool("tank", allocated=10**9)
    assert recorded() == []
    assert PoolUsage.objects.get().allocated == 10**9


# --- pools that an operation has in hand ------------------------------------------------------------------------------


def scrub_in(state: str) -> commands.Operation:
    """A scrub of tank that has come so far."""
    operation = commands.dispatch(commands.registered()["storage.ScrubPool"].model_validate({"name": "tank"}), SARI)
    pk = operation.pk
    begun: list[Any] = [OperationStarted(operation=pk), StepStarted(operation=pk, step=0, argv=("zpool",))]
    ended = [StepFinished(operation=pk, step=0, outcome="done"), OperationSucceeded(operation=pk)]
    facts = {"queued": [], "running": begun, "succeeded": begun + ended}[state]
    with store.writing():
        append([Change(pk, fact) for fact in facts], Metadata())
    operation.refresh_from_db()
    assert operation.state == state
    return operation


@pytest.mark.parametrize(("state", "left_alone"), [("queued", False), ("running", True), ("succeeded", False)])
def test_a_pool_in_the_hand_of_an_operation_is_left_to_it(tank: Box, state: str, left_alone: bool) -> None:
    scrub_in(state)
    tank.disk(break_, "lab0")
    before = store.position()
    observe()
    assert ("PoolDegraded" in types_after(before)) is not left_alone
    assert "DiskChanged" in types_after(before), "its disks are still watched"


def test_an_operation_that_ended_while_the_scan_was_looking(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before the end is old: the operation has told the newer truth."""
    tank.disk(break_, "lab0")
    read = module.reading.pools

    def slow(*args: Any, **more: Any) -> Any:
        found = read(*args, **more)
        scrub_in("succeeded")
        return found

    monkeypatch.setattr(module.reading, "pools", slow)
    before = store.position()
    observe()
    assert "PoolDegraded" not in types_after(before)
    monkeypatch.setattr(module.reading, "pools", read)
    observe()
    assert "PoolDegraded" in types_after(before), "the next scan tells it"


def test_another_pool_is_not_left_alone_for_it(tank: Box) -> None:
    tank.ok("zpool", "create", "other", "mirror", *paths(tank, 2, 3))
    observe()
    scrub_in("running")
    tank.disk(break_, "lab2")
    before = store.position()
    observe()
    assert "PoolDegraded" in types_after(before)


# --- the scan writes nothing when it need not -------------------------------------------------------------------------


def test_a_scan_that_finds_nothing_takes_no_lock(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("the ledger's lock was taken for nothing")

    monkeypatch.setattr(store, "writing", refuse)
    assert observe() == 0


def test_the_health_of_zfs_is_known(seen: Box) -> None:
    state = ZfsState.objects.get()
    assert state.ok and state.zfs_version.count(".") == 2
    assert connection.in_atomic_block  # and so all of the above is undone


def test_by_name_and_kernel_name_it_is_one_disk(seen: Box) -> None:
    """A pool made by hand lists disks as it was given them."""
    seen.ok("zpool", "create", "tank", "mirror", "/dev/lab0", path_of(disk_ids(seen)[1]))
    observe()
    assert Pool.objects.get().disks == disk_ids(seen)[:2]
    assert disks.by_name(seen.state(), "lab0") is not None
