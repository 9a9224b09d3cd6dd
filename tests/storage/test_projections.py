"""For each command: the read model as it was, and the command's own events, give what a fresh look at the box gives."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage import devices, reading
from apps.storage.compare import pools as compare
from apps.storage.compare.disks import aliases
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.observe.scan import observe
from calypso.kernel import box, commands, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.models import Operation
from calypso.kernel.projections import LiveTables, registry
from calypso.kernel.store import COLUMNS, from_row, query
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, events_after, finish, types_after

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))


def pool_rows() -> dict[str, dict[str, Any]]:
    """What the read model says of the box, without what only the ledger knows."""
    return {pool.name: {field: getattr(pool, field) for field in compare.POOL_FIELDS} for pool in Pool.objects.all()}


def looked_at() -> dict[str, dict[str, Any]]:
    """The same by a fresh look at the box, with no read model in between."""
    names = aliases(devices.all_disks(lab=True))
    found = {seen.info.name: compare.pool_values(seen, names) for seen in reading.pools()}
    works = ("scan", "removal")
    return {
        name: {**values, "disks": list(values["disks"])} | {w: values[w] and values[w].model_dump() for w in works}
        for name, values in found.items()
    }


def carried_out(command: str, monkeypatch: pytest.MonkeyPatch, **given: Any) -> Operation:
    """The command at its end, without the scan that would come after it and hide what its events lack."""
    operation = commands.dispatch(commands.registered()[command].model_validate(given), SARI)
    with monkeypatch.context() as patch:
        patch.setattr(box, "observe", lambda _: None)
        finish(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "succeeded", operation.error
    return operation


LAYOUTS: dict[str, Any] = {
    "mirror": lambda d: [{"type": "mirror", "disks": d[:2]}],
    "two mirrors": lambda d: [{"type": "mirror", "disks": d[:2]}, {"type": "mirror", "disks": d[2:4]}],
    "stripe": lambda d: [{"type": "stripe", "disks": d[:1]}],
    "raidz1": lambda d: [{"type": "raidz1", "disks": d[:3]}],
    "raidz3": lambda d: [{"type": "raidz3", "disks": d[:6]}],
    "all roles": lambda d: [
        {"type": "raidz2", "disks": d[:4]},
        {"type": "mirror", "disks": d[12:14], "role": "log"},
        {"type": "stripe", "disks": d[10:12], "role": "cache"},
        {"type": "stripe", "disks": d[4:6], "role": "spare"},
    ],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_create_pool(box: Box, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    observe()
    before = store.position()
    carried_out("storage.CreatePool", monkeypatch, name="tank", vdevs=LAYOUTS[layout](disk_ids(box)))
    assert pool_rows() == looked_at()
    assert Pool.objects.get().state == "ONLINE" and Pool.objects.get().created_by == "calypso"
    told = events_after(before, "storage")
    assert [e.type for e in told] == ["storage.PoolCreated.v2", "storage.PoolChanged.v3"]
    assert {e.actor for e in told} == {"user:sari"}
    after = store.position()
    observe()
    assert set(types_after(after)) == {"DiskChanged", "DatasetsChanged"}, (
        "what lies on disks and in it is left to be seen"
    )


def test_destroy_pool(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.position()
    operation = commands.dispatch(
        commands.registered()["storage.DestroyPool"].model_validate({"name": "tank"}), SARI, confirm="tank"
    )
    with monkeypatch.context() as patch:
        patch.setattr(box, "observe", lambda _: None)
        finish(operation.pk)
    assert pool_rows() == looked_at() == {}
    assert [e.type for e in events_after(before, "storage")] == ["storage.PoolDestroyed.v1"]
    after = store.position()
    observe()
    assert set(types_after(after)) == {"DiskChanged"}


@pytest.mark.parametrize(
    ("action", "told"), [("start", "ScrubStarted"), ("pause", "ScrubPaused"), ("stop", "ScrubStopped")]
)
def test_scrub_pool(tank: Box, monkeypatch: pytest.MonkeyPatch, action: str, told: str) -> None:
    """The scan is the box's to tell: after the next scan the read model is what a fresh look gives."""
    tank.options(now=1_795_412_010.0, scrub_seconds=1000)
    if action != "start":
        carried_out("storage.ScrubPool", monkeypatch, name="tank")
        observe()
    before = store.position()
    carried_out("storage.ScrubPool", monkeypatch, name="tank", action=action)
    assert [e.type for e in events_after(before, "storage")] == [f"storage.{told}.v1"]
    observe()
    assert pool_rows() == looked_at()
    state = {"start": "in_progress", "pause": "paused", "stop": "canceled"}[action]
    scan = Pool.objects.get().scan
    assert scan is not None and scan["state"] == state


def test_scan_storage(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_out("storage.ScanStorage", monkeypatch)
    assert Disk.objects.count() == 16
    assert pool_rows() == looked_at()
    assert observe() == 0


def test_every_command_of_storage_is_verified_here() -> None:
    from pathlib import Path

    here = Path(__file__).parent
    files = [*here.glob("test_projections*.py"), here.parent / "support" / "pool_story.py"]
    text = "".join(path.read_text() for path in files)
    for name in commands.registered():
        assert not name.startswith("storage.") or f'"{name}"' in text, name


def test_versions_are_those_of_the_stream(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool.objects.get()
    last = max(e.version for e in events_after(0) if e.stream == pool.id)
    assert pool.version == last
    carried_out("storage.ScrubPool", monkeypatch, name="tank")
    pool.refresh_from_db()
    assert pool.version == last + 1


def test_applying_the_same_event_twice_changes_nothing(tank: Box) -> None:
    before = [list(model._default_manager.order_by("pk").values()) for model in registry["storage"].read_models()]
    mine = list(registry["storage"].handlers)
    rows = query(f"SELECT {COLUMNS} FROM ledger.event WHERE type = ANY(%s) ORDER BY position DESC LIMIT 1", [mine])
    tables = LiveTables()
    for recorded in map(from_row, rows):
        for handler in [registry["storage"].handlers[recorded.event.TYPE]]:
            handler(tables, recorded)
    tables.flush()
    after = [list(model._default_manager.order_by("pk").values()) for model in registry["storage"].read_models()]
    assert after == before


def test_a_state_keeps_its_time_while_other_things_change(tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    since = Pool.objects.get().state_since
    carried_out("storage.ScrubPool", monkeypatch, name="tank")
    observe()
    assert Pool.objects.get().state_since == since
    tank.disk(lambda state, disk: disk.update(attached=False), "lab0")
    observe()
    pool = Pool.objects.get()
    assert pool.state == "DEGRADED" and pool.state_since > since
