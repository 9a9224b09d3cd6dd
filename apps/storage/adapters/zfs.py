"""zfs(8): argv builders and output parsers. Pure: runs nothing. Refusals are worded and named as zpool's are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from calypso.kernel.errors import ToolGarbage

LIST_COLUMNS = (
    "name",
    "type",
    "used",
    "available",
    "referenced",
    "mountpoint",
    "mounted",
    "volsize",
    "origin",
    "creation",
    "guid",
)
_TYPES = ("filesystem", "volume", "snapshot", "bookmark")
_DIGITS = re.compile(r"[0-9]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A filesystem, volume, snapshot or bookmark. Sizes are bytes, None where the property does not apply.

    mountpoint: a path, ``legacy``, ``none``, or "" where it does not apply. created_at: Unix seconds. origin: the
    snapshot that it is a clone of, or "".
    """

    name: str
    type: str
    used: int | None
    available: int | None
    referenced: int | None
    mountpoint: str
    mounted: bool
    volsize: int | None
    origin: str
    created_at: int | None
    guid: str

    @property
    def pool(self) -> str:
        """The pool that it lives in."""
        return re.split("[/@#]", self.name, maxsplit=1)[0]


def list_argv(name: str, *, types: tuple[str, ...] = ("filesystem", "volume"), recursive: bool = True) -> list[str]:
    """A pool or dataset with all below it, for parse_list()."""
    flags = ["-r"] if recursive else []
    return ["zfs", "list", "-Hp", *flags, "-t", ",".join(types), "-o", ",".join(LIST_COLUMNS), "--", name]


def parse_list(text: str) -> tuple[Dataset, ...]:
    """The datasets that list_argv()'s command printed, in its order. Raises ToolGarbage."""
    return tuple(_dataset(line) for line in text.split("\n") if line)


def _dataset(line: str) -> Dataset:
    fields = line.split("\t")  # on tabs only: names and mountpoints may hold blanks
    if len(fields) != len(LIST_COLUMNS) or fields[1] not in _TYPES:
        raise ToolGarbage("zfs printed a line that Calypso can't read", detail=line)
    values = dict(zip(LIST_COLUMNS, fields, strict=True))
    return Dataset(
        name=values["name"],
        type=values["type"],
        used=_bytes(values["used"]),
        available=_bytes(values["available"]),
        referenced=_bytes(values["referenced"]),
        mountpoint="" if values["mountpoint"] == "-" else values["mountpoint"],
        mounted=values["mounted"] == "yes",
        volsize=_bytes(values["volsize"]),
        origin="" if values["origin"] == "-" else values["origin"],
        created_at=_bytes(values["creation"]),
        guid=values["guid"],
    )


def _bytes(text: str) -> int | None:
    if text == "-":
        return None
    if not _DIGITS.match(text):
        raise ToolGarbage(f"zfs printed {text[:40]!r} where a number belongs", detail=text)
    return int(text)
