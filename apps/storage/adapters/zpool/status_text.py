"""`zpool status` as text: the only form before OpenZFS 2.3 (print_status in zpool_main.c has the layout)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from apps.storage.adapters.zpool.model import Activity, PoolStatus, Vdev, ordered, type_of
from apps.storage.adapters.zpool.values import garbage, number
from apps.storage.adapters.zpool.work_text import activity, checkpoint, expansion, removal, scan

HEADERS = {"logs": "log", "cache": "cache", "spares": "spare", "special": "special", "dedup": "dedup"}
_FIELD = re.compile(r" {0,5}([a-z]+): ?(.*)")
_COUNTS = re.compile(r"\s*([0-9]\S*)\s+([0-9]\S*)\s+([0-9]\S*)(.*)")
_NOTE = re.compile(r"(\((?!resilvering|repairing|awaiting)[^()]*\))")


def parse_status_text(text: str, *, guids: str = "", paths: str = "") -> tuple[PoolStatus, ...]:
    """The pools that `zpool status` printed, none for an empty text. Raises ToolGarbage.

    ``guids`` and ``paths``: what the same command printed with -g and with -P, which is where the text form tells them.
    """
    pools = tuple(_pool(fields) for fields in blocks(text))
    if not guids and not paths:
        return pools
    by_guid = {pool.name: pool for pool in parse_status_text(guids)}
    by_path = {pool.name: pool for pool in parse_status_text(paths)}
    return tuple(
        replace(
            pool,
            groups=tuple(
                (role, _named(vdevs, by_guid[pool.name].group(role), by_path[pool.name].group(role)))
                for role, vdevs in pool.groups
            ),
        )
        if pool.name in by_guid and pool.name in by_path
        else garbage("the pools changed between two looks", text)
        for pool in pools
    )


def _named(vdevs: tuple[Vdev, ...], by_guid: tuple[Vdev, ...], by_path: tuple[Vdev, ...]) -> tuple[Vdev, ...]:
    """The vdevs with the names that the rows at the same places have in the two other looks."""
    if not len(vdevs) == len(by_guid) == len(by_path):
        garbage("the vdevs changed between two looks", "")
    return tuple(
        replace(
            vdev,
            guid=guid.name,
            path=_path(vdev, path.name),
            children=_named(vdev.children, guid.children, path.children),
        )
        for vdev, guid, path in zip(vdevs, by_guid, by_path, strict=True)
    )


def _path(vdev: Vdev, name: str) -> str:
    if vdev.note.startswith("was "):
        return vdev.note.removeprefix("was ")
    return name if name.startswith("/") else ""


def blocks(text: str) -> list[dict[str, list[str]]]:
    """The fields of each pool's block, by name: the lines that each has."""
    pools: list[dict[str, list[str]]] = []
    name = ""
    for line in text.split("\n"):
        found = _FIELD.fullmatch(line)
        if found:
            name = found[1]
            if name == "pool":
                pools.append({})
            _last(pools, text)[name] = [found[2]]
        elif line:
            _last(pools, text).setdefault(name, []).append(line)
    return pools


def _last(pools: list[dict[str, list[str]]], text: str) -> dict[str, list[str]]:
    if not pools:
        garbage("no pool is named", text)
    return pools[-1]


def _pool(fields: dict[str, list[str]]) -> PoolStatus:
    def words(name: str) -> str:
        return " ".join(" ".join(fields.get(name, [])).split())

    root, groups = _tree(fields.get("config", []))
    errors = fields.get("errors", [""])
    return PoolStatus(
        name="".join(fields["pool"][:1]),
        state=words("state"),
        status=words("status"),
        action=words("action"),
        see=words("see"),
        scan=scan(words("scan")),
        root=root,
        groups=ordered(groups),
        errors=errors[0].strip(),
        damaged=tuple(line.strip() for line in errors[1:]),
        removal=removal(words("remove")),
        expansion=expansion(words("expand")),
        checkpoint=checkpoint(words("checkpoint")),
    )


@dataclass
class _Row:
    depth: int
    name: str
    state: str
    counts: tuple[int | None, int | None, int | None]
    note: str
    trim: Activity | None = None
    initialize: Activity | None = None
    children: list[_Row] = field(default_factory=list)

    def vdev(self) -> Vdev:
        kind = type_of(self.name, has_children=bool(self.children))
        children = tuple(child.vdev() for child in self.children)
        return Vdev(
            self.name, kind, self.state, *self.counts, self.note, children, trim=self.trim, initialize=self.initialize
        )


def _tree(lines: list[str]) -> tuple[Vdev, dict[str, list[Vdev]]]:
    """The pool's own row and its top-level vdevs by role."""
    header = next((line for line in lines if line.startswith("\tNAME ")), "")
    column = header.find("STATE")
    rows = lines[lines.index(header) + 1 :] if header else []
    if column < 0 or not rows:
        garbage("no table of devices", "\n".join(lines))
    top = _row(rows[0], column)
    role = "data"
    branches: dict[str, list[_Row]] = {role: []}
    path: list[_Row] = []
    for line in rows[1:]:
        if line.strip() in HEADERS and not line.startswith("\t "):
            role, path = HEADERS[line.strip()], []
            continue
        row = _row(line, column)
        while path and path[-1].depth >= row.depth:
            path.pop()
        (path[-1].children if path else branches.setdefault(role, [])).append(row)
        path.append(row)
    groups = {key: [row.vdev() for row in found] for key, found in branches.items()}
    return Vdev(top.name, "root", top.state, *top.counts, top.note), groups


def _row(line: str, column: int) -> _Row:
    """One row. Names may hold blanks, so the header's STATE column tells where the name ends."""
    name, rest = line[1:column], line[column:]
    state, _, tail = rest.partition(" ")
    if not line.startswith("\t") or not name.strip() or not state.isupper() or line[column - 1] != " ":
        garbage("a row of the device table", line)
    counts = _COUNTS.fullmatch(tail)
    numbers = (number(counts[1]), number(counts[2]), number(counts[3])) if counts else (None, None, None)
    words = counts[4] if counts else tail
    return _Row(
        len(name) - len(name.lstrip(" ")),
        name.strip(),
        state,
        numbers,
        _note(words),
        activity(words, "trimm"),
        activity(words, "initializ"),
    )


def _note(tail: str) -> str:
    return " ".join(_NOTE.sub("", tail).split())
