"""The disks that the box shows against those the read model has: the differences as events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.storage.devices import BlockDevice
from apps.storage.domain.disks import DiskAttached, DiskChanged, DiskDetached, Use
from apps.storage.models.disks import Disk


def disk_values(device: BlockDevice) -> dict[str, Any]:
    values = {k: v for k, v in vars(device).items() if k not in ("id", "uses")}
    return {**values, "uses": tuple(Use(kind=u.kind, name=u.name) for u in device.uses)}


def disk_changes(
    known: Mapping[str, Disk], seen: Iterable[BlockDevice]
) -> list[DiskAttached | DiskChanged | DiskDetached]:
    """Events for what was attached, changed and detached. ``known`` is the read model by id."""
    found = {device.id: device for device in seen}
    facts: list[DiskAttached | DiskChanged | DiskDetached] = [
        DiskDetached(disk=d.id, name=d.name, serial=d.serial) for d in known.values() if d.id not in found
    ]
    for device in found.values():
        values = disk_values(device)
        if device.id not in known:
            facts.append(DiskAttached(disk=device.id, **values))
        elif fields := _differing(known[device.id], values):
            facts.append(DiskChanged(disk=device.id, fields=fields, **values))
    return facts


def _differing(disk: Disk, values: Mapping[str, Any]) -> tuple[str, ...]:
    plain = {**values, "uses": [{"kind": u.kind, "name": u.name} for u in values["uses"]]}
    return tuple(name for name, value in plain.items() if getattr(disk, name) != value)


def aliases(devices: Iterable[BlockDevice | Disk]) -> dict[str, str]:
    """The names under which a pool may list a disk, to the disk's id."""
    return {name: d.id for d in devices for name in (d.name, d.path.rsplit("/", 1)[-1], d.id)}


def places(pools: Iterable[tuple[str, Mapping[str, Any]]], disks: Iterable[Disk]) -> dict[str, dict[str, Any]]:
    """The place of each of these disks in the pools (name, layout), by id; a spare in use is where it stands in."""
    names = aliases(disks)
    found: dict[str, dict[str, Any]] = {}
    for pool, layout in pools:
        for role in sorted(layout, key=lambda role: role == "spare"):
            for vdev in layout[role]:
                for leaf in _leaves(vdev):
                    if disk := leaf.get("disk") or names.get(leaf["name"]):
                        counts = {name: leaf[name] for name in ("state", "read", "write", "checksum")}
                        found.setdefault(disk, {"pool": pool, "role": role, "vdev": vdev["name"], **counts})
    return found


def _leaves(vdev: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return [leaf for child in vdev["children"] for leaf in _leaves(child)] if vdev["children"] else [vdev]
