"""What a dataset's properties are in effect: its own, its ancestors', the defaults. Pure.

Rows hold only what is set on each dataset itself, so that one change of a parent is one change, not ten thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.storage.domain.datasets import DatasetType, Source
from apps.storage.domain.properties import BY_NAME, TABLE, applies, is_inheritable

Own = Mapping[str, Mapping[str, str]]  # {property: {value, source}}
_PATHS_THAT_STAY = ("none", "legacy")


@dataclass(frozen=True)
class Effective:
    """A value in effect; ``ancestor`` is the dataset that it is inherited from, or ""."""

    value: str
    source: Source
    ancestor: str = ""


def ancestors_of(name: str) -> list[str]:
    """The names above a dataset's, the nearest first."""
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def effective(name: str, kind: DatasetType, own: Own, above: Sequence[tuple[str, Own]]) -> dict[str, Effective]:
    """All properties that a dataset has, by name. ``above``: its ancestors' own, the nearest first."""
    set_somewhere = {prop for _, properties in [(name, own), *above] for prop in properties}
    names = {prop.name for prop in TABLE} | set_somewhere
    found = {prop: _one(name, prop, own, above) for prop in sorted(names) if applies(prop, kind)}
    return {prop: value for prop, value in found.items() if value is not None}


def _one(name: str, prop: str, own: Own, above: Sequence[tuple[str, Own]]) -> Effective | None:
    if prop in own:
        return Effective(own[prop]["value"], own[prop]["source"])  # type: ignore[arg-type]  # written from a Source
    if is_inheritable(prop):
        for ancestor, properties in above:
            if prop in properties and properties[prop]["source"] != "none":
                return Effective(_inherited(prop, properties[prop]["value"], name, ancestor), "inherited", ancestor)
    if prop == "mountpoint":
        return Effective(f"/{name}", "default")
    return Effective(BY_NAME[prop].default, "default") if prop in BY_NAME else None


def _inherited(prop: str, value: str, name: str, ancestor: str) -> str:
    """A mountpoint goes on with the names below it."""
    if prop != "mountpoint" or value in _PATHS_THAT_STAY:
        return value
    return value.rstrip("/") + name.removeprefix(ancestor)
