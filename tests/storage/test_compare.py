"""What is shown against what is known: the differences as events. Pure, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.storage.adapters.zpool import PoolInfo, PoolStatus, Scan, Vdev
from apps.storage.compare import pools as compare
from apps.storage.compare.disks import disk_changes
from apps.storage.compare.pools import SeenPool, pool_change, pool_values
from apps.storage.devices import BlockDevice, Use
from apps.storage.domain.disks import DiskAttached, DiskChanged, DiskDetached
from apps.storage.domain.pools import PoolChanged, PoolDegraded, PoolRecovered
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool

DEVICE = BlockDevice(
    id="wwn-1", name="sda", path="/dev/disk/by-id/wwn-1", serial="S1", wwn="0x1", model="HDD", size=4 * 10**12,
    rotational=True, transport="sas", removable=False, read_only=False, simulated=False, uses=(), slot="1",
)  # fmt: skip


def known(device: BlockDevice) -> dict[str, Disk]:
    uses = [{"kind": use.kind, "name": use.name} for use in device.uses]
    row = Disk(**{**vars(device), "uses": uses}, attached_at=datetime.now(UTC), version=1, position=1)
    return {device.id: row}


def test_nothing_new() -> None:
    used = replace(DEVICE, uses=(Use("filesystem", "ext4"), Use("mounted", "/srv")))
    assert disk_changes(known(used), [used]) == []
    assert disk_changes({}, []) == []


def test_attached_and_detached() -> None:
    [attached] = disk_changes({}, [DEVICE])
    assert isinstance(attached, DiskAttached) and (attached.disk, attached.size) == ("wwn-1", 4 * 10**12)
    [detached] = disk_changes(known(DEVICE), [])
    assert isinstance(detached, DiskDetached) and (detached.disk, detached.serial) == ("wwn-1", "S1")


def test_a_disk_under_another_id_is_another_disk() -> None:
    facts = disk_changes(known(DEVICE), [replace(DEVICE, id="scsi-1")])
    assert [type(fact) for fact in facts] == [DiskDetached, DiskAttached]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "sdb"),
        ("path", "/dev/sdb"),
        ("serial", ""),
        ("size", 1),
        ("rotational", None),
        ("read_only", True),
        ("uses", (Use("filesystem", "xfs"),)),
        ("slot", "2"),
        ("broken", True),
        ("system", True),
    ],
)
def test_each_field_tells_of_a_change(field: str, value: Any) -> None:
    [fact] = disk_changes(known(DEVICE), [replace(DEVICE, **{field: value})])
    assert isinstance(fact, DiskChanged)
    assert fact.fields == (field,)
    assert getattr(fact, "size") == (value if field == "size" else DEVICE.size)  # noqa: B009  full values, not deltas


def leaf(name: str, state: str = "ONLINE", errors: int = 0) -> Vdev:
    return Vdev(name, "disk", state, errors, 0, 0)


def seen(state: str = "ONLINE", scan: Scan | None = None, allocated: int = 0, **of_status: Any) -> SeenPool:
    mirror = Vdev("mirror-0", "mirror", state, 0, 0, 0, children=(leaf("sda"), leaf("wwn-2", state)))
    info = PoolInfo("tank", "77", 10**12, allocated, 10**12 - allocated, 0, 0, state, False)
    status = PoolStatus(
        "tank", state, "", "", "", scan, Vdev("tank", "root", state), (("data", (mirror,)),), "No known data errors"
    )
    return SeenPool(info, replace(status, **of_status))


NAMES = {"sda": "wwn-1", "wwn-1": "wwn-1", "wwn-2": "wwn-2"}


def row(of: SeenPool, **changes: Any) -> Pool:
    values = pool_values(of, NAMES)
    plain = {**values, "disks": list(values["disks"])}
    plain |= {name: values[name] and values[name].model_dump() for name in ("scan", "removal")}
    return Pool(**{"id": UUID(int=7), "name": "tank", **plain, **changes})


def test_a_pool_as_known_is_no_event() -> None:
    assert pool_change(row(seen()), pool_values(seen(), NAMES)) is None


def test_members_go_by_their_ids_whatever_the_pool_calls_them() -> None:
    assert pool_values(seen(), NAMES)["disks"] == ("wwn-1", "wwn-2")
    assert pool_values(seen(), {"sda": "wwn-1"})["disks"] == ("wwn-1",), "a disk that's away has no id"


def test_a_disk_that_is_away_is_still_known_by_its_id() -> None:
    """Otherwise a plan to replace it would be another before and after the look that misses it."""
    here, away = (
        replace(leaf("sda"), guid="11", path="/dev/sda"),
        replace(leaf("11", "REMOVED"), guid="11", path="/dev/sda"),
    )
    before = seen(groups=(("data", (here,)),))
    fact = pool_change(row(before), pool_values(seen(groups=(("data", (away,)),)), {}))
    assert fact is not None and fact.layout["data"][0]["disk"] == "wwn-1"
    other = seen(groups=(("data", (replace(away, guid="12"),)),))
    fact = pool_change(row(before), pool_values(other, {}))
    assert fact is not None and fact.layout["data"][0]["disk"] == "", "another disk on the same path is not that one"


def test_samples_are_no_change() -> None:
    """What is written and how far a scrub got changes all the time."""
    before = seen(scan=Scan("scrub", "in_progress", 100, None, 10.0, None, 60))
    after = seen(scan=Scan("scrub", "in_progress", 100, None, 90.0, None, 6), allocated=10**9)
    assert pool_change(row(before), pool_values(after, NAMES)) is None
    done = seen(scan=Scan("scrub", "finished", 100, 200, None, 0))
    fact = pool_change(row(before), pool_values(done, NAMES))
    assert isinstance(fact, PoolChanged) and fact.fields == ("scan",)


STATES = ["ONLINE", "DEGRADED", "FAULTED", "UNAVAIL", "SUSPENDED"]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_every_way_from_state_to_state(before: str, after: str) -> None:
    fact = pool_change(row(seen(before)), pool_values(seen(after), NAMES))
    if before == after:
        assert fact is None
    elif STATES.index(after) > STATES.index(before):
        assert isinstance(fact, PoolDegraded) and fact.before == before
    elif after == "ONLINE":
        assert isinstance(fact, PoolRecovered) and fact.before == before
    else:
        assert isinstance(fact, PoolChanged), "better, but not well"
    assert fact is None or (fact.state, fact.pool) == (after, UUID(int=7))


def test_the_first_look_at_a_pool_is_neither_better_nor_worse() -> None:
    fact = pool_change(row(seen(), state="UNKNOWN"), pool_values(seen(), NAMES))
    assert isinstance(fact, PoolChanged)


def test_a_state_nobody_knows_is_bad() -> None:
    assert compare.severity("WEIRD") > compare.severity("DEGRADED")
    assert isinstance(pool_change(row(seen()), pool_values(seen("WEIRD"), NAMES)), PoolDegraded)


def test_errors_of_a_disk_are_a_change() -> None:
    mirror = Vdev("mirror-0", "mirror", "ONLINE", 0, 0, 0, children=(leaf("sda", errors=3), leaf("wwn-2")))
    fact = pool_change(row(seen()), pool_values(seen(groups=(("data", (mirror,)),)), NAMES))
    assert isinstance(fact, PoolChanged) and fact.fields == ("layout",)
    assert fact.layout["data"][0]["children"][0]["read"] == 3


def test_a_pool_of_the_same_name_and_another_guid_is_another() -> None:
    assert compare.is_another(row(seen()), {**pool_values(seen(), NAMES), "guid": "78"})
    assert not compare.is_another(row(seen()), pool_values(seen(), NAMES))
    assert not compare.is_another(row(seen(), guid=""), pool_values(seen(), NAMES)), (
        "just made: its guid is not known yet"
    )


def test_a_pool_found_and_a_pool_lost() -> None:
    pool = uuid4()
    found = compare.discovered(pool, "tank", pool_values(seen(), NAMES))
    assert (found.pool, found.disks) == (pool, ("wwn-1", "wwn-2"))
    assert compare.vanished(row(seen())).pool == UUID(int=7)
