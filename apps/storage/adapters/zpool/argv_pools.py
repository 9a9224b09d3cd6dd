"""Argument lists for what zpool(8) does to a pool as a whole: properties, features, checkpoint, export and import."""

from __future__ import annotations

from collections.abc import Sequence


def get_argv(pool: str, properties: Sequence[str]) -> list[str]:
    """Properties of a pool, for parse_get()."""
    return ["zpool", "get", "-Hp", "-o", "name,property,value,source", ",".join(properties), "--", pool]


def set_argv(pool: str, name: str, value: str) -> list[str]:
    """`zpool set`, which knows no ``--``: the names are of our own table and the pool's begins with a letter."""
    return ["zpool", "set", f"{name}={value}", pool]


def upgrade_argv(pool: str) -> list[str]:
    """Enables all features that this version of ZFS has."""
    return ["zpool", "upgrade", "--", pool]


def checkpoint_argv(pool: str, *, discard: bool = False) -> list[str]:
    return ["zpool", "checkpoint", *["-d"] * discard, "--", pool]


def export_argv(pool: str, *, force: bool = False) -> list[str]:
    """``force``: unmount file systems that are in use."""
    return ["zpool", "export", *["-f"] * force, "--", pool]


def importable_argv(*, destroyed: bool = False) -> list[str]:
    """The pools on attached disks that are not imported, for parse_importable()."""
    return ["zpool", "import", *["-D"] * destroyed]


def import_argv(
    guid: str,
    name: str = "",
    *,
    folders: Sequence[str] = (),
    read_only: bool = False,
    altroot: str = "",
    destroyed: bool = False,
    missing_log: bool = False,
    rewind: bool = False,
    force: bool = False,
) -> list[str]:
    """`zpool import` by GUID; ``name``: a new one; ``rewind``: to its checkpoint.

    A destroyed pool takes -f, too (zpool-import(8)).
    """
    flags = ["-D"] * destroyed + ["-f"] * (force or destroyed) + ["-m"] * missing_log
    flags += ["--rewind-to-checkpoint"] * rewind
    options = ["-o", "readonly=on"] if read_only else []
    places = [word for folder in folders for word in ("-d", folder)]
    root = ["-R", altroot] if altroot else []
    return ["zpool", "import", *flags, *options, *root, *places, "--", guid, *([name] if name else [])]
