"""All datasets of some pools in two calls: one listing, and one of what is set on each itself. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from pydantic import ValidationError

from apps.storage.adapters.zfs.values import count, garbage, maybe_number, number, ratio, rows, word
from apps.storage.domain.datasets import DatasetState, PropertyValue
from apps.storage.domain.properties import BY_NAME

CHANGED = "snapshots_changed"  # from OpenZFS 2.2 on
_STATE = ("name", "type", "guid", "origin", "creation", "mountpoint", "mounted", "encryption", "encryptionroot")
_KEY = ("keystatus", "keyformat", "keylocation", "volsize")
_FIXED = ("volblocksize", "casesensitivity", "normalization", "utf8only")  # at creation; of source none
_USAGE = ("used", "available", "referenced", "usedbysnapshots", "usedbydataset", "usedbychildren")
_MORE_USAGE = ("usedbyrefreservation", "compressratio", "logicalused", "written")
COLUMNS = (*_STATE, *_KEY, *_FIXED, *_USAGE, *_MORE_USAGE)
_OWN_FIELDS = ("volsize", "keylocation", "encryption", "keyformat", "pbkdf2iters")  # told by the listing
_OWN = re.compile(r"([^\t\n]+)\t([^\t\n]+)\t(.*)\t(local|received|temporary)\Z", re.DOTALL)

OwnProperties = dict[str, dict[str, PropertyValue]]


@dataclass(frozen=True, slots=True)
class Usage:
    """What changes all the time. Bytes; snapshots_changed: Unix seconds of the last snapshot made or destroyed."""

    used: int
    available: int
    referenced: int
    used_by_snapshots: int
    used_by_dataset: int
    used_by_children: int
    used_by_refreservation: int
    compress_ratio: float
    logical_used: int
    written: int
    snapshots_changed: int | None


@dataclass(frozen=True, slots=True)
class SeenDataset:
    state: DatasetState
    usage: Usage


def scan_argv(*names: str, changed: bool = True, deep: bool = True) -> list[str]:
    """Pools or datasets with all below them, for parse_scan(). changed: this OpenZFS knows snapshots_changed."""
    columns = [*COLUMNS, *([CHANGED] if changed else [])]
    return [
        "zfs",
        "list",
        "-Hp",
        *(["-r"] if deep else []),
        "-t",
        "filesystem,volume",
        "-o",
        ",".join(columns),
        "--",
        *names,
    ]


def own_argv(*names: str, deep: bool = True) -> list[str]:
    """What is set on each of these pools or datasets itself and on all below them, for parse_own()."""
    what = ["-t", "filesystem,volume", "-s", "local,received,temporary", "-o", "name,property,value,source"]
    return ["zfs", "get", "-Hp", *(["-r"] if deep else []), *what, "--", "all", *names]


def parse_own(text: str) -> OwnProperties:
    """{dataset: {property: value}}. A user property's value may hold tabs and line breaks. Raises ToolGarbage."""
    found: OwnProperties = defaultdict(dict)
    record = ""
    for line in text.split("\n"):
        record = f"{record}\n{line}" if record else line
        if match := _OWN.match(record):
            name, prop, value, source = match.groups()
            if prop not in _OWN_FIELDS:
                found[name][prop] = PropertyValue.model_validate({"value": value, "source": source})
            record = ""
    if record.strip("\n"):
        garbage("a property without its source", record)
    return dict(found)


def parse_scan(text: str, own: OwnProperties, *, changed: bool = True) -> tuple[SeenDataset, ...]:
    """What scan_argv()'s command printed, with what parse_own() gave, in its order. Raises ToolGarbage."""
    columns = [*COLUMNS, *([CHANGED] if changed else [])]
    return tuple(_seen(dict(zip(columns, fields, strict=True)), own) for fields in rows(text, len(columns)))


def _seen(values: dict[str, str], own: OwnProperties) -> SeenDataset:
    if values["type"] not in ("filesystem", "volume"):
        garbage("a line that is of no dataset", "\t".join(values.values()))
    try:
        return SeenDataset(_state(values, own.get(values["name"], {})), _usage(values))
    except ValidationError as error:
        garbage(f"{error.errors()[0]['loc']}", "\t".join(values.values()))


def _state(values: dict[str, str], own: dict[str, PropertyValue]) -> DatasetState:
    return DatasetState.model_validate(
        {
            "name": values["name"],
            "type": values["type"],
            "guid": values["guid"],
            "origin": word(values["origin"]),
            "created_at": number(values["creation"]),
            "mountpoint": word(values["mountpoint"]),
            "mounted": values["mounted"] == "yes",
            "encryption": word(values["encryption"]) or "off",
            "encryption_root": word(values["encryptionroot"]),
            "key_status": _unless_none(values["keystatus"]),
            "key_format": _unless_none(values["keyformat"]),
            "key_location": _unless_none(values["keylocation"]),
            "volsize": maybe_number(values["volsize"]),
            "properties": _fixed(values) | own,
        }
    )


def _fixed(values: dict[str, str]) -> dict[str, PropertyValue]:
    """What was chosen at creation: a volume's block size, and for a file system what is not the default."""
    told = {name: values[name] for name in _FIXED if values[name] != "-"}
    wanted = {n: v for n, v in told.items() if n == "volblocksize" or v != BY_NAME[n].default}
    return {name: PropertyValue(value=value, source="none") for name, value in wanted.items()}


def _usage(values: dict[str, str]) -> Usage:
    return Usage(
        used=count(values["used"]),
        available=count(values["available"]),
        referenced=count(values["referenced"]),
        used_by_snapshots=count(values["usedbysnapshots"]),
        used_by_dataset=count(values["usedbydataset"]),
        used_by_children=count(values["usedbychildren"]),
        used_by_refreservation=count(values["usedbyrefreservation"]),
        compress_ratio=ratio(values["compressratio"]),
        logical_used=count(values["logicalused"]),
        written=count(values["written"]),
        snapshots_changed=maybe_number(values.get(CHANGED, "-")),
    )


def _unless_none(text: str) -> str:
    return "" if text in ("-", "none") else text
