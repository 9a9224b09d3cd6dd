"""The search for pools that are on attached disks but not in use here. What it finds is a sample."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.storage import devices, reading
from apps.storage.adapters.zpool import Importable
from apps.storage.compare.disks import aliases
from apps.storage.compare.pools import tree
from apps.storage.models.pools import ImportablePool
from calypso.kernel import box


@box.call("storage.find_pools")
def find_pools() -> None:
    """Searches all disks, and keeps what was found in the place of what an earlier search found."""
    found = [*reading.importable(destroyed=False), *reading.importable(destroyed=True)]
    names = aliases(devices.all_disks(settings.CALYPSO_LAB))
    rows = {pool.guid: ImportablePool(**_row(pool, names)) for pool in reversed(found)}
    with transaction.atomic():
        ImportablePool.objects.all().delete()
        ImportablePool.objects.bulk_create(rows.values())


def _row(pool: Importable, names: dict[str, str]) -> dict[str, Any]:
    leaves = [name for _, vdevs in pool.groups for vdev in vdevs for name in _leaves(tree(vdev, names))]
    return {
        "guid": pool.guid,
        "name": pool.name,
        "state": pool.state,
        "destroyed": pool.destroyed,
        "foreign": pool.foreign,
        "missing_log": pool.missing_log,
        "usable": pool.usable,
        "status": pool.status,
        "action": pool.action,
        "layout": {role: [tree(vdev, names) for vdev in vdevs] for role, vdevs in pool.groups},
        "disks": [disk for disk in dict.fromkeys(leaves) if disk],
        "found_at": timezone.now(),
    }


def _leaves(vdev: dict[str, Any]) -> list[str]:
    children = vdev["children"]
    return [disk for child in children for disk in _leaves(child)] if children else [vdev["disk"]]
