"""A long life of an appliance, for the rebuild: operations with steps, disks and pools, as in real life."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from uuid import UUID, uuid4, uuid5

from apps.storage.domain.disks import DiskAttached, DiskChanged, DiskDetached, Use, disk_stream
from apps.storage.domain.pools import PoolChanged, PoolDegraded, PoolDiscovered, PoolRecovered, Scan, ScrubStarted
from apps.storage.plans import facts
from apps.storage.plans import pools as plans
from calypso.kernel.events import Change, Event, Metadata
from calypso.kernel.operations import (
    OperationRequested,
    OperationStarted,
    OperationSucceeded,
    StepFinished,
    StepStarted,
)
from calypso.kernel.store import record, writing

DISKS, POOLS, BATCH = 200, 20, 2000
WHO = Metadata(actor="user:admin", auth="session", source="127.0.0.1", reason="monthly scrub")


def tell(events: int) -> int:
    """Appends at least so many events, many a transaction. Returns how many."""
    story, told = _story(), 0
    while told < events:
        batch = list(islice(story, BATCH))
        with writing():
            record(batch, WHO)
        told += len(batch)
    return told


def _story() -> Iterator[Change]:
    """Six in ten are of operations, three of disks, one of pools."""
    pools = [uuid4() for _ in range(POOLS)]
    for number, pool in enumerate(pools):
        yield Change(pool, seen(pool, number))
    for number in range(DISKS):
        yield _disk(DiskAttached, number)
    day = 0
    while True:
        number = day % POOLS
        pool = pools[number]
        yield from _scrub(pool, f"pool{number}")
        yield Change(pool, seen(pool, number, PoolChanged, fields=("scan",)))
        yield _disk(DiskChanged, day % DISKS, fields=("uses",))
        yield _disk(DiskChanged, (day + 1) % DISKS, fields=("name", "path"))
        if day % 20 == 0:
            disk = f"ata-ACME_{day % DISKS:06}"
            yield Change(disk_stream(disk), DiskDetached(disk=disk, name="sda", serial=disk))
            yield Change(pool, seen(pool, number, PoolDegraded, before="ONLINE", state="DEGRADED"))
            yield _disk(DiskAttached, day % DISKS)
            yield Change(pool, seen(pool, number, PoolRecovered, before="DEGRADED"))
        else:
            yield _disk(DiskChanged, (day + 2) % DISKS, fields=("uses",))
        day += 1


def _scrub(pool: UUID, name: str) -> Iterator[Change]:
    """A ScrubPool from the request to its success."""
    operation = uuid4()
    plan = plans.scrub_pool(facts.PoolFacts(pool, name, "ONLINE", ()), "start")
    run = plan.steps[0]
    assert run.kind == "run"
    asked = OperationRequested(
        operation=operation,
        command="storage.ScrubPool",
        title=plan.title,
        input={"name": name, "action": "start", "reason": WHO.reason},
        plan=plan.model_dump(mode="json"),
        digest=plan.digest,
        resources=plan.resources,
        idempotency_key="",
        request_digest=sha256(operation.bytes).hexdigest(),
    )
    finished = StepFinished(
        operation=operation,
        step=0,
        outcome="done",
        exit_code=0,
        duration_ms=41,
        output_sha256=sha256(b"").hexdigest(),
        output_bytes=0,
    )
    yield Change(operation, asked)
    yield Change(operation, OperationStarted(operation=operation))
    yield Change(operation, StepStarted(operation=operation, step=0, argv=run.argv))
    yield Change(operation, finished)
    yield Change(pool, ScrubStarted(pool=pool, name=name))
    yield Change(operation, OperationSucceeded(operation=operation))


def _disk(kind: type[Event], number: int, **more: object) -> Change:
    disk = f"ata-ACME_{number:06}"
    facts = {
        "disk": disk,
        "name": "sda",
        "path": f"/dev/disk/by-id/{disk}",
        "serial": disk,
        "wwn": f"0x5000{number:012x}",
        "model": "ACME Twelve",
        "size": 12_000_138_625_024,
        "rotational": True,
        "transport": "sata",
        "removable": False,
        "read_only": False,
        "simulated": True,
        "uses": (Use(kind="zfs_member", name=f"pool{number % POOLS}"),),
        "slot": str(number),
        "broken": False,
        "system": False,
    }
    return Change(disk_stream(disk), kind.model_validate(facts | more))


def seen(pool: UUID, number: int, kind: type[Event] = PoolDiscovered, **more: object) -> Event:
    """A pool as the box shows it."""
    disks = [f"ata-ACME_{number * 10 + n:06}" for n in range(10)]
    sound = {"state": "ONLINE", "read": 0, "write": 0, "checksum": 0, "note": ""}
    leaves = [{"name": d, "type": "disk", **sound, "children": []} for d in disks]
    group = {"name": "raidz2-0", "type": "raidz2", **sound, "children": leaves}
    facts = {
        "pool": pool,
        "name": f"pool{number}",
        "guid": str(uuid5(pool, "guid").int >> 64),
        "state": "ONLINE",
        "status": "",
        "action": "",
        "errors": "No known data errors",
        "read_only": False,
        "size": 96_001_109_000_192,
        "layout": {"data": [group]},
        "disks": disks,
        "scan": Scan(function="scrub", state="finished", started_at=1_780_000_000, ended_at=1_780_003_600, errors=0),
    }
    return kind.model_validate(facts | more)
