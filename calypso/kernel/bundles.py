"""Support bundles: what contexts put into them. Whatever they tell is bounded and masked here, in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from calypso.kernel import secrets
from calypso.kernel.box import AWAY
from calypso.kernel.errors import CalypsoError
from calypso.kernel.redaction import masked_value, masking, redact

FILE_BYTES = 4 * 1024 * 1024  # of one file; its end is kept
CUT = "… the beginning is left out …\n"

# A file's content, given its name and of how many hours: text, or what JSON can tell.
Tell = Callable[[str, int], Any]

log = structlog.get_logger("calypso.bundles")


@dataclass(frozen=True)
class Part:
    """Some files under one heading. ``files``: their names, known beforehand: they are listed before they are made."""

    name: str
    title: str
    files: tuple[str, ...]
    tell: Tell


_parts: dict[str, Part] = {}


def part(name: str, title: str, *files: str) -> Callable[[Tell], Tell]:
    """Registers a part; the function is asked for one file after the other."""

    def register(function: Tell) -> Tell:
        _parts[name] = Part(name, title, files, function)
        return function

    return register


def parts() -> list[Part]:
    return [_parts[name] for name in sorted(_parts)]


def content(name: str, file: str, hours: int) -> bytes:
    """A file of a part as it may leave the box. What can't be told is told so in its place."""
    try:
        told = _parts[name].tell(file, hours)
    except AWAY:
        raise
    except CalypsoError as error:
        told = f"Not to be had: {error.message}\n"
    except Exception as error:
        log.exception("a file of a support bundle could not be made", file=file)
        told = f"Not to be had: {type(error).__name__}; the log has the details.\n"
    return _bounded(masked(told))


def masked(told: Any) -> str:
    """Without secrets: by name, by shape, and every one that this appliance keeps, by its value."""
    with ExitStack() as stack:
        for value in secrets.all_kept():
            stack.enter_context(masking(value))
        if isinstance(told, str):
            return redact(told)
        return redact(orjson.dumps(masked_value("", told), option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def _bounded(text: str) -> bytes:
    data = text.encode(errors="backslashreplace")
    return data if len(data) <= FILE_BYTES else CUT.encode() + data[-FILE_BYTES:]
