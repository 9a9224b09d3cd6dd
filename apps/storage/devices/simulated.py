"""The disks of the lab, in the same shape as real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.storage.devices.model import BlockDevice, Use
from apps.storage.devices.naming import BY_ID
from apps.storage.devices.signatures import signature_uses


def lab_disks() -> list[BlockDevice]:
    """The simulated disks that are plugged in now."""
    from calypso.lab.devices import simulated_disks  # an appliance on real hardware never loads the lab

    return [lab_disk(disk) for disk in simulated_disks()]


def lab_disk(disk: Mapping[str, Any]) -> BlockDevice:
    """One disk from the lab's own words; size in bytes, what is absent gets a plain default."""
    disk_id = str(disk["id"])
    return BlockDevice(
        id=disk_id,
        name=_text(disk, "name") or disk_id,
        path=_text(disk, "path") or BY_ID + disk_id,
        serial=_text(disk, "serial"),
        wwn=_text(disk, "wwn"),
        model=_text(disk, "model"),
        size=int(disk.get("size") or 0),
        rotational=disk.get("rotational"),
        transport=_text(disk, "transport"),
        removable=bool(disk.get("removable")),
        read_only=bool(disk.get("read_only")),
        simulated=True,
        uses=_uses(disk),
        slot=_text(disk, "slot"),
        broken=bool(disk.get("broken")),
        system=bool(disk.get("system")),
    )


def _uses(disk: Mapping[str, Any]) -> tuple[Use, ...]:
    if pool := _text(disk, "pool"):
        return (Use("zfs_member", pool),)
    further = {Use(str(kind), str(name)) for kind, name in disk.get("uses", ())}
    return tuple(sorted({*signature_uses({"TYPE": _text(disk, "fstype")}), *further}))


def _text(disk: Mapping[str, Any], key: str) -> str:
    value = disk.get(key)
    return "" if value is None else str(value)
