"""The read model of disks."""

from __future__ import annotations

from apps.storage.domain.disks import DiskAttached, DiskChanged, DiskDetached, DiskState
from apps.storage.models.disks import Disk
from apps.storage.projections.base import projection
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Tables


@projection.on(DiskAttached, DiskChanged)
def disk_seen(tables: Tables, e: Recorded[DiskState]) -> None:
    fact = e.event
    before = tables.get(Disk, fact.disk)
    tables.put(
        Disk,
        {
            "id": fact.disk,
            "name": fact.name,
            "path": fact.path,
            "serial": fact.serial,
            "wwn": fact.wwn,
            "model": fact.model,
            "size": fact.size,
            "rotational": fact.rotational,
            "transport": fact.transport,
            "removable": fact.removable,
            "read_only": fact.read_only,
            "simulated": fact.simulated,
            "uses": [{"kind": u.kind, "name": u.name} for u in fact.uses],
            "slot": fact.slot,
            "broken": fact.broken,
            "system": fact.system,
            "attached_at": before["attached_at"] if before else e.recorded_at,
            "version": e.version,
            "position": e.position,
        },
    )


@projection.on(DiskDetached)
def disk_detached(tables: Tables, e: Recorded[DiskDetached]) -> None:
    tables.delete(Disk, e.event.disk)
