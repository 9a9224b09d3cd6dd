"""What ``zfs destroy -nvp`` would destroy. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from apps.storage.adapters.zfs.values import garbage, number


@dataclass(frozen=True, slots=True)
class WouldDestroy:
    """Datasets and snapshots by name, in the order of their destruction; ``bytes`` that would be free, where told."""

    names: tuple[str, ...]
    bytes: int | None


def parse_destroyed(text: str) -> WouldDestroy:
    """What a dry run of destroy_argv() printed. Raises ToolGarbage."""
    names, freed = [], None
    for line in text.split("\n"):
        what, _, value = line.partition("\t")
        if what == "destroy" and value:
            names.append(value)
        elif what == "reclaim" and value:
            freed = number(value)
        elif line:
            garbage("a line that tells of nothing to destroy", line)
    return WouldDestroy(tuple(names), freed)
