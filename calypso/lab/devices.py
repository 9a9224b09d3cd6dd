"""The lab's disks as an observer sees them: what udev tells of real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calypso.lab.disks import BY_ID, owners
from calypso.lab.settle import settle
from calypso.lab.state import change, read, reading
from calypso.lab.writing import holders


def simulated_disks(path: Path | None = None) -> list[dict[str, Any]]:
    """The attached disks: name, id, path, serial, model, wwn, size (bytes), rotational, transport, slot, broken.

    And with what is on it: pool (its name, or ""), pool_state ("active", "exported" or ""), fstype ("" for none),
    uses ((kind, name) of partitions, mounts and what sits on the disk), system (whether the box runs from it).
    """
    state = read(path)
    settle(state)
    found = owners(state)
    return [_seen(disk, found.get(disk["name"], ("", ""))) for disk in state["disks"] if disk["attached"]]


def simulated_holders(path: Path | None = None) -> list[dict[str, Any]]:
    """What keeps datasets busy: dataset (full name), kind, pid (0: the kernel), name; see `manage.py lab hold`."""
    with reading(path) as state:
        return holders(state)


def _seen(disk: dict[str, Any], owner: tuple[str, str]) -> dict[str, Any]:
    pool, pool_state = owner
    fstype = "zfs_member" if pool else disk["fstype"]
    found = {**disk, "path": BY_ID + disk["id"], "pool": pool, "pool_state": pool_state, "fstype": fstype}
    return found | {"uses": [] if pool else _uses(disk), "system": "/" in mounts(disk)}


def mounts(disk: dict[str, Any]) -> list[str]:
    """Where the disk or a partition of it is mounted."""
    whole = disk.get("mounted")
    own = ["/" if whole is True else str(whole)] if whole else []
    return own + [part["mountpoint"] for part in disk.get("partitions", []) if part.get("mountpoint")]


def _uses(disk: dict[str, Any]) -> list[tuple[str, str]]:
    parts = disk.get("partitions", [])
    found = [("partition_table", "gpt")] if parts else []
    for part in parts:
        if part["fstype"] == "LVM2_member":
            found.append(("lvm", part.get("holder", "")))
        elif part["fstype"]:
            found.append(("filesystem", part["fstype"]))
    found += [("holder", disk["holder"])] if disk.get("holder") else []
    return found + [("mounted", where) for where in mounts(disk)]


def light(name: str, path: Path | None = None) -> bool | None:
    """Whether the locate light at this disk's bay is on; None where it has none: NVMe disks are in no enclosure."""
    found = next((disk for disk in read(path)["disks"] if disk["name"] == name and disk["attached"]), None)
    return None if found is None or found["transport"] == "nvme" else bool(found.get("locate"))


def switch_light(name: str, on: bool, path: Path | None = None) -> bool:
    """Switches it. False where there is none."""
    if light(name, path) is None:
        return False
    with change(path) as state:
        next(disk for disk in state["disks"] if disk["name"] == name)["locate"] = on
    return True
