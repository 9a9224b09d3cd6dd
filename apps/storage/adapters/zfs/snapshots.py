"""zfs(8) for snapshots and bookmarks: argv builders and output parsers. Pure: runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.storage.adapters.zfs.values import garbage, number, rows

LONGEST_OPERAND = 100 * 1024  # bytes of one argument: Linux ends at 128 KiB (MAX_ARG_STRLEN)
_COLUMNS = ("name", "guid", "creation", "createtxg", "userrefs", "defer_destroy", "used", "referenced")
_BOOKMARK_COLUMNS = ("name", "guid", "creation", "createtxg")
_OCTAL = re.compile(r"\\0([0-7]{3})")


@dataclass(frozen=True, slots=True)
class SeenSnapshot:
    """A snapshot as `zfs list` shows it: ``name`` in full, times in Unix seconds, sizes in bytes, a count of holds."""

    name: str
    guid: str
    created_at: int
    created_txg: int
    user_references: int
    defer_destroy: bool
    used: int
    referenced: int


@dataclass(frozen=True, slots=True)
class SeenBookmark:
    name: str
    guid: str
    created_at: int
    created_txg: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of `zfs diff`. change: + - M R; kind: F file, / folder, @ link …; to: the new path of a rename."""

    at: float
    change: str
    kind: str
    path: str
    to: str


def snapshot_argv(names: Sequence[str], *, recursive: bool) -> list[str]:
    """All of them in one transaction of the pool, with ``recursive`` those of everything below as well."""
    return ["zfs", "snapshot", *(["-r"] if recursive else []), "--", *names]


def destroy_argv(dataset: str, names: Iterable[str], *, recursive: bool = False, defer: bool = False) -> list[str]:
    """Many of one dataset in one call; recursive: those of these names of everything below as well."""
    flags = [flag for flag, given in (("-r", recursive), ("-d", defer)) if given]
    return ["zfs", "destroy", *flags, "--", f"{dataset}@{','.join(names)}"]


def rollback_argv(name: str, *, newer: bool, clones: bool) -> list[str]:
    flags = ["-R"] if clones else ["-r"] if newer else []
    return ["zfs", "rollback", *flags, "--", name]


def clone_argv(name: str, target: str, properties: Mapping[str, str], *, parents: bool) -> list[str]:
    options = [part for item in properties.items() for part in ("-o", "=".join(item))]
    return ["zfs", "clone", *(["-p"] if parents else []), *options, "--", name, target]


def destroy_clone_argv(target: str) -> list[str]:
    return ["zfs", "destroy", "--", target]


def hold_argv(tag: str, name: str, *, recursive: bool) -> list[str]:
    return ["zfs", "hold", *(["-r"] if recursive else []), "--", tag, name]


def release_argv(tag: str, name: str, *, recursive: bool) -> list[str]:
    return ["zfs", "release", *(["-r"] if recursive else []), "--", tag, name]


def rename_argv(name: str, new: str, *, recursive: bool) -> list[str]:
    return ["zfs", "rename", *(["-r"] if recursive else []), "--", name, new]


def bookmark_argv(name: str, bookmark: str) -> list[str]:
    return ["zfs", "bookmark", "--", name, bookmark]


def destroy_bookmark_argv(bookmark: str) -> list[str]:
    return ["zfs", "destroy", "--", bookmark]


def diff_argv(older: str, newer: str) -> list[str]:
    return ["zfs", "diff", "-FHt", "--", older, newer]


def list_argv(names: Sequence[str]) -> list[str]:
    """These snapshots, for parse_list(). It prints those that exist and fails when one of them does not."""
    return ["zfs", "list", "-Hp", "-t", "snapshot", "-o", ",".join(_COLUMNS), "--", *names]


def list_bookmarks_argv(dataset: str) -> list[str]:
    """A dataset's own bookmarks, for parse_bookmarks()."""
    return ["zfs", "list", "-Hp", "-d", "1", "-t", "bookmark", "-o", ",".join(_BOOKMARK_COLUMNS), "--", dataset]


def holds_argv(names: Sequence[str]) -> list[str]:
    return ["zfs", "holds", "-H", "--", *names]


def written_argv(names: Sequence[str]) -> list[str]:
    """Bytes written since the latest snapshot, for parse_written()."""
    return ["zfs", "list", "-Hp", "-t", "filesystem,volume", "-o", "name,written", "--", *names]


def origin_argv(dataset: str) -> list[str]:
    """The snapshot that a dataset is a clone of, alone on its line."""
    return ["zfs", "list", "-Hp", "-t", "filesystem,volume", "-o", "origin", "--", dataset]


def parse_list(text: str) -> list[SeenSnapshot]:
    """Raises ToolGarbage."""
    return [
        SeenSnapshot(
            name=name,
            guid=guid,
            created_at=number(creation),
            created_txg=number(txg),
            user_references=number(references),
            defer_destroy=deferred == "on",
            used=number(used),
            referenced=number(referenced),
        )
        for name, guid, creation, txg, references, deferred, used, referenced in rows(text, len(_COLUMNS))
    ]


def parse_bookmarks(text: str) -> list[SeenBookmark]:
    """Raises ToolGarbage."""
    found = rows(text, len(_BOOKMARK_COLUMNS))
    return [SeenBookmark(name, guid, number(creation), number(txg)) for name, guid, creation, txg in found]


def parse_holds(text: str) -> dict[str, list[str]]:
    """The tags of each snapshot that has any, sorted. Raises ToolGarbage."""
    found: dict[str, list[str]] = {}
    for name, tag, _ in rows(text, 3):
        found.setdefault(name, []).append(tag)
    return {name: sorted(tags) for name, tags in found.items()}


def parse_written(text: str) -> dict[str, int]:
    """Raises ToolGarbage."""
    return {name: number(written) for name, written in rows(text, 2)}


def parse_diff(text: str) -> list[Difference]:
    """What `zfs diff -FHt` printed: time, change, kind, path, of a rename also the new path. Raises ToolGarbage."""
    found = []
    for line in text.split("\n"):
        fields = line.split("\t")
        if not line:
            continue
        if len(fields) not in (4, 5):
            garbage("a difference", line)
        to = unescaped(fields[4]) if len(fields) == 5 else ""
        found.append(Difference(_seconds(fields[0]), fields[1], fields[2], unescaped(fields[3]), to))
    return found


def unescaped(path: str) -> str:
    """`zfs diff` writes blanks and all that is not ASCII as \\0ooo, byte by byte."""
    if "\\0" not in path:
        return path
    raw = _OCTAL.sub(lambda found: chr(int(found[1], 8) & 255), path)
    data = b"".join(letter.encode("latin-1") if ord(letter) < 256 else letter.encode() for letter in raw)
    return data.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        garbage(f"{text[:40]!r} where a time belongs", text)
