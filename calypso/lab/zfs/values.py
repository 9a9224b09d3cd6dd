"""Checks what properties are set to and brings it to the form that -p shows (zfs_valid_proplist, zprop_parse_value)."""

from __future__ import annotations

import re

from calypso.lab.options import Refused
from calypso.lab.zfs.properties import (
    COMPRESSION,
    DEDUP,
    LETTERS,
    PROPERTIES,
    Property,
    full_name,
    of_quota,
    user_defined,
)

KIB, MIB = 1024, 1024**2
LIMITS = ("filesystem_limit", "snapshot_limit")
SYNONYMS = {
    "acltype": {"posixacl": "posix", "noacl": "off", "disabled": "off"},
    "aclinherit": {"secure": "restricted"},
    "version": {"current": "5"},
    "compression": {"gzip": "gzip-6"},
}
FAST = (*range(1, 11), *range(20, 100, 10), 100, 500, 1000)
COMPRESSIONS = {"on", "off", "lzjb", "gzip", "zle", "lz4", "zstd", "zstd-fast"}
COMPRESSIONS |= {f"gzip-{n}" for n in range(1, 10)} | {f"zstd-{n}" for n in range(1, 20)}
COMPRESSIONS |= {f"zstd-fast-{n}" for n in FAST}
DEDUPS = {"on", "off", "verify", "edonr,verify"}
DEDUPS |= {name + more for name in ("sha256", "sha512", "skein", "blake3") for more in ("", ",verify")}
CREATE_ONLY = ("encryption", "keyformat", "pbkdf2iters")


class Invalid(Exception):  # it becomes a Refused with the words before it
    """What is wrong with a property, in the tool's words."""


def pairs(words: list[str], usage: str) -> dict[str, str]:
    """``-o property=value`` options. Raises Refused for a missing ``=`` and for a repeated one."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise Refused("missing '=' for property=value argument\n" + usage, 2)
        if name in found:
            raise Refused(f"property '{name}' specified multiple times\n" + usage, 2)
        found[name] = value
    return found


def checked(given: dict[str, str], kind: str, *, creating: bool = False) -> dict[str, str]:
    """The values by full name as -p shows them. kind: filesystem, volume, snapshot. Raises Invalid."""
    return {full_name(name): _checked(full_name(name), value, kind, creating) for name, value in given.items()}


def _checked(name: str, value: str, kind: str, creating: bool) -> str:
    if of_quota(name) and kind == "filesystem" and "quota" in name.partition("@")[0]:
        return "0" if value == "none" else str(number(value))
    if user_defined(name):
        if len(value) >= 8192:
            raise Invalid("property value too long")
        return value
    found = PROPERTIES.get(name)
    if found is None:
        raise Invalid(f"invalid property '{name}'")
    if LETTERS[kind] not in found.types:
        raise Invalid(f"'{name}' does not apply to datasets of this type")
    if found.way == "r" or (found.way == "o" and not creating):
        raise Invalid(f"'{name}' is readonly")
    if kind == "snapshot":
        raise Invalid("this property can not be modified for snapshots")
    return _parsed(found, value, kind)


def _parsed(found: Property, value: str, kind: str) -> str:
    if found.kind == "index":
        return _choice(found, value)
    if found.kind in ("size", "number"):
        return _number(found, value, kind)
    if found.name == "mountpoint" and value not in ("none", "legacy") and not value.startswith("/"):
        raise Invalid("'mountpoint' must be an absolute path, 'none', or 'legacy'")
    if found.name == "keylocation" and not re.fullmatch(r"none|prompt|(file|https?)://.+", value):
        raise Invalid("invalid keylocation")
    return value.rstrip("/") or "/" if found.name == "mountpoint" else value


def _choice(found: Property, value: str) -> str:
    if found.values == COMPRESSION:
        known = value in COMPRESSIONS
    elif found.values == DEDUP:
        known = value in DEDUPS
    else:
        known = value in found.values.split(" | ")
    synonym = SYNONYMS.get(found.name, {})
    if not known and value not in synonym:
        raise Invalid(f"'{found.name}' must be one of '{found.values}'")
    return value if found.name == "compression" else synonym.get(value, value)


def _number(found: Property, value: str, kind: str) -> str:
    name = found.name
    if value == "auto" and name == "refreservation" and kind == "volume":
        return value
    if value == "none":
        if name in LIMITS:
            return "none"
        if found.way == "d" and name != "volsize":
            return "0"
        raise Invalid(f"bad numeric value '{value}'")
    size = number(value)
    if size == 0 and name in ("quota", "refquota"):
        raise Invalid("use 'none' to disable quota/refquota")
    if name in ("recordsize", "volblocksize") and not (_power(size) and 512 <= size <= 16 * MIB):
        raise Invalid(f"'{name}' must be power of 2 from 512B to 16M")
    if name == "special_small_blocks" and size and not (_power(size) and 512 <= size <= MIB):
        raise Invalid(f"'{name}' must be zero or a power of 2 from 512B to 1M")
    if name == "volsize" and not size:
        raise Invalid("'volsize' cannot be zero")
    return str(size)


def _power(size: int) -> bool:
    return size > 0 and not size & (size - 1)


def number(text: str) -> int:
    """zfs_nicestrtonum(): bytes of ``64M`` or ``1.5G``. Raises Invalid."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(.*)", text)
    if found is None:
        raise Invalid(f"bad numeric value '{text}'")
    digits, suffix = found[1], found[2].upper()
    if not re.fullmatch(r"|B|[KMGTPEZ](I?B)?", suffix):
        raise Invalid(f"invalid numeric suffix '{found[2]}'")
    size = (
        int(float(digits) * 1024 ** "BKMGTPEZ".index(suffix[:1] or "B"))
        if "." in digits
        else (int(digits) * 1024 ** "BKMGTPEZ".index(suffix[:1] or "B"))
    )
    if size >= 2**64:
        raise Invalid("numeric value is too large")
    return size
