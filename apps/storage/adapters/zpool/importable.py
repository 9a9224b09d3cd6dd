"""`zpool import` without a name: the pools on attached disks that are not in use here (show_import in zpool_main.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apps.storage.adapters.zpool.model import Vdev, ordered, type_of
from apps.storage.adapters.zpool.status_text import HEADERS, blocks
from apps.storage.adapters.zpool.values import garbage

_GUID = re.compile(r"[0-9]{1,20}")
_DESTROYED = " (DESTROYED)"
_REST = "\tAdditional devices are known to be part of this pool"
GOOD = ("ONLINE", "DEGRADED")


@dataclass(frozen=True, slots=True)
class Importable:
    """One such pool. ``groups`` as in PoolStatus, without counts; states of caches and spares are not told: ""."""

    name: str
    guid: str
    state: str
    destroyed: bool
    status: str
    action: str
    see: str
    groups: tuple[tuple[str, tuple[Vdev, ...]], ...]

    @property
    def foreign(self) -> bool:
        """Another system used it last, or it was not exported there: importing it takes -f."""
        return "the '-f' flag" in self.action or "last accessed by another system" in self.status

    @property
    def missing_log(self) -> bool:
        """A log of it is away: importing it takes -m."""
        return any(vdev.state not in GOOD for vdev in dict(self.groups).get("log", ()))

    @property
    def usable(self) -> bool:
        """Whether enough of it is here."""
        return self.state in GOOD


def parse_importable(text: str) -> tuple[Importable, ...]:
    """The pools that importable_argv()'s command printed. Raises ToolGarbage."""
    return tuple(_pool(fields) for fields in blocks(text))


def _pool(fields: dict[str, list[str]]) -> Importable:
    def words(name: str) -> str:
        return " ".join(" ".join(fields.get(name, [])).split())

    name = "".join(fields["pool"][:1])
    guid, state = words("id"), words("state")
    if not _GUID.fullmatch(guid) or not state:
        garbage("a pool to import", "\n".join(line for lines in fields.values() for line in lines))
    return Importable(
        name=name,
        guid=guid,
        state=state.removesuffix(_DESTROYED),
        destroyed=state.endswith(_DESTROYED),
        status=words("status"),
        action=words("action"),
        see=words("see"),
        groups=_groups(name, fields.get("config", [])),
    )


@dataclass
class _Row:
    depth: int
    name: str
    state: str
    note: str
    children: list[_Row] = field(default_factory=list)

    def vdev(self) -> Vdev:
        kind = type_of(self.name, has_children=bool(self.children))
        return Vdev(self.name, kind, self.state, note=self.note, children=tuple(row.vdev() for row in self.children))


def _groups(name: str, lines: list[str]) -> tuple[tuple[str, tuple[Vdev, ...]], ...]:
    rows = [line for line in lines if line.strip()]
    column = _state_column(name, rows)
    role = "data"
    groups: dict[str, list[_Row]] = {role: []}
    path: list[_Row] = []
    for line in rows[1:]:
        if line.startswith(_REST):
            break
        if line.strip() in HEADERS and not line.startswith("\t "):
            role, path = HEADERS[line.strip()], []
            continue
        row = _row(line, column)
        while path and path[-1].depth >= row.depth:
            path.pop()
        (path[-1].children if path else groups.setdefault(role, [])).append(row)
        path.append(row)
    return ordered({role: [row.vdev() for row in found] for role, found in groups.items()})


def _state_column(name: str, rows: list[str]) -> int:
    """Where the states begin: there is no header, but the first row is the pool's own, and its name is known."""
    if not rows or not rows[0].startswith(f"\t{name} "):
        garbage("the devices of a pool to import", "\n".join(rows))
    rest = rows[0][len(name) + 1 :]
    return len(name) + 1 + len(rest) - len(rest.lstrip(" "))


def _row(line: str, column: int) -> _Row:
    name, rest = line[1:column], line[column:]
    state, _, note = rest.partition(" ")
    if not line.startswith("\t") or not name.strip() or (state and not (state.isupper() and line[column - 1] == " ")):
        garbage("a row of the devices of a pool to import", line)
    return _Row(len(name) - len(name.lstrip(" ")), name.strip(), state, note.strip())
