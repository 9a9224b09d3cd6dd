"""A pool's datasets and their properties, worked out of the state."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from calypso.lab import sizes
from calypso.lab.options import Refused
from calypso.lab.state import State

LIST_COLUMNS = ("name", "used", "available", "referenced", "mountpoint")
EMPTY = 98_304  # bytes of an empty filesystem, as recorded
EMPTY_VOLUME = 57_344
DEFAULTS = {
    "quota": "0", "refquota": "0", "reservation": "0", "refreservation": "0", "recordsize": "131072",
    "compression": "on", "atime": "on", "checksum": "on", "readonly": "off", "dedup": "off", "sync": "standard",
    "copies": "1", "canmount": "on",
}  # fmt: skip
FIGURES = ("type", "creation", "used", "available", "referenced", "compressratio", "mounted", "guid", "origin")
FILESYSTEM_ONLY = ("quota", "refquota", "recordsize", "atime", "canmount", "mountpoint", "mounted")


@dataclass(frozen=True)
class Dataset:
    """A filesystem or volume. holds: what the state file has; used, available: bytes, children included."""

    name: str
    pool: dict[str, Any]
    holds: dict[str, Any]
    used: int
    available: int
    refer: int
    family: dict[str, dict[str, Any]] = field(repr=False)

    @property
    def type(self) -> str:
        return str(self.holds["type"])

    def below(self, name: str, levels: int = 999) -> bool:
        """Whether it is inside `name`, at most so many levels down."""
        return self.name.startswith(name + "/") and self.name[len(name) :].count("/") <= levels

    def known(self) -> list[str]:
        """The properties that `get all` shows."""
        names = [*FIGURES, *DEFAULTS, "mountpoint", "volsize", "volblocksize"]
        return [name for name in names if self.value(name) != "-"]

    def value(self, column: str) -> str:
        """A property as -p shows it; ``-`` where it does not apply."""
        volume = self.type == "volume"
        if volume and column in FILESYSTEM_ONLY:
            return "-"
        figures = {
            "name": self.name,
            "type": self.type,
            "used": str(self.used),
            "available": str(self.available),
            "referenced": str(self.refer),
            "creation": str(self.holds["created"]),
            "guid": self.holds["guid"],
            "mounted": "no" if self._unmounted() else "yes",
            "compressratio": "1.00",
            "encryption": "off",
        }
        return str(figures.get(column) or (self._mountpoint() if column == "mountpoint" else self._property(column)[0]))

    def source(self, column: str) -> str:
        """local, default, ``inherited from …`` or ``-``."""
        if column == "mountpoint":
            owner = self._owner("mountpoint")
        elif column in DEFAULTS or column in ("volsize", "volblocksize"):
            owner = self._property(column)[1]
        else:
            return "-"
        if self.value(column) == "-":
            return "-"
        return "local" if owner == self.name else f"inherited from {owner}" if owner else "default"

    def _unmounted(self) -> bool:
        return self._property("canmount")[0] != "on" or self._mountpoint() in ("none", "legacy")

    def _owner(self, key: str) -> str:
        """The nearest dataset upwards that sets a property; "" for none."""
        parts = self.name.split("/")
        names = ("/".join(parts[:depth]) for depth in range(len(parts), 0, -1))
        return next((n for n in names if key in self.family.get(n, {"properties": {}})["properties"]), "")

    def _property(self, column: str) -> tuple[str, str]:
        inherited = column not in ("quota", "refquota", "reservation", "refreservation", "volsize", "canmount")
        owner = self._owner(column) if inherited else self.name
        properties = self.family.get(owner, {"properties": {}})["properties"]
        if column not in properties:
            return DEFAULTS.get(column, "-"), ""
        size = sizes.parse_size(properties[column]) if column in (*list(DEFAULTS)[:5], "volsize") else None
        return str(size if size is not None else properties[column]), owner

    def _mountpoint(self) -> str:
        owner = self._owner("mountpoint")
        base = self.family[owner]["properties"]["mountpoint"] if owner else "/" + self.pool["name"]
        if base in ("none", "legacy"):
            return str(base)
        below = self.name[len(owner or self.pool["name"]) :]
        return (self.pool["altroot"] + base + below).rstrip("/") or "/"


def datasets(state: State, pool: dict[str, Any]) -> list[Dataset]:
    """All of a pool, sorted by name."""
    family = rows(state, pool)
    own = {name: _own(pool, name, holds) for name, holds in family.items()}
    total = sizes.usable(state, pool)
    free = max(0, total - sum(own.values()))
    found = []
    for name in sorted(family):
        used = sum(size for other, size in own.items() if other == name or other.startswith(name + "/"))
        refer = EMPTY_VOLUME if family[name]["type"] == "volume" else EMPTY
        held = own[name] - refer if family[name]["type"] == "volume" else 0
        found.append(Dataset(name, pool, family[name], used, free + held, refer, family))
    return found


def rows(state: State, pool: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A pool's datasets by name: type, created, guid, properties."""
    found = state.db.execute("SELECT * FROM datasets WHERE pool = ?", (pool["guid"],))
    return {
        f"{pool['name']}/{row['name']}".rstrip("/"): {**row, "properties": json.loads(row["properties"])}
        for row in found
    }


def _own(pool: dict[str, Any], name: str, holds: dict[str, Any]) -> int:
    """Bytes that a dataset takes by itself; the root holds what the pool has allocated."""
    if name == pool["name"]:
        return int(pool["allocated"])
    if holds["type"] == "filesystem":
        return EMPTY
    return max(EMPTY_VOLUME, int(holds["properties"].get("refreservation", 0)))


def find(state: State, name: str) -> Dataset:
    """The dataset of that name; raises Refused."""
    pool = next((pool for pool in state["pools"] if pool["name"] == name.split("/", maxsplit=1)[0]), None)
    if pool is not None and pool["suspended"]:
        raise Refused(f"cannot open '{name}': pool I/O is currently suspended\n")
    for item in datasets(state, pool) if pool is not None else []:
        if item.name == name:
            return item
    raise Refused(f"cannot open '{name}': dataset does not exist\n")
