"""Argument lists for zfs(8) on datasets. They are returned, never run; ``--`` keeps a name from being an option.

``zfs set`` and ``zfs promote`` know no ``--`` in older versions: names are checked, and begin with a letter.
"""

from __future__ import annotations

from collections.abc import Mapping


def create_argv(
    name: str,
    properties: Mapping[str, str],
    *,
    volsize: int | None = None,
    thin: bool = False,
    parents: bool = False,
) -> list[str]:
    """`zfs create`: a file system, or with ``volsize`` (bytes) a volume. thin: reserve no space for it."""
    volume = [] if volsize is None else [*(["-s"] if thin else []), "-V", str(volsize)]
    return ["zfs", "create", *(["-p"] if parents else []), *volume, *_options(properties), "--", name]


def set_argv(name: str, values: Mapping[str, str]) -> list[str]:
    """`zfs set`, all values at once."""
    return ["zfs", "set", *(f"{key}={_said(key, value)}" for key, value in values.items()), name]


def inherit_argv(name: str, prop: str) -> list[str]:
    """`zfs inherit`: the parent's value, or the default, holds again."""
    return ["zfs", "inherit", "--", prop, name]


def rename_argv(before: str, after: str, *, parents: bool = False) -> list[str]:
    """`zfs rename` of a file system or volume, with all below it."""
    return ["zfs", "rename", *(["-p"] if parents else []), "--", before, after]


def promote_argv(name: str) -> list[str]:
    return ["zfs", "promote", name]


def destroy_argv(name: str, *, recursive: bool = False, clones: bool = False, dry_run: bool = False) -> list[str]:
    """`zfs destroy`, which asks nothing. recursive: with all below and snapshots; clones: those elsewhere as well.

    dry_run: it only prints what it would destroy, for parse_destroyed().
    """
    deep = ["-R"] if clones else ["-r"] if recursive else []
    return ["zfs", "destroy", *deep, *(["-nvp"] if dry_run else []), "--", name]


def mount_argv(name: str) -> list[str]:
    return ["zfs", "mount", "--", name]


def unmount_argv(name: str, *, force: bool = False) -> list[str]:
    """`zfs unmount`: what is mounted below it goes first. force: even when it is in use."""
    return ["zfs", "unmount", *(["-f"] if force else []), "--", name]


def load_key_argv(name: str) -> list[str]:
    """`zfs load-key` of an encryption root; the key comes in on stdin."""
    return ["zfs", "load-key", "--", name]


def check_key_argv(name: str) -> list[str]:
    """`zfs load-key -n`: whether the key on stdin is the right one, also while another is loaded."""
    return ["zfs", "load-key", "-n", "--", name]


def unload_key_argv(name: str) -> list[str]:
    return ["zfs", "unload-key", "--", name]


def change_key_argv(name: str, key_format: str) -> list[str]:
    """`zfs change-key` to a new one, which comes in on stdin. It is an encryption root afterwards."""
    return ["zfs", "change-key", "-o", f"keyformat={key_format}", "-o", "keylocation=prompt", "--", name]


def inherit_key_argv(name: str) -> list[str]:
    """`zfs change-key -i`: it takes its parent's key."""
    return ["zfs", "change-key", "-i", "--", name]


def _options(properties: Mapping[str, str]) -> list[str]:
    return [word for key, value in properties.items() for word in ("-o", f"{key}={_said(key, value)}")]


def _said(key: str, value: str) -> str:
    """A quota of 0, as ``zfs get -p`` shows a missing one, is refused: it wants the word."""
    return "none" if value == "0" and key in ("quota", "refquota") else value
