"""`zpool list -Hp` and `zfs version`: one line a pool, exact numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apps.storage.adapters.zpool.values import garbage, maybe_number, number

SETTINGS = (  # properties that say how the pool is to behave; every version from 2.1 on has them
    "altroot",
    "ashift",
    "autoexpand",
    "autoreplace",
    "autotrim",
    "cachefile",
    "comment",
    "compatibility",
    "delegation",
    "failmode",
    "listsnapshots",
    "multihost",
)
LIST_COLUMNS = (
    "name",
    "guid",
    "size",
    "allocated",
    "free",
    "fragmentation",
    "capacity",
    "health",
    "readonly",
    "expandsize",
    *SETTINGS,
)
_VERSION = re.compile(r"^zfs-([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PoolInfo:
    """One pool's figures. size, allocated, free: raw bytes, parity included for raidz.

    fragmentation, capacity: percent; fragmentation is None where the tool knows none. Another figure that it can't give
    (``-``, of a pool that is not readable) is 0. expandable: bytes that its disks have more. properties: SETTINGS with
    their values, "" for none.
    """

    name: str
    guid: str
    size: int
    allocated: int
    free: int
    fragmentation: int | None
    capacity: int
    health: str
    readonly: bool
    expandable: int = 0
    properties: dict[str, str] = field(default_factory=dict)


def parse_version(text: str) -> tuple[int, int, int]:
    """(major, minor, patch) of the userland out of `zfs version`; JSON output needs (2, 3, 0). Raises ToolGarbage."""
    found = _VERSION.search(text)
    if not found:
        garbage("no version", text)
    return int(found[1]), int(found[2]), int(found[3])


def parse_list(text: str) -> tuple[PoolInfo, ...]:
    """The pools that list_argv()'s command printed, in its order. Raises ToolGarbage."""
    return tuple(_pool(line) for line in text.split("\n") if line)


def _pool(line: str) -> PoolInfo:
    fields = line.split("\t")  # on tabs only: a pool name may hold blanks
    if len(fields) != len(LIST_COLUMNS):
        garbage("a line of the pool list", line)
    values = dict(zip(LIST_COLUMNS, fields, strict=True))
    return PoolInfo(
        name=values["name"],
        guid=values["guid"],
        size=maybe_number(values["size"]) or 0,
        allocated=maybe_number(values["allocated"]) or 0,
        free=maybe_number(values["free"]) or 0,
        fragmentation=maybe_number(values["fragmentation"]),
        capacity=number(values["capacity"].removesuffix("%")) if values["capacity"] != "-" else 0,
        health=values["health"],
        readonly=values["readonly"] == "on",
        expandable=maybe_number(values["expandsize"]) or 0,
        properties={name: "" if values[name] == "-" else values[name] for name in SETTINGS},
    )


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a pool or vdev; source: local, default, or ``-``. value: "" for none."""

    owner: str
    name: str
    value: str
    source: str


def parse_get(text: str) -> tuple[Property, ...]:
    """What `zpool get -Hp` printed, in its order. Raises ToolGarbage."""
    return tuple(_property(line) for line in text.split("\n") if line)


def _property(line: str) -> Property:
    fields = line.split("\t")
    if len(fields) != 4:
        garbage("a line of properties", line)
    owner, name, value, source = fields
    return Property(owner, name, "" if value == "-" else value, source)
