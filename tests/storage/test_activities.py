"""What goes on in a pool: how far, how fast, until when; its start and end are events, its progress is none."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from apps.storage.adapters.zpool import PoolInfo, PoolStatus, Scan, Vdev
from apps.storage.adapters.zpool.model import Activity, Removal
from apps.storage.compare.activities import activities
from apps.storage.compare.pools import SeenPool
from apps.storage.models.pools import PoolUsage
from apps.storage.observe import watching
from apps.storage.observe.scan import observe, scan
from apps.storage.observe.scope import EVERYTHING, Scope, scope_of
from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, path_of, person, types_after


def seen(**of_status: object) -> SeenPool:
    leaf = Vdev(
        "disk-a", "disk", "ONLINE", trim=Activity("active", 25, 1000), initialize=Activity("complete", 100, 900)
    )
    info = PoolInfo("tank", "77", 8000, 4000, 4000, 0, 50, "ONLINE", False)
    root = Vdev("tank", "root", "ONLINE")
    status = PoolStatus("tank", "ONLINE", "", "", "", None, root, (("data", (leaf,)),), "No known data errors")
    return SeenPool(info, replace(status, **of_status))  # type: ignore[arg-type]  # by name


def test_a_trim_tells_speed_and_end_from_its_beginning_then_from_the_look_before() -> None:
    [first] = activities(seen(), [], 1100)
    assert (first["kind"], first["vdev"], first["percent"]) == ("trim", "disk-a", 25.0)
    assert first["rate"] == 20 and first["seconds_to_go"] == 300, "2000 of 8000 bytes in 100 s"
    faster = seen(groups=(("data", (Vdev("disk-a", "disk", "ONLINE", trim=Activity("active", 75, 1000)),)),))
    [second] = activities(faster, [first], 1110)
    assert second["rate"] == 400 and second["seconds_to_go"] == 5


def test_scans_replacements_and_removals() -> None:
    running = Scan("resilver", "in_progress", 1000, percent=50.0, seconds_to_go=7)
    group = (("data", (Vdev("replacing-0", "replacing", "ONLINE", children=(Vdev("a", "disk", "ONLINE"),)),)),)
    [replacing] = activities(seen(scan=running, groups=group), [], 1010)
    assert (replacing["kind"], replacing["seconds_to_go"], replacing["rate"]) == ("replace", 7, 200)
    paused = Scan("scrub", "paused", 1000, percent=50.0)
    kinds = {
        a["kind"]: a for a in activities(seen(scan=paused, removal=Removal("in_progress", 1000, None, 10.0)), [], 1010)
    }
    assert set(kinds) == {"scrub", "remove", "trim"}
    assert kinds["scrub"]["rate"] is None and kinds["scrub"]["seconds_to_go"] is None, "it stands still"
    assert kinds["remove"]["seconds_to_go"] == 90


@pytest.mark.django_db
def test_a_trim_begins_and_ends_by_events_and_goes_on_without_any(tank: Box) -> None:
    ssd = disk_ids(tank)[10]
    tank.ok("zpool", "create", "fast", path_of(ssd))
    observe()
    before = store.position()
    tank.options(now=1_795_500_000.0)
    tank.ok("zpool", "trim", "fast")
    observe()
    assert types_after(before) == ["WorkStarted"]
    shown = person(Role.VIEWER).get("/storage/pools/fast").body["activities"]
    assert [(a["kind"], a["state"]) for a in shown] == [("trim", "active")]
    before = store.position()
    tank.advance(1)
    assert scan(Scope(disks=False, pools=frozenset(["fast"]), datasets=False)) == 0 and types_after(before) == []
    tank.advance(10_000_000)
    observe()
    assert types_after(before) == ["WorkEnded"]
    assert not PoolUsage.objects.exclude(activities=[]).exists()


# --- when to look -----------------------------------------------------------------------------------------------------


def test_a_hint_is_heeded_at_once_but_not_without_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    now, looks, hint = [0.0], [], threading.Event()

    def look() -> int:
        looks.append(now[0])
        now[0] += 2
        return 0

    monkeypatch.setattr(watching, "_observe", look)
    monkeypatch.setattr(watching, "_progress", lambda: 0)
    pace = watching.Pace(hint, lambda: now[0])
    pace.step()
    for moment in (3.0, 7.9, 8.1, 20.0, 30.0, 129.0, 131.0, 200.0):
        now[0] = moment
        if moment in (3.0, 20.0):
            hint.set()
        pace.step()
    assert looks == [0.0, 8.1, 20.0, 200.0], "after a rest of 6 s; at once; and after two minutes"


def test_the_scope_of_an_operation() -> None:
    assert scope_of(["storage"]) == EVERYTHING, "somebody wants to look at everything"
    disk = scope_of(["storage.disk.wwn-1"])
    assert disk.disks and disk.pools == frozenset()
    one = scope_of(
        ["storage.pool.tank", "storage.dataset.tank/a", "storage.dataset.tank/a/b", "storage.snapshot.tank/c@d"]
    )
    assert one.pools == {"tank"} and one.roots_of("tank") == ("tank/a", "tank/c") and not one.disks
    assert scope_of(["storage.pool.tank"]).roots_of("tank") == ("tank",)
    many = scope_of([f"storage.dataset.tank/{n}" for n in range(100)])
    assert many.roots_of("tank") == ("tank",), "so many are looked at together"
