"""What `zpool status` of the lab says in both output forms, read by the adapter."""

from __future__ import annotations

from dataclasses import replace

from apps.storage.adapters import zpool
from tests.support.lab_box import Box

Pools = tuple[zpool.PoolStatus, ...]


def both_forms(lab: Box) -> tuple[Pools, Pools]:
    """(from the text in its three looks, from the JSON), trims and initialisations included."""
    looks = [lab.ok(*zpool.status_argv(json=False, naming=look, surface=True)) for look in ("names", "guids", "paths")]
    text = zpool.parse_status_text(looks[0], guids=looks[1], paths=looks[2])
    json = zpool.parse_status_json(
        lab.ok(*zpool.status_argv(json=True, surface=True)), now=int(lab.state()["options"]["now"])
    )
    return tuple(replace(pool, groups=_as_in_json(pool)) for pool in text), json


def _as_in_json(pool: zpool.PoolStatus) -> tuple[tuple[str, tuple[zpool.Vdev, ...]], ...]:
    """The JSON has no guid of a draid."""
    return tuple(
        (role, tuple(replace(vdev, guid="") if vdev.type.startswith("draid") else vdev for vdev in vdevs))
        for role, vdevs in pool.groups
    )
