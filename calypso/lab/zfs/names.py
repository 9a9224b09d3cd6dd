"""Which names datasets and snapshots may have (zfs_validate_name), and how the tool words what is wrong."""

from __future__ import annotations

import re

from calypso.lab.options import Refused

LONGEST = 255
BAD = re.compile(r"[^A-Za-z0-9_.:/@# -]")


def check(name: str, *, what: str = "create", kind: str = "filesystem") -> None:
    """Raises Refused: ``cannot create 'NAME': why``. kind: filesystem, snapshot or bookmark."""
    why = fault(name, kind)
    if why:
        raise Refused(f"cannot {what} '{name}': {why}\n")


def fault(name: str, kind: str) -> str:
    """What is wrong with a name; "" for nothing."""
    bad = BAD.search(name)
    delimiters = name.count("@") + name.count("#")
    if kind == "filesystem" and delimiters:
        word, sign = ("snapshot", "@") if "@" in name else ("bookmark", "#")
        return f"{word} delimiter '{sign}' is not expected here"
    return next((words for words, wrong in _rules(name, delimiters) if wrong), "") or (
        f"invalid character '{bad[0]}' in name" if bad else ""
    )


def _rules(name: str, delimiters: int) -> list[tuple[str, bool]]:
    parts = re.split("[/@#]", name)
    return [
        ("name is too long", len(name) > LONGEST),
        ("leading slash in name", name.startswith("/")),
        ("trailing slash in name", name.endswith("/")),
        ("multiple '@' and/or '#' delimiters in name", delimiters > 1),
        ("empty component or misplaced '@' or '#' delimiter in name", "" in parts or _slash_after(name)),
        ("self reference, '.' is found in name", "." in parts),
        ("parent reference, '..' is found in name", ".." in parts),
    ]


def _slash_after(name: str) -> bool:
    return bool(re.search("[@#].*/", name))


def parent(name: str) -> str:
    """The name of the dataset above; "" for a pool's root."""
    return name.rpartition("/")[0]
