"""Values out of the tool's JSON. What is of another type than expected is ToolGarbage."""

from __future__ import annotations

from typing import Any

from apps.storage.adapters.zpool.values import garbage, number, timestamp


def moment(source: dict[str, Any], key: str) -> int | None:
    """Unix seconds from a number, digits or a date; None for 0, ``-`` and absence."""
    value = source.get(key)
    if isinstance(value, str) and ":" in value:
        return timestamp(value)
    return None if value in (None, "-") else whole(value) or None


def whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return number(value)
    garbage(f"{str(value)[:40]!r} is not a number", "")


def count(source: dict[str, Any], key: str) -> int | None:
    return whole(source[key]) if key in source else None


def text(source: dict[str, Any], key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str):
        garbage(f"no text in {key!r}", str(source)[:2000])
    return value


def words(source: dict[str, Any], key: str) -> str:
    return " ".join(text(source, key).split()) if key in source else ""


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        garbage("no list of texts", str(value)[:2000])
    return tuple(value)


def record(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        garbage("an object is missing", str(value)[:2000])
    return value
