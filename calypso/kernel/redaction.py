"""Takes secrets out of text: by the name they are kept under, by their shape, and by their registered value.

Pure but for the set of registered values. `redact` serves logs, records of tool calls and error answers alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

MASK = "•••"

_WORDS = (
    r"password|passwd|passphrase|passcode|secret\w*|token|api[_-]?key|private[_-]?key|signing[_-]?key|credentials?"
    r"|authorization|cookie|csrf\w*|sessionid"
)

_SECRET_KEY = re.compile(rf"(?:^|[._-]|pg)(?:{_WORDS}|pass|key)s?$", re.IGNORECASE)

#: Names that only look like secrets.
_HARMLESS = {"idempotency_key", "primary_key", "key", "keys", "public_key", "sort_key"}

_PATTERNS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL), MASK),
    (re.compile(r"""(authorization["']?\s*[=:]\s*["']?)[^"'\r\n]+""", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b(Bearer)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"), MASK),
    (re.compile(r"\bcal_[A-Za-z0-9_-]{8,}"), f"cal_{MASK}"),
    (re.compile(r"\b([a-z][a-z0-9+.-]*://[^\s:/?#@]*):[^\s/@]+@", re.IGNORECASE), rf"\1:{MASK}@"),
    # name=value, "name": "value", --name value; the value quoted, or up to the next separator; no secret:// reference
    (
        re.compile(
            rf"""((?:{_WORDS}|\bpass)s?["']?\s*[=:]\s*|--?(?:{_WORDS})\s+)"""
            rf"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?!//|secret://)[^\s,;&"'<>)}}\]{MASK}]+)""",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
]

_values: Counter[str] = Counter()


def mask(secret: str) -> None:
    """Registers a value that must never be shown by this process. Very short ones are ignored: they'd hit by chance."""
    if len(secret) >= 6:
        _values[secret] += 1


@contextmanager
def masking(secret: str) -> Iterator[None]:
    """Registers a value for as long as the block works with it."""
    mask(secret)
    try:
        yield
    finally:
        if _values[secret] > 0:
            _values[secret] -= 1
        if not _values[secret]:
            del _values[secret]


def redact(text: str) -> str:
    """The text with every known and every recognisable secret replaced."""
    for value in sorted(_values, key=len, reverse=True):
        text = text.replace(value, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def is_secret_name(name: str) -> bool:
    """Whether what is kept under this name is a secret: `password`, `chap_secret`, `Authorization`, `api_key`, …"""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return snake.lower() not in _HARMLESS and _SECRET_KEY.search(snake) is not None


def masked_value(name: str, value: Any) -> Any:
    """The value as it may be shown under this name: nested mappings and lists too; objects as their text."""
    if value is None or isinstance(value, bool):
        return value
    if is_secret_name(name) and not str(value).startswith("secret://"):  # a reference tells nothing
        return MASK
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): masked_value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked_value("", inner) for inner in value]
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    return redact(str(value))
