"""Storage's rules on the lab's box, on recorded layouts, and on figures that flutter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from apps.storage.adapters import zpool
from apps.storage.alerts import snapshots
from apps.storage.alerts.layouts import redundancy_left, spares_in_use
from apps.storage.alerts.levels import level, magnitude
from apps.storage.alerts.pools import SCRUB_DAYS, pool_conditions
from apps.storage.compare import pools as compare
from apps.storage.models.datasets import Dataset, DatasetUsage
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.schedules import Schedule, ScheduleRun
from apps.storage.models.smart import DiskHealth, DiskSmart
from apps.storage.models.snapshots import Snapshot
from apps.storage.models.zfs import ZfsState
from apps.storage.observe.scan import observe
from calypso.kernel.alerts import rules
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.models import Alert
from calypso.lab.happenings import break_, pull, repair
from tests.support.lab_box import Box
from tests.support.recordings import load
from tests.support.rest import disk_ids, path_of


def layout_of(number: str) -> dict[str, Any]:
    """The layout of the first pool in a recording of `zpool status`."""
    status = zpool.parse_status_text(load("zpool", number).stdout)[0]
    return {role: [compare.tree(vdev, {}) for vdev in vdevs] for role, vdevs in status.groups}


# --- pure -----------------------------------------------------------------------------------------------------------


class At:
    def __init__(self, grade: int) -> None:
        self.grade = grade


@pytest.mark.parametrize(
    ("value", "held", "wanted"),
    [
        *[(79, None, None), (80, None, 80), (84.9, 80, 80), (85, 80, 85), (84, 85, 85), (83, 85, 85), (82.9, 85, 80)],
        *[(78, 80, 80), (77.9, 80, None), (96, None, 95), (50, 95, None)],
    ],
)
def test_a_level_lets_go_later_than_it_takes_hold(value: float, held: int | None, wanted: int | None) -> None:
    standing: Any = At(held) if held is not None else None
    assert level(value, (80, 85, 90, 95), standing, 2.0) == wanted


def test_counts_that_creep_are_no_news() -> None:
    assert [magnitude(n) for n in (3, 10, 99, 100)] == [
        (1, "3"),
        (2, "10 or more"),
        (2, "10 or more"),
        (3, "100 or more"),
    ]


def test_redundancy_of_recorded_pools() -> None:
    assert redundancy_left(layout_of("020")) == 1, "a healthy raidz1 or mirror"
    assert redundancy_left(layout_of("090")) == 0, "a mirror with one disk offline"
    spare = layout_of("133")
    assert redundancy_left(spare) == 1, "the spare stands in"
    assert list(spares_in_use(spare)) == [("wwn-0x5000c50000000006", "wwn-0x5000c50000000003")]


def pool(**values: Any) -> Pool:
    now = timezone.now()
    plain: dict[str, Any] = {"errors": "", "status": "", "action": "", "layout": {}, "scan": None, "drift": []}
    plain |= {"id": UUID(int=1), "name": "tank", "state": "ONLINE", "created_at": now, "read_only": False}
    return Pool(**{**plain, **values})


def told(**values: Any) -> dict[str, Condition]:
    return {c.key.split(":")[0]: c for c in pool_conditions(pool(**values), timezone.now())}


def test_a_pool_that_is_well_says_nothing() -> None:
    assert told(errors="No known data errors", layout=layout_of("020")) == {}


def test_states() -> None:
    grades = [told(state=state)["state"].grade for state in ("FAULTED", "UNAVAIL", "SUSPENDED", "MISSING")]
    assert grades == [1, 2, 3, 4], "each is worse than the one before"
    assert told(state="DEGRADED", layout=layout_of("133"))["state"].severity == "warning"
    assert told(state="DEGRADED", layout=layout_of("090"))["state"].severity == "critical"


def test_errors_and_damage() -> None:
    found = told(layout=layout_of("119"))["errors"]
    assert "checksum" in found.title and found.severity == "warning"
    assert told(errors="Permanent errors have been detected in the following files:")["damage"].severity == "critical"
    assert told(errors="5 data errors, use '-v' for a list")["damage"].severity == "critical"


def scan(**values: Any) -> dict[str, Any]:
    return {"function": "scrub", "state": "finished", "started_at": 0, "ended_at": 0, "errors": 0, **values}


def test_scrubs() -> None:
    old = timezone.now() - timedelta(days=SCRUB_DAYS + 1)
    assert set(told(created_at=old)) == {"scrub-overdue"}
    assert set(told(created_at=old, scan=scan(ended_at=int(timezone.now().timestamp())))) == set()
    assert set(told(scan=scan(ended_at=int(old.timestamp())))) == {"scrub-overdue"}
    assert set(told(created_at=old, scan=scan(state="in_progress", ended_at=None))) == set()
    found = told(scan=scan(ended_at=int(timezone.now().timestamp()), errors=12))["scrub-errors"]
    assert (found.severity, found.text) == ("critical", "10 or more errors.")


def test_drift_of_a_pool() -> None:
    found = told(drift=[{"field": "comment", "wanted": "a", "seen": "b", "since": "x"}])["drift"]
    assert "comment" in found.text


# --- on the box -----------------------------------------------------------------------------------------------------


def standing() -> dict[str, str]:
    """Key without ids → severity."""
    rules.evaluate("storage")
    return {alert.key.split(":")[0]: alert.severity for alert in Alert.objects.standing()}


@pytest.fixture
def mirror(db: None, tank: Box) -> Iterator[Box]:
    assert standing() == {}
    yield tank


def test_a_pool_degrades_and_recovers(mirror: Box) -> None:
    mirror.disk(break_, "lab0")
    observe()
    assert standing() == {"state": "critical", "broken": "critical"}
    alert = Alert.objects.get(rule="storage.pools")
    assert (alert.resource, alert.state) == ("storage.pool.tank", "active")
    mirror.disk(repair, "lab0")
    observe()
    assert "state" not in standing() and "broken" not in standing()


def test_a_pool_that_loses_all_its_disks_gets_worse(mirror: Box) -> None:
    mirror.disk(pull, "lab0")
    observe()
    standing()
    before = Alert.objects.get(rule="storage.pools", resource="storage.pool.tank", key__startswith="state")
    mirror.disk(pull, "lab1")
    observe()
    standing()
    after = Alert.objects.get(pk=before.pk)
    assert after.grade > before.grade and "suspended" in after.title


def test_a_spare_steps_in(db: None, box: Box) -> None:
    box.ok("zpool", "create", "tank", "mirror", *map(path_of, disk_ids(box)[:2]), "spare", path_of(disk_ids(box)[2]))
    observe()
    box.disk(pull, "lab0")
    observe()
    found = standing()
    assert found["spare"] == "warning" and found["state"] == "warning", "the spare stands in"


def test_capacity_flutters_and_the_alert_does_not(mirror: Box) -> None:
    usage = PoolUsage.objects.get()

    def at(percent: int) -> tuple[str, int] | None:
        PoolUsage.objects.filter(pk=usage.pk).update(capacity=percent)
        rules.evaluate("storage")
        found = Alert.objects.standing().filter(rule="storage.capacity").first()
        return (found.severity, found.grade) if found else None

    assert at(79) is None
    assert at(80) == ("warning", 80)
    before = Alert.objects.get()
    assert at(79) == at(81) == at(78) == ("warning", 80)
    assert Alert.objects.get().version == before.version, "not one event"
    assert at(86) == ("warning", 85)
    assert at(90) == ("critical", 90)
    assert at(97) == ("critical", 95)
    assert at(70) is None
    assert Alert.objects.count() == 1


def test_disks(mirror: Box) -> None:
    disk = Disk.objects.get(pk=disk_ids(mirror)[5])
    now = timezone.now()
    fields: dict[str, Any] = {"state": "ok", "self_test": "", "self_tests": [], "document": {}, "tried_at": now}
    DiskSmart.objects.create(disk=disk.id, temperature=54, pending=0, **fields)
    assert standing() == {}
    DiskSmart.objects.update(temperature=56, pending=12, wear=93)
    assert standing() == {"warm": "warning", "bad": "warning", "wear": "warning"}
    assert Alert.objects.get(key__startswith="bad").text.endswith("10 or more.")
    DiskSmart.objects.update(temperature=53, pending=0, wear=100)
    assert standing() == {"warm": "warning", "wear": "critical"}, "not yet cool enough"
    DiskSmart.objects.update(temperature=51, temperature_limit=50, wear=10)
    assert standing() == {"warm": "warning"}, "its own limit is lower"
    DiskSmart.objects.update(temperature=44)
    assert standing() == {}
    health = DiskHealth(disk=disk.id, passed=False, changed_at=now, position=1)
    health.last_test = {"kind": "long", "status": "read failure", "passed": False}
    health.save()
    assert standing() == {"smart": "critical", "test": "critical"}
    Disk.objects.filter(pk=disk.id).delete()
    assert standing() == {}, "a disk that was taken out troubles nobody"


# --- datasets, snapshots, schedules ---------------------------------------------------------------------------------


def dataset(name: str, **values: Any) -> Dataset:
    texts = ("guid", "origin", "mountpoint", "encryption", "encryption_root", "key_status", "key_format")
    plain: dict[str, Any] = dict.fromkeys((*texts, "key_location", "key"), "")
    plain |= {"id": uuid4(), "pool": uuid4(), "name": name, "parent": "", "type": "filesystem", "mounted": True}
    plain |= {"properties": {}, "wanted": {}, "quotas": {}, "drift": [], "missing": False, "created_by": "calypso"}
    plain |= {"created_at": timezone.now(), "version": 1, "position": 1}
    return Dataset.objects.create(**{**plain, **values})


def used(of: Dataset, used_bytes: int, referenced: int = 0) -> None:
    names = ("available", "used_by_snapshots", "used_by_dataset", "used_by_children", "used_by_refreservation")
    sizes: dict[str, Any] = dict.fromkeys((*names, "logical_used", "written"), 0)
    sizes |= {"used": used_bytes, "referenced": referenced, "compress_ratio": 1.0, "sampled_at": timezone.now()}
    DatasetUsage.objects.update_or_create(dataset=of.id, defaults=sizes)


def limited(**quotas: str) -> dict[str, Any]:
    return {name: {"value": value, "source": "local"} for name, value in quotas.items()}


def test_quotas(db: None) -> None:
    home = dataset("tank/home", properties=limited(quota="1000", refquota="none"))
    free = dataset("tank/free", properties=limited(quota="0"))
    for each in (home, free):
        used(each, 899)
    assert standing() == {}
    used(home, 900)
    assert standing() == {"quota": "warning"}
    used(home, 885)
    assert standing() == {"quota": "warning"}, "it lets go later"
    used(home, 970)
    assert standing() == {"quota": "critical"}
    used(home, 10, referenced=99)
    Dataset.objects.filter(pk=home.id).update(properties=limited(refquota="100"))
    assert standing() == {"refquota": "critical"}
    assert Alert.objects.standing().get().resource == "storage.dataset.tank/home"


def test_drift_and_locks(db: None) -> None:
    drifted = [{"field": "atime", "wanted": "off", "seen": "on", "since": "x"}]
    first = dataset("tank/a", drift=drifted)
    gone = dataset("tank/b", drift=[{"field": "presence", "wanted": "", "seen": "", "since": "x"}], missing=True)
    root = dataset("tank/c", encryption_root="tank/c", key_status="unavailable")
    dataset("tank/c/d", encryption_root="tank/c", key_status="unavailable")
    rules.evaluate("storage")
    found = {alert.key: alert.severity for alert in Alert.objects.standing()}
    assert found == {str(first.id): "warning", str(gone.id): "critical", str(root.id): "info"}


def snapshot(of: Dataset, number: int) -> Snapshot:
    now = timezone.now()
    plain: dict[str, Any] = {"guid": "", "created_txg": 1, "holds": [], "defer_destroy": False, "schedule": ""}
    plain |= {"dataset": of.id, "pool": of.pool, "name": f"s{number}", "created_at": now, "position": 1}
    return Snapshot(id=f"{of.id}@s{number}", **plain)


def test_too_many_snapshots(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "OF_ONE", 100)
    monkeypatch.setattr(snapshots, "OF_ALL", 150)
    busy, calm = dataset("tank/busy"), dataset("tank/calm")
    Snapshot.objects.bulk_create(snapshot(busy, n) for n in range(99))
    assert standing() == {}
    Snapshot.objects.bulk_create(snapshot(busy, n) for n in range(99, 101))
    rules.evaluate("storage")
    assert [a.resource for a in Alert.objects.standing()] == ["storage.dataset.tank/busy"]
    Snapshot.objects.bulk_create(snapshot(calm, n) for n in range(50))
    rules.evaluate("storage")
    assert {a.resource for a in Alert.objects.standing()} == {"storage.dataset.tank/busy", "storage"}
    Snapshot.objects.filter(dataset=busy.id, name__in=["s1", "s2"]).delete()
    assert Alert.objects.standing().count() == 2 and rules.evaluate("storage") == 0, "99 of 100: not yet"
    Snapshot.objects.filter(dataset=busy.id).delete()
    assert standing() == {}


def test_schedules(db: None) -> None:
    now = timezone.now()
    common: dict[str, Any] = {"created_at": now, "changed_at": now, "version": 1, "position": 1, "when": {}, "job": {}}
    made = Schedule.objects.create(id=uuid4(), name="nightly", kind="snapshot", target=uuid4(), enabled=True, **common)

    def ran(state: str, minutes: int) -> None:
        counts: dict[str, Any] = {"manual": False, "made_up": False, "made": 0, "expired": 0, "missed": 1, "detail": ""}
        due = now + timedelta(minutes=minutes)
        ScheduleRun.objects.create(
            id=uuid4(), schedule=made.id, name=made.name, due=due, state=state, position=1, **counts
        )

    ran("ran", 0)
    assert standing() == {}
    ran("missed", 1)
    assert list(standing().values()) == ["warning"]
    assert Alert.objects.standing().get().resource == "storage.schedule.nightly"
    ran("failed", 2)
    standing()
    assert Alert.objects.standing().get().title == "Schedule nightly failed"
    ran("ran", 3)
    assert standing() == {}


def test_zfs_that_does_not_answer(db: None) -> None:
    texts = {"zfs_version": "", "code": "tool_missing", "detail": "", "message": "The program “zpool” is missing."}
    ZfsState.objects.create(name="zfs", ok=False, since=datetime(2026, 1, 1, tzinfo=UTC), **texts)
    assert standing() == {"zfs": "critical"}
    ZfsState.objects.update(ok=True)
    assert standing() == {}
