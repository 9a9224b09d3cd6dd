"""Reads JSON of any shape: what is not there, or is of another type, is None or nothing."""

from __future__ import annotations

from typing import Any

MOST = 2**63 - 1  # what a column holds; counters of NVMe have 128 bits


def pick(document: Any, *path: str) -> Any:
    """The value at this path, or None."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def number(document: Any, *path: str) -> int | None:
    """A whole number at this path that is not negative."""
    value = pick(document, *path)
    return min(value, MOST) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text(document: Any, *path: str) -> str:
    """A text at this path, "" for none."""
    value = pick(document, *path)
    return value.replace("\x00", "") if isinstance(value, str) else ""


def whole(document: Any, *path: str) -> list[Any]:
    """A list at this path, empty for none."""
    value = pick(document, *path)
    return value if isinstance(value, list) else []
