"""blkid(8): the argument list and its output. Pure: runs nothing."""

from __future__ import annotations

import re

from calypso.kernel.errors import ToolGarbage


def probe_argv(path: str) -> list[str]:
    """Reads the disk itself (-p), no cache; `export` is one KEY=value a line."""
    return ["blkid", "-p", "-o", "export", path]


def parse_export(text: str) -> dict[str, str]:
    """The values of ``blkid -o export``, unescaped. Raises ToolGarbage on a line that is no KEY=value."""
    pairs = [line.partition("=") for line in text.split("\n") if line]
    for key, equals, _ in pairs:
        if not equals or not re.fullmatch(r"[A-Z0-9_]+", key):
            raise ToolGarbage("blkid printed something unexpected.", detail=text)
    return {key: re.sub(r"\\(.)", r"\1", value) for key, _, value in pairs}
