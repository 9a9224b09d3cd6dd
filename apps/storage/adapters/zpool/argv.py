"""Argument lists for zpool(8). They are returned, never run; ``--`` keeps a name from being taken as an option."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from apps.storage.adapters.zpool.lists import LIST_COLUMNS
from calypso.kernel.errors import Invalid

_ROLE_ORDER = ("data", "special", "dedup", "log", "cache", "spare")
_TYPE = re.compile(r"stripe|mirror|raidz[1-3]|draid[1-3](?::[0-9]{1,3}[dcs]){0,3}")
_PROPERTY = re.compile(r"[a-z][a-z0-9_:.@-]*\Z")
_SCRUB = {"start": (), "pause": ("-p",), "stop": ("-s",)}


class VdevSpec(NamedTuple):
    """A wished top-level vdev: stripe, mirror, raidz1-3, draid1-3; data, special, dedup, log, cache, spare; paths.

    A draid may tell its data disks, children and distributed spares: ``draid2:4d:11c:1s``.
    """

    type: str
    role: str
    devices: Sequence[str]


def version_argv() -> list[str]:
    """`zfs version`: userland and kernel module, one line each."""
    return ["zfs", "version"]


def list_argv() -> list[str]:
    """All pools, for parse_list()."""
    return ["zpool", "list", "-Hp", "-o", ",".join(LIST_COLUMNS)]


Naming = Literal["names", "guids", "paths"]
_NAMINGS: dict[Naming, list[str]] = {"names": [], "guids": ["-g"], "paths": ["-P"]}


def status_argv(*, json: bool, names: Iterable[str] = (), naming: Naming = "names", surface: bool = False) -> list[str]:
    """All or the named pools with exact counts, for parse_status_json() (OpenZFS 2.3 on) or parse_status_text().

    ``naming``: what stands in the text for each vdev. ``surface``: with the trim and initialisation of each disk.
    """
    form = ["-j", "--json-int"] if json else _NAMINGS[naming]
    wanted = list(names)
    return ["zpool", "status", "-p", *form, *(["-t", "-i"] if surface else []), *(["--", *wanted] if wanted else [])]


def create_argv(
    name: str,
    vdevs: Iterable[tuple[str, str, Sequence[str]]],
    *,
    properties: Mapping[str, str] | None = None,
    filesystem_properties: Mapping[str, str] | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> list[str]:
    """`zpool create`. vdevs: VdevSpec or like tuples in any order. dry_run: the tool checks and prints the layout only.

    Raises Invalid for a type, role, path or property name that could be mistaken for something else.
    """
    flags = ["-f"] * force + ["-n"] * dry_run
    options = [*_options("-o", properties), *_options("-O", filesystem_properties)]
    return ["zpool", "create", *flags, *options, "--", name, *_vdev_words(vdevs)]


def add_argv(name: str, vdevs: Iterable[tuple[str, str, Sequence[str]]], *, force: bool = False) -> list[str]:
    """`zpool add`, with vdevs as for create_argv()."""
    return ["zpool", "add", *["-f"] * force, "--", name, *_vdev_words(vdevs)]


def destroy_argv(name: str) -> list[str]:
    """`zpool destroy`, which asks nothing."""
    return ["zpool", "destroy", "--", name]


def scrub_argv(name: str, action: Literal["start", "pause", "stop"] = "start") -> list[str]:
    """Start (or resume), pause or stop a scrub."""
    return ["zpool", "scrub", *_SCRUB[action], "--", name]


def _options(flag: str, properties: Mapping[str, str] | None) -> list[str]:
    words = []
    for key, value in (properties or {}).items():
        if not _PROPERTY.match(key):
            raise Invalid(f"“{key}” is not the name of a property", field="properties")
        words += [flag, f"{key}={value}"]
    return words


def _vdev_words(vdevs: Iterable[tuple[str, str, Sequence[str]]]) -> list[str]:
    # A role word holds until the next one and may come once; a bare disk after `mirror a b` would join the mirror.
    specs = sorted((_checked(VdevSpec(*vdev)) for vdev in vdevs), key=_order)
    words = []
    for role, members in groupby(specs, key=lambda spec: spec.role):
        words += [] if role == "data" else [role]
        for spec in members:
            words += [*([] if spec.type == "stripe" else [spec.type]), *spec.devices]
    return words


def _order(spec: VdevSpec) -> tuple[int, bool]:
    return _ROLE_ORDER.index(spec.role), spec.type != "stripe"


def _checked(spec: VdevSpec) -> VdevSpec:
    if spec.role not in _ROLE_ORDER or not _TYPE.fullmatch(spec.type):
        raise Invalid(f"There is no vdev of type “{spec.type}” in the role “{spec.role}”", field="vdevs")
    if spec.role in ("cache", "spare") and spec.type != "stripe":
        raise Invalid(f"Disks in the role “{spec.role}” stand alone, not in a {spec.type}", field="vdevs")
    for device in spec.devices:
        if not device.startswith("/") or "\n" in device:
            raise Invalid(f"“{device}” is not an absolute device path", field="vdevs")
    return spec
