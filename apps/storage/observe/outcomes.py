"""What a pool is like right after a command on it: it goes on record together with the command's own events."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from apps.storage import devices, reading
from apps.storage.compare import pools as compare
from apps.storage.compare.disks import aliases
from apps.storage.domain.pools import PoolChanged
from apps.storage.models.pools import Pool
from calypso.kernel import box
from calypso.kernel.events import Change
from calypso.kernel.models import Operation

CHANGING = (
    "AddVdevs",
    "AttachDisk",
    "DetachDisk",
    "ReplaceDisk",
    "RemoveVdev",
    "OfflineDisk",
    "OnlineDisk",
    "ClearPool",
    "ExpandPool",
    "SetPoolProperties",
    "UpgradePool",
    "CheckpointPool",
)


@box.finds("storage.CreatePool")
@box.finds("storage.ImportPool")
def new_pool(operation: Operation) -> list[Change]:
    """A pool that was just made or imported, in full."""
    made = operation.plan["outcome"][0]["data"]
    pool, name = UUID(made["pool"]), made["name"]
    names = aliases(devices.all_disks(settings.CALYPSO_LAB))
    return [
        Change(pool, PoolChanged(pool=pool, name=name, fields=compare.POOL_FIELDS, **compare.pool_values(seen, names)))
        for seen in reading.pools([name])
    ]


def changed_pool(operation: Operation) -> list[Change]:
    """What is different about a pool that was there before."""
    known = Pool.objects.named(operation.input["name"])
    if known is None:
        return []
    names = aliases(devices.all_disks(settings.CALYPSO_LAB))
    facts = [compare.pool_change(known, compare.pool_values(seen, names)) for seen in reading.pools([known.name])]
    return [Change(known.id, fact) for fact in facts if fact is not None]


for _command in CHANGING:
    box.finds(f"storage.{_command}")(changed_pool)
