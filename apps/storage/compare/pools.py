"""The pools that the box shows against those the read model has: the differences as events. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from apps.storage.adapters.zpool import PoolInfo, PoolStatus, Vdev
from apps.storage.domain.pools import (
    PoolChanged,
    PoolDegraded,
    PoolDiscovered,
    PoolRecovered,
    PoolSeen,
    PoolVanished,
    Removal,
    Scan,
)
from apps.storage.models.pools import Pool

POOL_FIELDS = (
    "guid",
    "state",
    "status",
    "action",
    "errors",
    "read_only",
    "size",
    "layout",
    "disks",
    "scan",
    "properties",
    "upgradable",
    "checkpoint",
    "removal",
)
_SEVERITY = ("ONLINE", "UNKNOWN", "DEGRADED", "FAULTED", "UNAVAIL", "SUSPENDED")


@dataclass(frozen=True)
class SeenPool:
    """A pool as `zpool list` and `zpool status` show it together."""

    info: PoolInfo
    status: PoolStatus


def pool_values(seen: SeenPool, names: Mapping[str, str]) -> dict[str, Any]:
    """A pool's values for an event; samples (allocation, progress) are left out."""
    scan, removal, status = seen.status.scan, seen.status.removal, seen.status
    members = [names[leaf.name] for _, leaf in status.leaves() if leaf.name in names]
    return {
        "guid": seen.info.guid,
        "state": status.state,
        "status": status.status,
        "action": status.action,
        "errors": status.errors,
        "read_only": seen.info.readonly,
        "size": seen.info.size,
        "layout": {role: [tree(v, names) for v in vdevs] for role, vdevs in status.groups},
        "disks": tuple(dict.fromkeys(members)),
        "scan": scan and Scan(**{k: v for k, v in asdict(scan).items() if k in Scan.model_fields}),
        "properties": seen.info.properties,
        "upgradable": status.upgradable,
        "checkpoint": status.checkpoint is not None,
        "removal": removal and Removal(**{k: v for k, v in asdict(removal).items() if k in Removal.model_fields}),
    }


def tree(vdev: Vdev, names: Mapping[str, str]) -> dict[str, Any]:
    """A vdev as it is recorded. ``disk``: the id of the disk that it is; "" for a group, and for a disk not here."""
    counters = {"read": vdev.read, "write": vdev.write, "checksum": vdev.checksum}
    children = [tree(child, names) for child in vdev.children]
    return {
        "name": vdev.name,
        "guid": vdev.guid,
        "path": vdev.path,
        "disk": names.get(vdev.name, ""),
        "type": vdev.type,
        "state": vdev.state,
        **counters,
        "note": vdev.note,
        "children": children,
    }


def remembered(layout: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The layout with the ids of disks that are away, as far as it was known which disk a member is."""
    before = [vdev for vdevs in known.values() for vdev in _flat(vdevs)]
    ids = {(vdev["guid"], vdev["path"]): vdev["disk"] for vdev in before if vdev["guid"]}

    def told(vdev: dict[str, Any]) -> dict[str, Any]:
        disk = vdev["disk"] or ids.get((vdev["guid"], vdev["path"]), "")
        return vdev | {"disk": disk, "children": [told(child) for child in vdev["children"]]}

    return {role: [told(vdev) for vdev in vdevs] for role, vdevs in layout.items()}


def _flat(vdevs: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for vdev in vdevs:
        yield vdev
        yield from _flat(vdev["children"])


def is_another(known: Pool, values: Mapping[str, Any]) -> bool:
    """Whether the pool of that name was made anew behind Calypso's back. One just made has not told its guid yet."""
    return bool(known.guid) and known.guid != values["guid"]


def pool_change(known: Pool, values: Mapping[str, Any], name: str = "") -> PoolSeen | None:
    """The event for what differs, or None. Worse and better states have events of their own. ``name``: as it is now."""
    values = {**values, "layout": remembered(values["layout"], known.layout)}
    plain = {**values, "disks": list(values["disks"])}
    plain |= {name: values[name] and values[name].model_dump() for name in ("scan", "removal")}
    fields = tuple(name for name in POOL_FIELDS if getattr(known, name) != plain[name])
    if name and name != known.name:
        fields = ("name", *fields)
    if not fields:
        return None
    common = {"pool": known.id, "name": name or known.name, **values}
    if "state" in fields:
        if severity(values["state"]) > severity(known.state):
            return PoolDegraded(before=known.state, **common)
        if values["state"] == "ONLINE" and known.state != "UNKNOWN":
            return PoolRecovered(before=known.state, **common)
    return PoolChanged(fields=fields, **common)


def severity(state: str) -> int:
    """How bad a pool's state is; an unknown word is as bad as FAULTED."""
    return _SEVERITY.index(state) if state in _SEVERITY else _SEVERITY.index("FAULTED")


def discovered(pool: UUID, name: str, values: Mapping[str, Any]) -> PoolDiscovered:
    return PoolDiscovered(pool=pool, name=name, **values)


def vanished(known: Pool) -> PoolVanished:
    return PoolVanished(pool=known.id, name=known.name)
