"""Wished values of properties: checked before ZFS is asked, and written as ``zfs get -p`` prints them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from apps.storage.domain.datasets import DatasetType
from apps.storage.domain.properties import BY_NAME, ELSEWHERE, READ_ONLY, Property
from calypso.kernel.errors import Invalid

LONGEST_VALUE = 1024  # of a native property
LONGEST_USER_VALUE = 8191
_SIZE = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,9})?) ?([KMGTPE]?)(?:I?B)?\Z", re.IGNORECASE)
_UNITS = {unit: 1024**power for power, unit in enumerate(("", "K", "M", "G", "T", "P", "E"))}
_USER = re.compile(r"(?=[^:]{0,255}:)[a-z0-9][a-z0-9:._-]{0,255}\Z")
_WORDS = {"size": "a size, for example 10G", "number": "a whole number", "path": "an absolute path"}


def parse_size(text: str, field: str) -> int:
    """Bytes of ``1.5T``, ``10 GiB`` or ``4096``: base 1024, as ZFS has it. Raises Invalid."""
    found = _SIZE.match(text.strip())
    if not found:
        raise Invalid(
            f"“{text[:40]}” is not a size.",
            field=field,
            code="bad_size",
            hint="Give bytes, or for example 10G or 1.5T.",
        )
    try:
        size = int(Decimal(found[1]) * _UNITS[found[2].upper()])
    except InvalidOperation:
        size = 2**63
    if size >= 2**63:
        raise Invalid(f"“{text[:40]}” is more than ZFS can hold.", field=field, code="bad_size")
    return size


def normalised(wishes: Mapping[str, str], kind: DatasetType, *, creating: bool) -> dict[str, str]:
    """The wished values, by name. Raises Invalid and names the property at fault."""
    return {name: _one(name, value, kind, creating) for name, value in wishes.items()}


def check_name(name: str) -> None:
    """Raises Invalid unless a property of this name can be set."""
    field = f"properties.{name}"
    if name in ELSEWHERE:
        raise Invalid(f"“{name}” is not set here.", field=field, code="set_elsewhere", hint=ELSEWHERE[name])
    if name in READ_ONLY:
        raise Invalid(
            f"“{name}” can't be set: ZFS tells it.", field=field, code="read_only_property", hint="Leave it out."
        )
    if name not in BY_NAME and not _USER.match(name):
        raise Invalid(
            f"There is no property “{name[:100]}”.",
            field=field,
            code="unknown_property",
            hint="See /api/v1/storage/datasets/properties. One of your own has a colon in its name, as site:owner.",
        )


def dangers(values: Mapping[str, str]) -> tuple[str, ...]:
    """What a person must know of these values."""
    found = [(name, BY_NAME[name]) for name in values if name in BY_NAME and BY_NAME[name].risky]
    return tuple(f"{name}={values[name]}: {prop.danger}" for name, prop in found if values[name] in prop.risky)


def _one(name: str, value: str, kind: DatasetType, creating: bool) -> str:
    check_name(name)
    field = f"properties.{name}"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise Invalid(f"The value of “{name}” holds a control character.", field=field, code="bad_value")
    if name not in BY_NAME:
        return _user(value, field)
    prop = BY_NAME[name]
    if kind not in prop.types:
        raise Invalid(
            f"A {kind} has no property “{name}”.",
            field=field,
            code="property_not_for_type",
            hint=f"It is for a {' and a '.join(prop.types)}.",
        )
    if prop.settable == "create" and not creating:
        raise Invalid(
            f"“{name}” is fixed when a dataset is created.",
            field=field,
            code="fixed_at_creation",
            hint="Create another dataset with this value, and bring the data over.",
        )
    return _READERS.get(prop.type, _word)(prop, value.strip(), field)


def _user(value: str, field: str) -> str:
    if len(value.encode()) > LONGEST_USER_VALUE:
        raise Invalid(f"A value has at most {LONGEST_USER_VALUE} bytes.", field=field, code="bad_value")
    return value


def _refuse(prop: Property, value: str, field: str, why: str = "") -> Invalid:
    said = ", ".join(prop.values[:12]) + (", …" if len(prop.values) > 12 else "")
    may_be = " or ".join(part for part in (_WORDS.get(prop.type, ""), said) if part)
    message = why or f"“{prop.name}” can't be “{value[:60]}”."
    return Invalid(message, field=field, code="bad_value", hint=f"It may be {may_be}.")


def _word(prop: Property, value: str, field: str) -> str:
    if value not in prop.values:
        raise _refuse(prop, value, field)
    return value


def _size(prop: Property, value: str, field: str) -> str:
    size = 0 if value in prop.values else parse_size(value, field)
    if size == 0 and prop.default == "0":
        return "0"
    if not prop.least <= size <= prop.most:
        raise _refuse(prop, value, field, f"“{prop.name}” is from {prop.least} to {prop.most} bytes.")
    if prop.power_of_two and size & (size - 1):
        raise _refuse(prop, value, field, f"“{prop.name}” is a power of two.")
    return str(size)


def _number(prop: Property, value: str, field: str) -> str:
    if value in prop.values:
        return value
    if not (value.isascii() and value.isdigit() and int(value) <= prop.most):
        raise _refuse(prop, value, field)
    return str(int(value))


def _path(prop: Property, value: str, field: str) -> str:
    if value in prop.values:
        return value
    parts = value.split("/")
    if not value.startswith("/") or len(value) > LONGEST_VALUE or ".." in parts or "." in parts:
        raise _refuse(prop, value, field)
    return "/" + "/".join(part for part in parts if part)


_READERS = {"size": _size, "number": _number, "path": _path}
