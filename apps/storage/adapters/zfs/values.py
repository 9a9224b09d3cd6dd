"""Single values as ``zfs list -p`` and ``zfs get -p`` print them. Anything else is ToolGarbage."""

from __future__ import annotations

import re
from typing import NoReturn

from calypso.kernel.errors import ToolGarbage

_DIGITS = 20  # 2**64 has as many
_RATIO = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)x?\Z")


def garbage(what: str, text: str) -> NoReturn:
    """Raise ToolGarbage: `what` could not be read out of `text`."""
    raise ToolGarbage(f"zfs printed something that Calypso can't read: {what}", detail=text)


def number(text: str) -> int:
    """A size in bytes, a count or a time in Unix seconds."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        garbage(f"{text[:40]!r} where a number belongs", text)
    return int(text)


def maybe_number(text: str) -> int | None:
    """Like number(); ``-`` and ``none`` are None."""
    return None if text in ("-", "none") else number(text)


def count(text: str) -> int:
    """Like number(); 0 where the property does not apply."""
    return maybe_number(text) or 0


def ratio(text: str) -> float:
    """``1.42`` or ``1.42x``; 1 where it does not apply."""
    if text == "-":
        return 1.0
    found = _RATIO.match(text)
    if not found:
        garbage(f"{text[:40]!r} where a ratio belongs", text)
    return float(found[1])


def word(text: str) -> str:
    """A text; "" where the property does not apply."""
    return "" if text == "-" else text


def rows(text: str, columns: int) -> list[list[str]]:
    """Lines of -H as their fields: on tabs only, for names may hold blanks."""
    found = [line.split("\t") for line in text.split("\n") if line]
    for fields in found:
        if len(fields) != columns:
            garbage(f"a line of {len(fields)} fields where {columns} belong", "\t".join(fields))
    return found
