"""The properties of pools that can be set: zpoolprops(7) of OpenZFS 2.3 as a table, and what values they take. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from calypso.kernel.errors import Invalid

LONGEST_COMMENT = 32  # ZPROP_MAX_COMMENT of OpenZFS
_TEXT = re.compile(r"[ -~]*")
_PATH = re.compile(r"/[ -~]*")
_FILES = re.compile(r"[A-Za-z0-9._,/-]+")


class PoolProperty(BaseModel):
    """One property: for validation, its default, and a form. ``settable``: always, or only when the pool is made.

    ``values``: what a choice may be, or words that a text may be instead; ``danger``: what to know before.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    type: Literal["choice", "bool", "number", "text", "path"]
    default: str
    description: str
    values: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    settable: Literal["always", "create"] = "always"
    danger: str = ""


def _bool(name: str, default: str, description: str, danger: str = "") -> PoolProperty:
    values = ("on", "off")
    return PoolProperty(name=name, type="bool", default=default, description=description, values=values, danger=danger)


TABLE: tuple[PoolProperty, ...] = (
    PoolProperty(name="ashift", type="number", default="12", least=9, most=16,
                 description="Sector size as a power of two: 12 is 4 KiB. Holds for vdevs added later.",
                 danger="Too small a value makes writes slow for ever; 512-byte vdevs can't take 4 KiB disks later."),
    _bool("autoexpand", "off", "Use the whole of a disk as soon as it is bigger, without being asked."),
    _bool("autoreplace", "off", "Take a new disk found in the place of a failed one as its replacement.",
          "A disk that is put into that slot loses its data without a question."),
    _bool("autotrim", "off", "Tell the disks at once which blocks are free."),
    PoolProperty(name="cachefile", type="path", default="", values=("none", ""),
                 description="Where the system remembers the pool; empty for the usual place.",
                 danger="With none the pool is not imported at the next start."),
    PoolProperty(name="comment", type="text", default="", most=LONGEST_COMMENT,
                 description="A note that stays with the pool, also while it is exported."),
    PoolProperty(name="compatibility", type="text", default="off", most=1024, values=("off", "legacy"),
                 description="Feature sets that it keeps to, such as openzfs-2.1-linux, so that others can read it."),
    _bool("delegation", "on", "Whether permissions given by `zfs allow` count."),
    PoolProperty(name="failmode", type="choice", default="wait", values=("wait", "continue", "panic"),
                 description="When too many disks fail: wait for them, report errors, or stop the machine.",
                 danger="panic stops the whole machine."),
    _bool("listsnapshots", "off", "Whether `zfs list` shows snapshots without being asked."),
    _bool("multihost", "off", "Write signs of life, so that no other system imports the pool meanwhile."),
)  # fmt: skip
BY_NAME: Mapping[str, PoolProperty] = {found.name: found for found in TABLE}


def checked(wish: Mapping[str, str], *, creating: bool, field: str = "properties") -> dict[str, str]:
    """The wish, when all of it can be set. Raises Invalid that names the property at fault."""
    return {name: _checked(name, value, creating, f"{field}.{name}") for name, value in sorted(wish.items())}


def _checked(name: str, value: str, creating: bool, field: str) -> str:
    found = BY_NAME.get(name)
    if found is None:
        raise Invalid(
            f"“{name}” is no property of a pool that can be set.",
            field=field,
            code="bad_property",
            hint=f"These can be set: {', '.join(BY_NAME)}.",
        )
    if found.settable == "create" and not creating:
        raise Invalid(f"“{name}” can be set only when a pool is made.", field=field, code="bad_property")
    if value not in found.values and (problem := _problem(found, value)):
        raise Invalid(f"{name} {problem}.", field=field, code="bad_property", hint=found.description)
    return value


def _problem(found: PoolProperty, value: str) -> str:
    """What is wrong with a value, as the end of a sentence; "" when nothing is."""
    if found.type in ("choice", "bool"):
        return f"is one of {', '.join(found.values)}"
    if found.type == "number":
        good = value.isascii() and value.isdigit() and len(value) < 9 and found.least <= int(value) <= found.most
        return "" if good else f"is a number from {found.least} to {found.most}"
    if found.type == "path":
        return "" if _PATH.fullmatch(value) and len(value) < 1024 else "is an absolute path"
    pattern = _FILES if found.name == "compatibility" else _TEXT
    if not pattern.fullmatch(value):
        return "holds characters that ZFS does not take: plain ASCII only"
    return "" if len(value) <= found.most else f"is longer than {found.most} characters"
