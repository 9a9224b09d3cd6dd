"""Some properties of one dataset. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from apps.storage.adapters.zfs.values import rows


def get_argv(name: str, properties: Sequence[str]) -> list[str]:
    """`zfs get` of these, for parse_get()."""
    return ["zfs", "get", "-Hp", "-o", "property,value,source", "--", ",".join(properties), name]


def parse_get(text: str) -> dict[str, tuple[str, str]]:
    """{property: (value, source)}. Raises ToolGarbage."""
    return {prop: (value, source) for prop, value, source in rows(text, 3)}
