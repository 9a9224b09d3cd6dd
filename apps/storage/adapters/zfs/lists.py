"""The names of what is in a pool: argv builder and parser. Pure."""

from __future__ import annotations

from apps.storage.adapters.zfs.values import rows


def names_argv(name: str, *, types: tuple[str, ...] = ("filesystem", "volume"), recursive: bool = True) -> list[str]:
    """A pool or dataset with all below it, for parse_names()."""
    flags = ["-r"] if recursive else []
    return ["zfs", "list", "-Hp", *flags, "-t", ",".join(types), "-o", "name", "--", name]


def parse_names(text: str) -> tuple[str, ...]:
    """One a line, in the tool's order. Raises ToolGarbage."""
    return tuple(fields[0] for fields in rows(text, 1))
