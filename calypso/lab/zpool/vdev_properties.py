"""Properties of vdevs (vdevprops(7)), in the order of `zpool get all POOL VDEV`."""

from __future__ import annotations

from typing import Any

from calypso.lab import sizes
from calypso.lab.disks import named, partition
from calypso.lab.happenings import find_leaf
from calypso.lab.health import group_name
from calypso.lab.options import Refused
from calypso.lab.state import State, clock
from calypso.lab.zpool.members import Place

STATES = {"OFFLINE": 2, "REMOVED": 3, "CANT_OPEN": 4, "FAULTED": 5, "DEGRADED": 6}
HEALTHY = 7
SETTABLE = {
    "comment": "-", "failfast": "on", "checksum_n": "-", "checksum_t": "-", "io_n": "-", "io_t": "-",
    "slow_io_n": "-", "slow_io_t": "-",
}  # fmt: skip
DEFAULTED = ("bootsize", "encpath", "fru", "children")  # "default" is their source where they are empty
ALL = (
    "capacity", "state", "guid", "asize", "psize", "ashift", "size", "free", "allocated", "comment", "expandsize",
    "fragmentation", "bootsize", "parity", "path", "devid", "physpath", "encpath", "fru", "parent", "children",
    "numchildren", "read_errors", "write_errors", "checksum_errors", "initialize_errors", "null_ops", "read_ops",
    "write_ops", "free_ops", "claim_ops", "trim_ops", "null_bytes", "read_bytes", "write_bytes", "free_bytes",
    "claim_bytes", "trim_bytes", "removing", "allocating", "failfast", "checksum_n", "checksum_t", "io_n", "io_t",
    "slow_io_n", "slow_io_t", "trim_support", "trim_errors", "slow_ios",
)  # fmt: skip
ASHIFT = "12"
BYTES_PER_OP = 16_384


def is_property(name: str) -> bool:
    return name in ALL or ":" in name


def everything(pool: dict[str, Any]) -> list[Place]:
    """All vdevs of a pool."""
    found: list[Place] = []

    def walk(siblings: list[dict[str, Any]], above: tuple[dict[str, Any], ...], role: str) -> None:
        for index, vdev in enumerate(siblings):
            if vdev["kind"] != "indirect":
                found.append(Place(siblings, index, above, role))
            walk(vdev.get("children", []), (*above, vdev), role)

    for role, vdevs in pool["groups"].items():
        walk(vdevs, (), role)
    return found


def label(vdev: dict[str, Any]) -> str:
    return vdev["path"].rsplit("/", 1)[-1] if "disk" in vdev else group_name(vdev)


def rows(state: State, pool: dict[str, Any], place: Place, names: list[str], *, parsable: bool) -> list[dict[str, str]]:
    vdev = place.vdev
    values = _values(state, pool, place, parsable=parsable)
    own = vdev.get("properties", {})
    user = [name for name in own if ":" in name]
    every = [name for asked in names for name in ([*ALL, *user] if asked == "all" else [asked])]
    found = []
    for name in every:
        text = own.get(name, SETTABLE.get(name, values.get(name, "-")))
        source = "local" if name in own else "default" if name in SETTABLE or _defaulted(name, text) else "-"
        found.append({"name": label(vdev), "property": name, "value": str(text), "source": source})
    return found


def _defaulted(name: str, text: str) -> bool:
    return name == "bootsize" or (name in DEFAULTED and text == "-")


def _values(state: State, pool: dict[str, Any], place: Place, *, parsable: bool) -> dict[str, str]:
    vdev = place.vdev
    leaf = "disk" in vdev
    used, total, _ = sizes.top_space(state, vdev, place.role, pool) if not place.above else (0, 0, 0)
    phys = sizes.phys_space(state, vdev) if leaf else 0

    def size(number: int) -> str:
        return str(number) if parsable else sizes.nice(number)

    found = {name: "0" for name in ALL if name.endswith(("_ops", "_bytes", "_errors", "_ios"))}
    found |= {"capacity": str(100 * used // total if total else 0), "guid": vdev["guid"], "ashift": ASHIFT}
    found |= {"size": size(total), "free": size(total - used), "allocated": size(used), "fragmentation": "0%"}
    found |= {"asize": size(phys - sizes.LABELS if leaf else total), "psize": size(phys)}
    found |= {"bootsize": "0", "parity": str(vdev.get("parity", 0)), "state": str(_state(state, pool, vdev))}
    found |= {"parent": label(place.parent) if place.parent else pool["name"], "removing": "off", "numchildren": "0"}
    if leaf:
        disk = named(state, vdev["disk"])
        found |= {"path": partition(vdev["path"]), "devid": disk.get("devid") or "-"}
        found |= {"physpath": disk.get("phys_path") or "-", "slow_ios": size(vdev.get("slow", 0))}
        found |= {"trim_support": "off" if disk["rotational"] else "on"}
        found |= {f"{kind}_errors": size(vdev.get(kind, 0)) for kind in ("read", "write", "checksum")}
    else:
        names = [label(child) for child in vdev["children"]]
        found |= {"children": ",".join(names), "numchildren": str(len(names))}
    return found | _work(state, pool, size) | ({} if place.above else {"allocating": "on"})


def _work(state: State, pool: dict[str, Any], size: Any) -> dict[str, str]:
    """What was read and written since the pool was made: a little each second."""
    age = max(1, int(clock(state)) - pool["created"])
    return {
        "read_ops": size(age // 2),
        "write_ops": size(age * 6),
        "read_bytes": size(age // 2 * BYTES_PER_OP),
        "write_bytes": size(age * 6 * BYTES_PER_OP),
    }


def _state(state: State, pool: dict[str, Any], vdev: dict[str, Any]) -> int:
    node = find_leaf(state, pool, vdev["guid"]) if "disk" in vdev else None
    return STATES.get(node.state, HEALTHY) if node else HEALTHY


def set_property(pool: dict[str, Any], place: Place | None, vdev: str, name: str, wish: str) -> None:
    """`zpool set property=value POOL VDEV`."""
    refused = f"cannot set property for '{vdev}' in '{pool['name']}'"
    if place is None:
        raise Refused(f"cannot set property for '{vdev}': no such device in pool\n")
    if not is_property(name):
        raise Refused(f"{refused}: invalid property '{name}'\n")
    if name not in SETTABLE and name not in ("path", "allocating") and ":" not in name:
        raise Refused(f"{refused}: '{name}' is readonly\n")
    if name == "failfast" and wish not in ("on", "off"):
        raise Refused(f"{refused}: 'failfast' must be one of 'on | off'\n")
    place.vdev.setdefault("properties", {})[name] = wish
