"""The lines of chrony.conf(5) and ntp.conf(5) that name servers, in one grammar. All other lines are theirs.

Only `server` and `pool` are looked at: a `peer`, a reference clock (127.127.x.y) and what an included file has stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from apps.system.domain.time import NtpServer, plain_host
from calypso.kernel import files
from calypso.kernel.errors import Invalid

EDIT = "system.ntp_servers"
KINDS = ("server", "pool")
_CLOCK = re.compile(r"127\.127\.\d+\.\d+\Z")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_END = re.compile(r"\r?\n?\Z")


@dataclass(frozen=True)
class _Line:
    """A line that names a server: its words up to a comment, and the comment."""

    words: tuple[str, ...]
    comment: str
    server: NtpServer


def parse(text: str) -> tuple[NtpServer, ...]:
    """The servers that a file names, in its order."""
    return tuple(line.server for line in map(_read, text.split("\n")) if line is not None)


@files.edit(EDIT)
def with_servers(text: str, servers: Iterable[Mapping[str, Any]]) -> str:
    """The text with these servers. Lines that stay are kept as they are, their other options too; new ones follow."""
    wanted = {server.address: server for server in map(NtpServer.model_validate, servers)}
    kept: list[str] = []
    place, end = None, "\n"
    for raw in _LINES.findall(text):
        line = _read(raw)
        if line is None:
            kept.append(raw)
            continue
        ending = _END.search(raw)
        end = ending[0] if ending and ending[0] else end
        wish = wanted.get(line.server.address)
        if wish is not None and wish.kind == line.server.kind:
            del wanted[line.server.address]
            kept.append(raw if wish == line.server else f"{_again(line, wish)}{end}")
        place = len(kept)
    return "".join(_inserted(kept, place, [f"{' '.join(_words(wish))}{end}" for wish in wanted.values()], end))


def _inserted(kept: list[str], place: int | None, new: list[str], end: str) -> Iterator[str]:
    at = len(kept) if place is None else place
    if new and at and not kept[at - 1].endswith("\n"):
        kept[at - 1] += end
    yield from kept[:at]
    yield from new
    yield from kept[at:]


def _read(raw: str) -> _Line | None:
    code, mark, comment = raw.strip().partition("#")
    words = tuple(code.split())
    if len(words) < 2 or words[0].lower() not in KINDS:
        return None
    named = next((word for word in words[1:] if not word.startswith("-")), "")
    if not named or _CLOCK.match(named):
        return None
    try:
        address = plain_host(named, "")
    except Invalid:
        address = named
    options = [word.lower() for word in words]
    kind: Literal["server", "pool"] = "pool" if options[0] == "pool" else "server"
    server = NtpServer.model_construct(
        address=address, kind=kind, iburst="iburst" in options, prefer="prefer" in options
    )
    return _Line(words, f" #{comment}" if mark else "", server)


def _again(line: _Line, wish: NtpServer) -> str:
    """The line with the two options as they are wished for, and everything else as it was."""
    words = [word for word in line.words if word.lower() not in ("iburst", "prefer")]
    return " ".join([*words, *_options(wish)]) + line.comment


def _words(wish: NtpServer) -> list[str]:
    return [wish.kind, wish.address, *_options(wish)]


def _options(wish: NtpServer) -> list[str]:
    return [name for name, on in (("iburst", wish.iburst), ("prefer", wish.prefer)) if on]
