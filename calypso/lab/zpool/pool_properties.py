"""A pool's properties: their values and sources, and which values may be set (zpoolprops(7))."""

from __future__ import annotations

from typing import Any

from calypso.lab import sizes
from calypso.lab.features import FEATURES, feature
from calypso.lab.health import Health
from calypso.lab.options import Refused
from calypso.lab.state import State

DEFAULTS = {
    "ashift": "0", "autoexpand": "off", "autoreplace": "off", "autotrim": "off", "comment": "-", "failmode": "wait",
    "delegation": "on", "listsnapshots": "off", "cachefile": "-", "multihost": "off", "bootfs": "-", "version": "-",
    "compatibility": "off", "dedup_table_quota": "auto",
}  # fmt: skip
CHOICES = {
    "autoexpand": "on | off", "autoreplace": "on | off", "autotrim": "on | off", "delegation": "on | off",
    "listsnapshots": "on | off", "multihost": "on | off", "failmode": "wait | continue | panic",
}  # fmt: skip
ALL = (  # in the order of `zpool get all`
    "size", "capacity", "altroot", "health", "guid", "version", "bootfs", "delegation", "autoreplace", "cachefile",
    "failmode", "listsnapshots", "autoexpand", "dedupratio", "free", "allocated", "readonly", "ashift", "comment",
    "expandsize", "freeing", "fragmentation", "leaked", "multihost", "checkpoint", "load_guid", "autotrim",
    "compatibility", "bcloneused", "bclonesaved", "bcloneratio", "dedup_table_size", "dedup_table_quota",
    "last_scrubbed_txg",
)  # fmt: skip
ALIASES = {"alloc": "allocated", "frag": "fragmentation", "cap": "capacity", "dedup": "dedupratio"}
NUMBERS = (
    "size", "allocated", "free", "freeing", "leaked", "bcloneused", "bclonesaved", "dedup_table_size", "expandsize",
    "checkpoint",
)  # fmt: skip
LONGEST_COMMENT = 32
COMPATIBILITY = ("openzfs-2.0-linux", "openzfs-2.1-linux", "openzfs-2.2", "openzfs-2.3", "grub2", "compat-2021")


def value(state: State, health: Health, name: str, *, parsable: bool) -> str:
    """A property as text; ``-`` where there is none."""
    pool = health.pool
    if name in NUMBERS:
        number = _number(state, health, name)
        return "-" if number is None else str(number) if parsable else sizes.nice(number)
    if name in ("fragmentation", "capacity"):
        size = sizes.pool_size(state, pool)
        percent = pool.get("fragmentation", 0) if name == "fragmentation" else 100 * pool["allocated"] // max(1, size)
        return str(percent) if parsable else f"{percent}%"
    if name in ("dedupratio", "bcloneratio"):
        return "1.00" if parsable else "1.00x"
    if name.startswith("feature@"):
        return feature(pool, name.partition("@")[2])
    words = {
        "name": pool["name"],
        "guid": pool["guid"],
        "load_guid": pool.get("load_guid", pool["guid"]),
        "health": health.state,
        "altroot": pool["altroot"] or "-",
        "readonly": "on" if pool["readonly"] else "off",
        "last_scrubbed_txg": str(pool.get("last_scrubbed_txg", 0)),
    }
    return str(words.get(name) or pool["properties"].get(name, DEFAULTS.get(name, "-")))


def _number(state: State, health: Health, name: str) -> int | None:
    pool = health.pool
    size = sizes.pool_size(state, pool)
    if name == "expandsize":
        more = sum(sizes.asize(state, v, grown=True) - sizes.asize(state, v) for v in sizes.counted(pool))
        return more or None
    if name == "checkpoint":
        return pool["checkpoint"]["space"] if pool.get("checkpoint") else None
    return {"size": size, "allocated": int(pool["allocated"]), "free": size - int(pool["allocated"])}.get(name, 0)


def source(pool: dict[str, Any], name: str) -> str:
    """local, default or ``-``."""
    if name in pool["properties"] or (name == "altroot" and pool["altroot"]):
        return "local"
    if name.startswith("feature@"):
        return "local"
    return "default" if name in DEFAULTS or name == "altroot" else "-"


def known(pool: dict[str, Any]) -> list[str]:
    """What `zpool get all` shows."""
    user = sorted(name for name in pool["properties"] if ":" in name)
    return [*ALL, *(f"feature@{name}" for name in FEATURES), *user]


def is_property(name: str) -> bool:
    return name in ALL or ":" in name or (name.startswith("feature@") and name.partition("@")[2] in FEATURES)


def check_property(name: str, wanted: str) -> None:
    """As add_prop_list() of `zpool create -o` words its refusals."""
    if name not in DEFAULTS and ":" not in name and not name.startswith("feature@"):
        raise Refused(f"property '{name}' is not a valid pool or vdev property\n")
    if wrong := wrong_value(name, wanted):
        raise Refused(f"{wrong}\n")


def wrong_value(name: str, wanted: str) -> str:
    """Why a property may not have a value; "" when it may."""
    if name == "ashift" and wanted != "0" and not (wanted.isdigit() and 9 <= int(wanted) <= 16):
        return f"invalid 'ashift={wanted}' property: only values between 9 and 16 are allowed."
    if name in CHOICES and wanted not in CHOICES[name].split(" | "):
        return f"'{name}' must be one of '{CHOICES[name]}'"
    if name == "comment" and len(wanted) > LONGEST_COMMENT:
        return f"comment must not exceed {LONGEST_COMMENT} characters"
    if name == "comment" and not wanted.isprintable():
        return "comment may only have printable characters"
    if name == "cachefile" and wanted not in ("", "none") and not wanted.startswith("/"):
        return f"property '{name}' must be empty, an absolute path, or 'none'"
    if name == "compatibility" and not all(one in (*COMPATIBILITY, "off", "legacy", "") for one in wanted.split(",")):
        return "error reading compatibility file(s)"
    if name.startswith("feature@"):
        if name.partition("@")[2] not in FEATURES:
            return f"invalid feature '{name.partition('@')[2]}'"
        if wanted not in ("enabled", "disabled"):
            return f"property '{name}' can only be set to 'enabled' or 'disabled'"
    return ""
