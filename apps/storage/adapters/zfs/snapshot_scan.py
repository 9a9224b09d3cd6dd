"""All snapshots and bookmarks of some datasets in one call. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from apps.storage.adapters.zfs.snapshots import SeenBookmark, SeenSnapshot
from apps.storage.adapters.zfs.values import count, garbage, number, rows

_COLUMNS = ("name", "type", "guid", "creation", "createtxg", "userrefs", "defer_destroy", "used", "referenced")


def scan_argv(datasets: Sequence[str]) -> list[str]:
    """Of these datasets, not of what is below them, for parse_scan()."""
    what = ["-d", "1", "-t", "snapshot,bookmark", "-o", ",".join(_COLUMNS)]
    return ["zfs", "list", "-Hp", *what, "--", *datasets]


def parse_scan(text: str) -> tuple[list[SeenSnapshot], list[SeenBookmark]]:
    """Raises ToolGarbage."""
    snapshots, bookmarks = [], []
    for name, kind, guid, creation, txg, references, deferred, used, referenced in rows(text, len(_COLUMNS)):
        if kind == "bookmark" and "#" in name:
            bookmarks.append(SeenBookmark(name, guid, number(creation), number(txg)))
        elif kind == "snapshot" and "@" in name:
            snapshots.append(
                SeenSnapshot(
                    name=name,
                    guid=guid,
                    created_at=number(creation),
                    created_txg=number(txg),
                    user_references=count(references),
                    defer_destroy=deferred == "on",
                    used=count(used),
                    referenced=count(referenced),
                )
            )
        else:
            garbage("a line that is of no snapshot and no bookmark", name)
    return snapshots, bookmarks
