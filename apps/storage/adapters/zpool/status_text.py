"""`zpool status` as text: the only form before OpenZFS 2.3 (print_status in zpool_main.c has the layout)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apps.storage.adapters.zpool.model import Function, PoolStatus, Scan, Vdev, ordered, type_of
from apps.storage.adapters.zpool.values import DATE, DURATION, duration, garbage, number, timestamp

_HEADERS = {"logs": "log", "cache": "cache", "spares": "spare", "special": "special", "dedup": "dedup"}
_FIELD = re.compile(r" {0,3}([a-z]+): ?(.*)")
_KIND = r"(?:\(\S+\) )?"  # a sequential rebuild names its vdev: "resilver (mirror-0) in progress"
_ENDED = re.compile(
    rf"(?:scrub repaired|resilvered) {_KIND}\S+ in ({DURATION}) with ([0-9]{{1,20}}) errors on ({DATE})"
)
_CANCELED = re.compile(rf"(scrub|resilver) {_KIND}canceled on ({DATE})")
_RUNNING = re.compile(rf"(scrub|resilver) {_KIND}in progress since ({DATE})")
_PAUSED = re.compile(rf"scrub paused since {DATE}.*scrub started on ({DATE})")
_PERCENT = re.compile(r"([0-9]{1,3}\.[0-9]{2})% done")
_TO_GO = re.compile(rf"% done, ({DURATION}) to go")
_COUNTS = re.compile(r"\s*([0-9]\S*)\s+([0-9]\S*)\s+([0-9]\S*)(.*)")
_NOTE = re.compile(r"(\((?!resilvering|repairing|awaiting)[^()]*\))")


def parse_status_text(text: str) -> tuple[PoolStatus, ...]:
    """The pools that `zpool status` printed, none for an empty text. Raises ToolGarbage."""
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
    return tuple(_pool(fields) for fields in pools)


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
        scan=_scan(words("scan")),
        root=root,
        groups=ordered(groups),
        errors=errors[0].strip(),
        damaged=tuple(line.strip() for line in errors[1:]),
    )


def _scan(words: str) -> Scan | None:
    if ended := _ENDED.search(words):
        end = timestamp(ended[3])
        return Scan(
            "scrub" if words.startswith("scrub") else "resilver",
            "finished",
            started_at=end - duration(ended[1]),
            ended_at=end,
            errors=int(ended[2]),
        )
    if canceled := _CANCELED.search(words):
        return Scan(_function(canceled[1]), "canceled", ended_at=timestamp(canceled[2]))
    if paused := _PAUSED.search(words):
        return Scan("scrub", "paused", started_at=timestamp(paused[1]), percent=_percent(words))
    if running := _RUNNING.search(words):
        to_go = _TO_GO.search(words)
        return Scan(
            _function(running[1]),
            "in_progress",
            started_at=timestamp(running[2]),
            percent=_percent(words),
            seconds_to_go=duration(to_go[1]) if to_go else None,
        )
    if words in ("", "none requested"):
        return None
    garbage("a scan line of an unknown form", words)


def _function(word: str) -> Function:
    return "scrub" if word == "scrub" else "resilver"


def _percent(words: str) -> float | None:
    found = _PERCENT.search(words)
    return float(found[1]) if found else None


@dataclass
class _Row:
    depth: int
    name: str
    state: str
    counts: tuple[int | None, int | None, int | None]
    note: str
    children: list[_Row] = field(default_factory=list)

    def vdev(self) -> Vdev:
        kind = type_of(self.name, has_children=bool(self.children))
        return Vdev(self.name, kind, self.state, *self.counts, self.note, tuple(c.vdev() for c in self.children))


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
        if line.strip() in _HEADERS and not line.startswith("\t "):
            role, path = _HEADERS[line.strip()], []
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
    return _Row(len(name) - len(name.lstrip(" ")), name.strip(), state, numbers, _note(counts[4] if counts else tail))


def _note(tail: str) -> str:
    return " ".join(_NOTE.sub("", tail).split())
